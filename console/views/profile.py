"""What a person chose for themselves, and where they are signed in."""

import functools
import zoneinfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from console import access, sessions
from console.errors import words
from console.forms.profile import CareForm, OwnAccountForm, PreferencesForm
from console.language import own_day
from console.parts import database, settings
from shudi import clock
from shudi.accounts import queries as accounts
from shudi.cases.queries.care import today
from shudi.errors import NotFound, Stale
from shudi.sites import queries as sites
from shudi.staff.actions import (
    declare_own_account,
    end_session,
    set_care,
    set_preferences,
    sign_out_elsewhere,
)
from shudi.staff.queries import people

blueprint = Blueprint("profile", __name__)


@blueprint.get("/profile")
@access.signed_in
def index() -> ResponseReturnValue:
    """Preferences, own accounts, sessions."""
    return _show()


@blueprint.post("/profile/preferences")
@access.signed_in
def preferences() -> ResponseReturnValue:
    """Keep language, time zone and colours."""
    form = PreferencesForm(request.form)
    form.offer_timezones(_timezones())
    if not form.validate():
        return _show(preferences=form), 422
    with database().transaction() as session:
        set_preferences(
            session,
            actor=sessions.actor(),
            language=form.language.data,
            timezone=form.timezone.data,
            scheme=form.scheme.data,
            now=clock.now(),
        )
    flash(gettext("Saved."), "success")
    return redirect(url_for("profile.index"), 303)


@blueprint.post("/profile/care")
@access.signed_in
def care() -> ResponseReturnValue:
    """Be reminded of breaks, and count what one reads. Nobody else is told, the log neither."""
    form = CareForm(request.form)
    if not form.validate():
        return _show(care=form), 422
    with database().transaction() as session:
        set_care(
            session,
            actor=sessions.actor(),
            break_minutes=form.break_minutes.data,
            counts=form.counts.data,
        )
    flash(gettext("Saved."), "success")
    return redirect(url_for("profile.index", _anchor="care"), 303)


@blueprint.post("/profile/own-accounts")
@access.signed_in
def own_accounts() -> ResponseReturnValue:
    """Declare an account as one's own."""
    form = OwnAccountForm(request.form)
    form.offer_sites(_sites())
    if not form.validate():
        return _show(own=form), 422
    try:
        account_id = _account_id(form.site.data, form.account.data.strip())
        with database().transaction() as session:
            declare_own_account(
                session, actor=sessions.actor(), account_id=account_id, now=clock.now()
            )
    except (NotFound, Stale) as refusal:
        form.account.errors = [words(refusal)]
        return _show(own=form), 422
    flash(gettext("Declared. Every act of yours on this account is now refused."), "success")
    return redirect(url_for("profile.index"), 303)


@blueprint.post("/profile/sign-out-elsewhere")
@access.signed_in
def elsewhere() -> ResponseReturnValue:
    """End the other sessions."""
    with database().transaction() as session:
        ended = sign_out_elsewhere(
            session, actor=sessions.actor(), token=sessions.token(), now=clock.now()
        )
    flash(gettext("Ended other sessions: %(count)d.", count=ended), "success")
    return redirect(url_for("profile.index"), 303)


@blueprint.post("/profile/sessions/<int:sign_in_id>/end")
@access.signed_in
def end_one(sign_in_id: int) -> ResponseReturnValue:
    """End one of the other sessions."""
    actor = sessions.actor()
    with database().transaction() as session:
        end_session(
            session,
            actor=actor,
            staff_id=actor.staff_id or 0,
            sign_in_id=sign_in_id,
            now=clock.now(),
        )
    flash(gettext("The session is over."), "success")
    return redirect(url_for("profile.index", _anchor="sessions"), 303)


def _show(
    preferences: PreferencesForm | None = None,
    own: OwnAccountForm | None = None,
    care: CareForm | None = None,
) -> str:
    found, now = sessions.person(), clock.now()
    if preferences is None:
        preferences = PreferencesForm(obj=found)
        preferences.offer_timezones(_timezones())
    if own is None:
        own = OwnAccountForm()
        own.offer_sites(_sites())
    with database().read_session() as session:
        rows = people.sessions_of(
            session, staff_id=found.staff_id, token=sessions.token(), now=now, settings=settings()
        )
        came = people.arrivals(session, staff_id=found.staff_id)
        day = today(session, staff_id=found.staff_id, day=own_day(now)) if found.counts else None
        declared = []
        for account_id in sorted(found.own_accounts):
            try:
                declared.append(accounts.account(session, account_id=account_id))
            except NotFound:  # erased since
                continue
    return render_template(
        "console/profile/index.html",
        person=found,
        preferences=preferences,
        own=own,
        care=care or CareForm(obj=found),
        day=day,
        declared=declared,
        rows=rows,
        came=came,
        limits=settings(),
    )


def _account_id(site_key: str, account: str) -> int:
    with database().read_session() as session:
        site = sites.site_by_key(session, site_key)
        found = accounts.search(session, site_id=site.id, text=account) if site else []
    for row in found:
        if row.account == account and row.deleted_at is None:
            return row.id
    raise NotFound("account-unknown", "There is no such account.")


def _sites() -> list[tuple[str, str]]:
    with database().read_session() as session:
        return [(site.key, site.name) for site in sites.all_sites(session)]


@functools.cache
def _timezones() -> tuple[str, ...]:
    return tuple(sorted(name for name in zoneinfo.available_timezones() if "/" in name))
