"""The communities we serve, and how one of them ends: by two people's word."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from console import access, errors, sessions
from console.forms.sites import ClosingForm
from console.parts import database
from shudi import clock
from shudi.cases.actions.site_closing import close_site
from shudi.errors import Invalid, NotFound, Stale
from shudi.sites import queries as sites
from shudi.sites.actions import closing
from shudi.staff.rules import Permission

blueprint = Blueprint("sites", __name__)


@blueprint.get("/sites")
@access.requires(Permission.SITE_MANAGE)
def index() -> ResponseReturnValue:
    """Every community, those that were closed last."""
    with database().read_session() as session:
        rows = sites.managed_sites(session)
        waiting = {one.site_id: one for one in sites.closings(session, now=clock.now())}
    return render_template("console/sites/index.html", rows=rows, waiting=waiting)


@blueprint.get("/sites/<int:site_id>")
@access.requires(Permission.SITE_MANAGE)
def show(site_id: int) -> ResponseReturnValue:
    """One community, and its end: to propose, to confirm, or how far it is."""
    return _page(site_id, ClosingForm())


@blueprint.post("/sites/<int:site_id>/close")
@access.requires(Permission.SITE_MANAGE)
@access.dangerous
def propose(site_id: int) -> ResponseReturnValue:
    """Propose the end of it."""
    form = ClosingForm(request.form)
    if not form.validate():
        return _page(site_id, form), 422
    try:
        with database().transaction() as session:
            closing.propose(
                session,
                actor=sessions.actor(),
                site_id=site_id,
                key=form.key.data.strip(),
                reason=form.reason.data,
                now=clock.now(),
            )
    except (Invalid, Stale) as refusal:
        form.key.errors = [errors.words(refusal)]
        return _page(site_id, form), errors.status_of(refusal)
    flash(gettext("Proposed. Another administrator confirms it, or refuses it."), "success")
    return redirect(url_for("sites.show", site_id=site_id), 303)


@blueprint.post("/sites/closings/<int:closing_id>/confirm")
@access.requires(Permission.SITE_MANAGE)
@access.dangerous
def confirm(closing_id: int) -> ResponseReturnValue:
    """The second person's word."""
    with database().transaction() as session:
        site_id = close_site(
            session, actor=sessions.actor(), closing_id=closing_id, now=clock.now()
        )
    flash(gettext("The site is closed. What it held is being erased."), "success")
    return redirect(url_for("sites.show", site_id=site_id), 303)


@blueprint.post("/sites/closings/<int:closing_id>/refuse")
@access.requires(Permission.SITE_MANAGE)
def refuse(closing_id: int) -> ResponseReturnValue:
    """Refuse it, or withdraw what one proposed oneself."""
    with database().transaction() as session:
        site_id = closing.refuse(
            session, actor=sessions.actor(), closing_id=closing_id, now=clock.now()
        )
    flash(gettext("The proposal is off."), "success")
    return redirect(url_for("sites.show", site_id=site_id), 303)


def _page(site_id: int, form: ClosingForm) -> str:
    with database().read_session() as session:
        found = sites.managed_sites(session, site_id=site_id)
        waiting = [
            one for one in sites.closings(session, now=clock.now()) if one.site_id == site_id
        ]
    if not found:
        raise NotFound("site-unknown", "There is no such site.")
    return render_template(
        "console/sites/show.html",
        site=found[0],
        waiting=waiting[0] if waiting else None,
        form=form,
        my_id=sessions.person().staff_id,
    )
