"""Decisions that were taken: one's own, and taking one back."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from console import access, consequences, decision_words, errors, sessions
from console.forms.taken import BackForm
from console.outcome import Outcome, Seen, seen
from console.parts import database, settings, vocabulary
from shudi import clock
from shudi.cases.actions import reverting, ruling, undoing, values_back
from shudi.cases.queries import decisions
from shudi.cases.queries.case import submitted_of
from shudi.cases.queries.decisions import DecisionRow
from shudi.cases.rules import Verdict
from shudi.cases.rules.decisions import ON_VALUES, Stands
from shudi.cases.rules.policy import UNDO_FOR, Risk, can_undo
from shudi.errors import Invalid, Refused, Stale
from shudi.labels.queries import desk
from shudi.labels.rules import CorrectionState, InForce, Resolved, displayed
from shudi.labels.store import Correction, Label
from shudi.staff.rules import Permission

blueprint = Blueprint("taken", __name__)
blueprint.record_once(
    lambda state: state.app.jinja_env.globals.update(decision_words=decision_words)
)
_DIGITS = 18  # what a 64-bit id has at most


@blueprint.app_template_global("undo_until")
def undo_until(row: DecisionRow) -> bool:
    """Whether this person can still undo the decision; the page offers it then."""
    actor, now = sessions.actor(), clock.now()
    mine = row.staff_id == actor.staff_id or actor.may(Permission.CORRECTION_APPROVE)
    open_to_it = row.state is Stands.STANDS and row.version > 0
    allowed = actor.may(Permission.CASE_DECIDE) and row.account_id not in actor.own_accounts
    return mine and open_to_it and allowed and can_undo(at=row.at, now=now, two_made=row.two)


@blueprint.get("/decisions")
@access.requires(Permission.CASE_DECIDE)
def index() -> ResponseReturnValue:
    """One's own decisions, newest first."""
    after = request.args.get("after", "")
    start = int(after) if after.isascii() and after.isdigit() and len(after) <= _DIGITS else None
    with database().read_session() as session:
        rows, following = decisions.of_person(
            session, staff_id=sessions.actor().staff_id or 0, after=start
        )
    return render_template(
        "console/taken/index.html", rows=rows, following=following, after=start is not None
    )


@blueprint.get("/decisions/<int:decision_id>")
@access.requires(Permission.CASE_READ)
def show(decision_id: int) -> ResponseReturnValue:
    """One decision: whether it stands, and what taking it back would do."""
    return _page(decision_id)


@blueprint.post("/decisions/<int:decision_id>/undo")
@access.requires(Permission.CASE_DECIDE)
def undo(decision_id: int) -> ResponseReturnValue:
    """As if it had not been: the case is open again."""
    form = BackForm(request.form)
    if not form.validate():
        return _page(decision_id, form, gettext("Some fields need another look.")), 422
    try:
        with database().transaction() as session:
            undoing.undo(
                session,
                actor=sessions.actor(),
                targets=[undoing.Target(decision_id, form.version.data)],
                text=form.text.data or "",
                settings=settings(),
                now=clock.now(),
            )
    except (Invalid, Refused, Stale) as error:
        return _refused(decision_id, form, error)
    with database().read_session() as session:
        row = decisions.decision(session, decision_id=decision_id)
    if row.verdict in ON_VALUES:
        flash(gettext("Undone. The account's information is what it was before."), "success")
    else:
        flash(gettext("Undone. The case is open again, and the label is what it was."), "success")
    return redirect(url_for("cases.show", case_id=row.case_id), 303)


@blueprint.post("/decisions/<int:decision_id>/revert")
@access.requires(Permission.CASE_DECIDE)
def revert(decision_id: int) -> ResponseReturnValue:
    """Another decision restores what was before."""
    form = BackForm(request.form)
    if not form.validate():
        return _page(decision_id, form, gettext("Some fields need another look.")), 422
    try:
        with database().transaction() as session:
            told = _revert(session, decision_id, form)
    except (Invalid, Refused, Stale) as error:
        return _refused(decision_id, form, error)
    flash(told, "success")
    return redirect(url_for("taken.show", decision_id=decision_id), 303)


def _revert(session: Session, decision_id: int, form: BackForm) -> str:
    """Call the act for what was decided on; returns what to tell."""
    actor, text, now = sessions.actor(), form.text.data or "", clock.now()
    row = decisions.decision(session, decision_id=decision_id)
    if row.verdict in ON_VALUES:
        values_back.revert(
            session,
            actor=actor,
            decision_id=decision_id,
            version=form.version.data,
            text=text,
            now=now,
        )
        return str(gettext("Reverted. The platform is told what is live now."))
    [done] = reverting.revert(
        session,
        actor=actor,
        targets=[reverting.Seen(decision_id, form.version.data, form.label_version.data or 0)],
        text=text,
        vocabulary=vocabulary(),
        settings=settings(),
        now=now,
    )
    if done.waits:
        return str(gettext("Proposed. A senior other than you must agree before it is so."))
    return str(gettext("Reverted. Readers see what was there before."))


def _refused(
    decision_id: int, form: BackForm, error: Invalid | Refused | Stale
) -> ResponseReturnValue:
    """What stands now, with the typed reason kept."""
    status = 409 if isinstance(error, Stale) else 422
    return _page(decision_id, form, errors.words(error)), status


def _page(decision_id: int, form: BackForm | None = None, problem: str = "") -> str:
    actor, now = sessions.actor(), clock.now()
    with database().read_session() as session:
        row = decisions.decision(session, decision_id=decision_id)
        label = desk.label(session, account_id=row.account_id) if row.account_id else None
        after, risks, waits = _reverted(session, row)
        values = submitted_of(session, decision_id=decision_id)
    may = actor.may(Permission.CASE_DECIDE) and row.account_id not in actor.own_accounts
    on_values = row.verdict in ON_VALUES
    reverts = row.staff_id != actor.staff_id if on_values else after is not None and not waits
    return render_template(
        "console/taken/show.html",
        row=row,
        form=form,
        problem=problem,
        outcome=Outcome(seen(label), after),
        reasons=[consequences.RISKS[risk] for risk in risks],
        waits=waits,
        undo_ends=row.at + UNDO_FOR,
        may_undo=undo_until(row),
        may_revert=may and reverts and row.state is Stands.STANDS,
        on_values=on_values,
        own=on_values and row.staff_id == actor.staff_id,
        values=values,
        now=now,
    )


def _reverted(session: Session, row: DecisionRow) -> tuple[Seen | None, tuple[Risk, ...], bool]:
    """What readers would see, whether it takes two, and whether that is asked for already."""
    correction = session.get(Correction, row.correction_id) if row.correction_id else None
    label = session.get(Label, row.account_id) if row.account_id else None
    if correction is None or label is None or correction.state is not CorrectionState.IN_FORCE:
        return _imposed(row, correction), (), False
    shown = ruling.without(session, label, correction, clock.now(), restores=True)
    risks = ruling.risks_of_ending(
        session,
        actor=sessions.actor(),
        correction=correction,
        restores=True,
        settings=settings(),
        now=clock.now(),
    )
    after = Seen(shown.state, shown.region, shown.corrected, disputed=label.disputed)
    return after, risks, correction.lift_proposed_by is not None or correction.unconfirmed


def _imposed(row: DecisionRow, correction: Correction | None) -> Seen | None:
    """What a correction that a decision ended would show again."""
    if correction is None or correction.state is not CorrectionState.LIFTED:
        return None
    if row.verdict not in (Verdict.LIFT, Verdict.REVERT):
        return None
    was = Resolved(correction.original_state, correction.original_region)
    shown = displayed(was, InForce(correction.kind, correction.region), hidden=False)
    return Seen(shown.state, shown.region, shown.corrected, disputed=False)
