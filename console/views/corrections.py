"""Corrections in force, and ending one before its time."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from console import access, errors, sessions
from console.forms.corrections import LiftForm, read_cursor, write_cursor
from console.outcome import Outcome, foresee, seen
from console.parts import database, settings, vocabulary
from shudi import clock
from shudi.cases.actions import reverting
from shudi.errors import Invalid
from shudi.labels.queries import corrections, desk
from shudi.labels.rules import CorrectionState, lifting_needs_senior, needs_second_person
from shudi.sites import queries as sites
from shudi.staff.rules import Permission

blueprint = Blueprint("corrections", __name__)


@blueprint.get("/corrections")
@access.requires(Permission.CORRECTION_READ)
def index() -> ResponseReturnValue:
    """Corrections in force, the next to end first."""
    after = read_cursor(request.args.get("after", ""))
    with database().read_session() as session:
        known = sites.all_sites(session)
        site = next((one for one in known if one.key == request.args.get("site")), None)
        rows, following = corrections.in_force(
            session, site_id=site.id if site else None, after=after
        )
    return render_template(
        "console/corrections/index.html",
        rows=rows,
        sites=known,
        site=site,
        after=after is not None,
        following=write_cursor(following),
    )


@blueprint.get("/corrections/<int:correction_id>")
@access.requires(Permission.CORRECTION_READ)
def show(correction_id: int) -> ResponseReturnValue:
    """One correction: what, why, who, until when."""
    return _page(correction_id)


@blueprint.post("/corrections/<int:correction_id>/lift")
@access.requires(Permission.CORRECTION_LIFT)
def lift(correction_id: int) -> ResponseReturnValue:
    """End it, or propose to where a second person must agree."""
    form = LiftForm(request.form)
    if not form.validate():
        problem = gettext("Say why the correction should end, in at most 500 characters.")
        return _page(correction_id, form.text.data or "", problem), 422
    try:
        with database().transaction() as session:
            row = reverting.lift(
                session,
                actor=sessions.actor(),
                correction_id=correction_id,
                version=form.version.data,
                text=form.text.data,
                settings=settings(),
                now=clock.now(),
            )
            proposed = row.state is CorrectionState.IN_FORCE
    except Invalid as error:
        return _page(correction_id, form.text.data or "", errors.words(error)), 422
    if proposed:
        flash(gettext("Proposed. Somebody else must agree before the correction ends."), "success")
    else:
        flash(gettext("The correction was lifted. Readers see what activity shows."), "success")
    return redirect(url_for("corrections.show", correction_id=correction_id), 303)


def _page(correction_id: int, text: str = "", problem: str = "") -> str:
    actor = sessions.actor()
    with database().read_session() as session:
        row = corrections.correction(session, correction_id=correction_id)
        label = desk.label(session, account_id=row.account_id)
        dropped = corrections.dropped(session, correction_id=correction_id)
    in_force = row.state is CorrectionState.IN_FORCE
    outcome = Outcome(seen(label))
    if in_force:
        outcome = foresee(
            label,
            verdict="lift",
            kind="",
            region="",
            vocabulary=vocabulary(),
            granularity=settings().granularity,
        )
    senior = actor.may(Permission.CORRECTION_APPROVE)
    return render_template(
        "console/corrections/show.html",
        row=row,
        dropped=dropped,
        outcome=outcome,
        in_force=in_force,
        may_lift=in_force
        and actor.may(Permission.CORRECTION_LIFT)
        and row.account_id not in actor.own_accounts
        and (senior or not lifting_needs_senior(row.kind)),
        senior_needed=lifting_needs_senior(row.kind) and not senior,
        second_needed=needs_second_person(row.kind) and row.expired_at is None,
        text=text,
        problem=problem,
    )
