"""Corrections in force, and ending one before its time."""

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from console import access, consequences, errors, sessions
from console.forms.corrections import LiftForm, read_cursor, write_cursor
from console.outcome import Outcome, Seen, foresee, seen
from console.parts import database, settings, vocabulary
from shudi import clock
from shudi.cases.actions import plans, reverting, ruling
from shudi.cases.queries import batches
from shudi.cases.rules.policy import Act, Risk, Tie, barred
from shudi.errors import Invalid, Refused, Stale
from shudi.labels.queries import corrections, desk
from shudi.labels.queries.corrections import CorrectionRow
from shudi.labels.queries.desk import LabelView
from shudi.labels.rules import CorrectionState, InForce, Resolved, displayed
from shudi.sites import queries as sites
from shudi.staff.rules import Permission

WEEK = timedelta(days=7)
blueprint = Blueprint("corrections", __name__)


@blueprint.get("/corrections")
@access.requires(Permission.CORRECTION_READ)
def index() -> ResponseReturnValue:
    """Corrections in force, the next to end first (`show=week`: those that end within a week),
    or those that are planned (`show=planned`).
    """
    show = request.args.get("show", "")
    show = show if show in ("week", "planned") else ""
    with database().read_session() as session:
        known = sites.all_sites(session)
        site = next((one for one in known if one.key == request.args.get("site")), None)
        rows, following = _listed(session, show, site.id if site else None)
        versions = desk.versions(session, account_ids=[row.account_id for row in rows])
    return render_template(
        "console/corrections/index.html",
        rows=rows,
        versions=versions,
        may_decide=sessions.actor().may(Permission.CASE_DECIDE),
        sites=known,
        site=site,
        show=show,
        after="after" in request.args,
        following=following,
    )


def _listed(session: Session, show: str, site_id: int | None) -> tuple[list[CorrectionRow], str]:
    """One page of a list, and where the next begins."""
    after = read_cursor(request.args.get("after", ""))
    if show == "planned":
        rows, following = corrections.scheduled(session, site_id=site_id, after=after)
        return rows, write_cursor(following)
    before = clock.now() + WEEK if show == "week" else None
    rows, following = corrections.in_force(session, site_id=site_id, before=before, after=after)
    return rows, write_cursor(following)


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
    except (Invalid, Refused) as error:
        return _page(correction_id, form.text.data or "", errors.words(error)), 422
    if proposed:
        flash(gettext("Proposed. Somebody else must agree before the correction ends."), "success")
    else:
        flash(gettext("The correction was lifted. Readers see what activity shows."), "success")
    return redirect(url_for("corrections.show", correction_id=correction_id), 303)


@blueprint.post("/corrections/<int:correction_id>/cancel")
@access.requires(Permission.CORRECTION_PROPOSE)
def cancel(correction_id: int) -> ResponseReturnValue:
    """A planned correction will not begin."""
    form = LiftForm(request.form)
    if not form.validate():
        problem = gettext("Say why it should not begin, in at most 500 characters.")
        return _page(correction_id, form.text.data or "", problem), 422
    try:
        with database().transaction() as session:
            plans.cancel(
                session,
                actor=sessions.actor(),
                correction_id=correction_id,
                version=form.version.data,
                text=form.text.data,
                now=clock.now(),
            )
    except (Invalid, Stale) as error:
        status = 409 if isinstance(error, Stale) else 422
        return _page(correction_id, form.text.data or "", errors.words(error)), status
    flash(gettext("Cancelled. The label stays as it is."), "success")
    return redirect(url_for("corrections.show", correction_id=correction_id), 303)


def _page(correction_id: int, text: str = "", problem: str = "") -> str:
    actor, now = sessions.actor(), clock.now()
    with database().read_session() as session:
        row = corrections.correction(session, correction_id=correction_id)
        label = desk.label(session, account_id=row.account_id)
        dropped = corrections.dropped(session, correction_id=correction_id)
        lists = batches.of_correction(session, correction_id=correction_id)
        kept, _held = ruling.with_label(session, correction_id)
        matter = ruling.of_correction(session, kept)
        risks: tuple[Risk, ...] = ()
        if row.state is CorrectionState.IN_FORCE:
            risks = ruling.risks_of_ending(
                session, actor=actor, correction=kept, restores=False, settings=settings(), now=now
            )
    in_force = row.state is CorrectionState.IN_FORCE
    return render_template(
        "console/corrections/show.html",
        row=row,
        dropped=dropped,
        lists=lists,
        outcome=_outcome(row, label),
        in_force=in_force,
        may_lift=in_force
        and not row.unconfirmed
        and actor.may(Permission.CORRECTION_LIFT)
        and barred(Act.LIFT, actor, matter) is None,
        may_cancel=row.state is CorrectionState.SCHEDULED
        and actor.may(Permission.CORRECTION_PROPOSE)
        and barred(Act.CANCEL, actor, matter) is None,
        senior_needed=barred(Act.LIFT, actor, matter) is Tie.NOT_SENIOR_WITHHELD,
        reasons=[consequences.RISKS[risk] for risk in risks],
        made_by_two=[consequences.RISKS[risk] for risk in consequences.risks_of(row.risks)],
        text=text,
        problem=problem,
    )


def _outcome(row: CorrectionRow, label: LabelView | None) -> Outcome:
    """What readers see now, and without the correction, or once it begins."""
    if row.state is CorrectionState.SCHEDULED and label is not None and not label.hidden:
        begun = displayed(
            Resolved(label.state, label.region), InForce(row.kind, row.region), hidden=False
        )
        return Outcome(
            seen(label), Seen(begun.state, begun.region, begun.corrected, disputed=False)
        )
    if row.state is not CorrectionState.IN_FORCE:
        return Outcome(seen(label))
    return foresee(
        label,
        verdict="lift",
        kind="",
        region="",
        vocabulary=vocabulary(),
        granularity=settings().granularity,
    )
