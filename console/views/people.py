"""The people who work here: who they are, what they may do, where they are signed in."""

import functools
from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from console import access, errors, places, sessions
from console.forms.notices import VersionForm
from console.forms.people import InviteForm, RoleForm
from console.parts import database, settings
from console.views import scopes
from shudi import clock
from shudi.errors import Invalid, Refused, Stale
from shudi.sites.queries import all_sites
from shudi.staff import actions as acts
from shudi.staff.codec.keyring import link_path
from shudi.staff.queries import people
from shudi.staff.rules import BY_TWO, Permission, Role, appointed_alone, may_appoint
from shudi.staff.store import LinkPurpose

blueprint = Blueprint("people", __name__)
LINK = "enrol-link"  # the category of the message that carries a link, shown this once


@blueprint.get("/people")
@access.requires(Permission.STAFF_MANAGE)
def index() -> ResponseReturnValue:
    """Everybody who works here, and what waits for a second admin."""
    disabled = "disabled" in request.args
    after = request.args.get("after", "").replace("\x00", "")
    now = clock.now()
    with database().read_session() as session:
        rows, following = people.all_people(
            session, actor=sessions.actor(), disabled=disabled, now=now, after=after
        )
        waiting = people.proposals(session, actor=sessions.actor(), now=now)
        names = {site.id: site.name for site in all_sites(session)}
    return render_template(
        "console/people/index.html",
        names=names,
        rows=rows,
        waiting=waiting,
        disabled=disabled,
        after=after,
        following=following,
    )


@blueprint.get("/people/invite")
@access.requires(Permission.STAFF_MANAGE)
def invite() -> ResponseReturnValue:
    """Ask for a name, a role and what they are to work on."""
    form = InviteForm()
    form.fill(sessions.actor().scope)
    _offer(form)
    return _invitation(form)


@blueprint.post("/people/invite")
@access.requires(Permission.STAFF_MANAGE)
@access.dangerous
def invite_submit() -> ResponseReturnValue:
    """Add the person, and show the link for them."""
    form = InviteForm(request.form)
    _offer(form)
    if not form.validate():
        return _invitation(form), 422
    try:
        with database().transaction() as session:
            staff_id, token = acts.invite(
                session,
                actor=sessions.actor(),
                name=form.name.data,
                role=form.role.data,
                scope=form.scope(),
                now=clock.now(),
            )
    except (Invalid, Stale) as error:
        field = form.regions if error.code == "scope-regions" else form.name
        field.errors = [errors.words(error)]
        return _invitation(form), errors.status_of(error)
    _tell(token)
    return redirect(url_for("people.show", staff_id=staff_id), 303)


@blueprint.get("/people/<int:staff_id>")
@access.requires(Permission.STAFF_MANAGE)
def show(staff_id: int) -> ResponseReturnValue:
    """One person."""
    return _page(staff_id)


@blueprint.post("/people/<int:staff_id>/link")
@access.requires(Permission.STAFF_MANAGE)
@access.dangerous
def link(staff_id: int) -> ResponseReturnValue:
    """Make a new link; the one before it ends."""
    return _changed(staff_id, functools.partial(acts.make_link, purpose=LinkPurpose.ENROL))


@blueprint.post("/people/<int:staff_id>/role")
@access.requires(Permission.STAFF_MANAGE)
@access.dangerous
def role(staff_id: int) -> ResponseReturnValue:
    """Give another role: at once, or, where it takes two, by a proposal."""
    form = RoleForm(request.form)
    form.offer_roles(Role)
    if not form.validate():
        return _page(staff_id, gettext("Some fields need another look.")), 422
    wanted: Role = form.role.data
    if wanted in BY_TWO:
        told = gettext("Proposed. Another administrator confirms it, or refuses it.")
        return _changed(staff_id, functools.partial(acts.propose, role=wanted), told)
    told = gettext("The role is changed. They sign in again.")
    return _changed(staff_id, functools.partial(acts.set_role, role=wanted), told)


@blueprint.post("/people/<int:staff_id>/disable")
@access.requires(Permission.STAFF_MANAGE)
@access.dangerous
def disable(staff_id: int) -> ResponseReturnValue:
    """Nothing of theirs works any more."""
    return _changed(staff_id, acts.disable, gettext("Disabled. Every session of theirs is over."))


@blueprint.post("/people/<int:staff_id>/enable")
@access.requires(Permission.STAFF_MANAGE)
@access.dangerous
def enable(staff_id: int) -> ResponseReturnValue:
    """They may work here again, once they have used the link."""
    form = _offering(RoleForm(request.form))
    if not form.validate():
        return _page(staff_id, gettext("Some fields need another look.")), 422
    return _changed(staff_id, functools.partial(acts.enable, role=form.role.data))


@blueprint.post("/people/<int:staff_id>/reset")
@access.requires(Permission.STAFF_MANAGE)
@access.dangerous
def reset(staff_id: int) -> ResponseReturnValue:
    """They set password and second factor anew, by a link."""
    told = gettext("Password and second factor are gone, and every session is over.")
    return _changed(staff_id, acts.reset, told)


@blueprint.post("/people/<int:staff_id>/sessions/end")
@access.requires(Permission.STAFF_MANAGE)
def end_all(staff_id: int) -> ResponseReturnValue:
    """End all their sessions."""
    with database().transaction() as session:
        ended = acts.end_all_sessions(
            session, actor=sessions.actor(), staff_id=staff_id, now=clock.now()
        )
    flash(gettext("Ended sessions: %(count)d.", count=ended), "success")
    return redirect(url_for("people.show", staff_id=staff_id), 303)


@blueprint.post("/people/<int:staff_id>/sessions/<int:sign_in_id>/end")
@access.requires(Permission.STAFF_MANAGE)
def end_one(staff_id: int, sign_in_id: int) -> ResponseReturnValue:
    """End one session."""
    with database().transaction() as session:
        acts.end_session(
            session,
            actor=sessions.actor(),
            staff_id=staff_id,
            sign_in_id=sign_in_id,
            now=clock.now(),
        )
    flash(gettext("The session is over."), "success")
    return redirect(url_for("people.show", staff_id=staff_id), 303)


def _changed(staff_id: int, act: Callable[..., Any], told: str = "") -> ResponseReturnValue:
    """Do it to the person as the page showed them; what it returns as text is a link's token."""
    form = VersionForm(request.form)
    if not form.validate():
        return _page(staff_id, gettext("Some fields need another look.")), 422
    try:
        with database().transaction() as session:
            token = act(
                session,
                actor=sessions.actor(),
                staff_id=staff_id,
                seen=form.version.data,
                now=clock.now(),
            )
    except (Refused, Stale) as error:
        return _page(staff_id, errors.words(error)), errors.status_of(error)
    if told:
        flash(told, "success")
    if isinstance(token, str):
        _tell(token)
    return redirect(url_for("people.show", staff_id=staff_id), 303)


def _invitation(form: InviteForm) -> str:
    """The page that asks, with what was typed."""
    return render_template("console/people/invite.html", form=form, places=places.choices())


def _tell(token: str) -> None:
    """Show a link this once. It travels in the admin's own cookie and is nowhere else legible."""
    flash(settings().base_url.rstrip("/") + link_path(LinkPurpose.ENROL, token), LINK)


def _offer(form: InviteForm) -> None:
    _offering(form)
    with database().read_session() as session:
        scopes.offer(session, form)


def _offering(form: InviteForm | RoleForm) -> Any:
    """The form, with the roles that whoever is signed in gives without a second person."""
    form.offer_roles(appointed_alone(sessions.person().role))
    return form


def _page(staff_id: int, problem: str = "") -> str:
    me, now = sessions.person(), clock.now()
    with database().read_session() as session:
        person = people.person(session, actor=me.actor(), staff_id=staff_id, now=now)
        waiting = people.proposals(session, actor=me.actor(), now=now, staff_id=staff_id)
        rows = people.sessions_of(
            session, staff_id=staff_id, token=sessions.token(), now=now, settings=settings()
        )
        came = people.arrivals(session, staff_id=staff_id)
        names = {site.id: site.name for site in all_sites(session)}
    return render_template(
        "console/people/show.html",
        person=person,
        names=names,
        own=person.id == me.staff_id,
        my_id=me.staff_id,
        waiting=waiting,
        rows=rows,
        came=came,
        limits=settings(),
        roles=[one for one in Role if one is not person.role and may_appoint(me.role, one)],
        alone=appointed_alone(me.role),
        by_two=BY_TWO,
        problem=problem,
        LINK=LINK,
    )
