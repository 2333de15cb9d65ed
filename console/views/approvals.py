"""The second person's desk: what others proposed, and one's own waiting for somebody else."""

from collections.abc import Callable

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from console import access, consequences, sessions
from console.answering import answer
from console.forms.approvals import WordForm
from console.outcome import Outcome, Seen, foresee, seen
from console.parts import database, settings, vocabulary
from shudi import clock
from shudi.cases.actions import approval, ruling
from shudi.cases.queries import batches, takers
from shudi.cases.rules.policy import Act, Tie, barred
from shudi.errors import Invalid
from shudi.labels.queries import corrections, desk
from shudi.labels.queries.corrections import CorrectionRow
from shudi.labels.queries.desk import LabelView
from shudi.labels.rules import CorrectionKind, CorrectionState, InForce, Resolved, displayed
from shudi.labels.store import Correction
from shudi.staff.rules import Permission

blueprint = Blueprint("approvals", __name__)
_DIGITS = 18  # what a 64-bit id has at most


@blueprint.get("/approvals")
@access.requires(Permission.CORRECTION_READ)
def index() -> ResponseReturnValue:
    """Everything that waits for a second person, oldest first."""
    after = request.args.get("after", "")
    start = int(after) if after.isascii() and after.isdigit() and len(after) <= _DIGITS else None
    with database().read_session() as session:
        rows, following = corrections.proposals(session, after=start)
        lifts = corrections.lift_proposals(session) if start is None else []
        lists = batches.waiting(session) if start is None else []
        none_left = takers.stuck(session)
    return render_template(
        "console/approvals/index.html",
        rows=rows,
        lifts=lifts,
        lists=lists,
        following=following,
        after=start is not None,
        stuck=none_left,
        me_id=sessions.actor().staff_id,
    )


@blueprint.get("/approvals/<int:correction_id>")
@access.requires(Permission.CORRECTION_READ)
def show(correction_id: int) -> ResponseReturnValue:
    """One proposal with its evidence and what readers would see."""
    return _page(correction_id)


@blueprint.post("/approvals/<int:correction_id>/approve")
@access.requires(Permission.CORRECTION_APPROVE)
def approve(correction_id: int) -> ResponseReturnValue:
    """Agree."""
    done = gettext("Approved. Readers see the corrected label from now on.")
    return _act(correction_id, approval.approve, done, _label_seen)


@blueprint.post("/approvals/<int:correction_id>/refuse")
@access.requires(Permission.CORRECTION_APPROVE)
def refuse(correction_id: int) -> ResponseReturnValue:
    """Do not agree, and say why."""
    done = gettext("Refused. If there is a case, it is back in the queue with your reason.")
    return _act(correction_id, approval.refuse, done, _reason)


@blueprint.post("/approvals/<int:correction_id>/refuse-lift")
@access.requires(Permission.CORRECTION_APPROVE)
def refuse_lift(correction_id: int) -> ResponseReturnValue:
    """Want the correction to stay."""
    done = gettext("The correction stays in force.")
    return _act(correction_id, approval.refuse_lift, done, _reason)


@blueprint.post("/approvals/<int:correction_id>/approve-lift")
@access.requires(Permission.CORRECTION_APPROVE)
def approve_lift(correction_id: int) -> ResponseReturnValue:
    """Agree that the correction ends."""
    done = gettext("The correction was lifted. Readers see what activity shows.")
    return _act(correction_id, approval.approve_lift, done)


@blueprint.post("/approvals/<int:correction_id>/withdraw")
@access.requires(Permission.CORRECTION_PROPOSE)
def withdraw(correction_id: int) -> ResponseReturnValue:
    """Take one's own proposal back."""
    return _act(correction_id, approval.withdraw, gettext("Withdrawn. The case is open again."))


def _label_seen(form: WordForm) -> dict[str, object]:
    return {"label_version": form.label_version.data or 0}


def _reason(form: WordForm) -> dict[str, object]:
    return {"text": form.text.data or ""}


def _act(
    correction_id: int,
    act: Callable[..., object],
    done: str,
    more: Callable[[WordForm], dict[str, object]] = lambda _: {},
) -> ResponseReturnValue:
    """A person's word on what they saw; `more` are the values that only some acts take."""
    form = WordForm(request.form)

    def carry_out(session: Session) -> str:
        act(
            session,
            actor=sessions.actor(),
            correction_id=correction_id,
            version=form.version.data,
            now=clock.now(),
            **more(form),
        )
        return done

    def page(problem: str) -> str:
        return _page(correction_id, form, problem)

    return answer(form, carry_out, page=page, then=url_for("approvals.index"), shown=(Invalid,))


def _page(correction_id: int, form: WordForm | None = None, problem: str = "") -> str:
    actor = sessions.actor()
    with database().read_session() as session:
        row = corrections.correction(session, correction_id=correction_id)
        label = desk.label(session, account_id=row.account_id)
        months = desk.months_seen(session, account_id=row.account_id)
        history = corrections.corrections_of(session, account_id=row.account_id)
        kept = session.get_one(Correction, correction_id)
        lifting = row.state is CorrectionState.IN_FORCE and row.lift_proposed_by is not None
        matter = ruling.of_correction(session, kept, lifting=lifting)
        waiting = lifting or row.state is CorrectionState.PROPOSED or row.unconfirmed
        none_left = takers.stuck(session) if waiting else None
    tie = barred(Act.APPROVE, actor, matter)
    asked = row.state is CorrectionState.PROPOSED or row.unconfirmed
    risks = consequences.risks_of(row.lift_risks if lifting else row.risks)
    return render_template(
        "console/approvals/show.html",
        row=row,
        label=label,
        months=months,
        outcome=_outcome(row, label, lifting=lifting),
        lifting=lifting,
        withheld_since=asked and any(_withholds(one, since=row.id) for one in history),
        waiting=waiting,
        nobody=none_left is not None and none_left.holds(correction_id, lifting=lifting),
        reasons=[consequences.RISKS[risk] for risk in risks],
        own=tie is Tie.OWN_PROPOSAL,
        tie=tie,
        may=actor.may(Permission.CORRECTION_APPROVE),
        form=form,
        problem=problem,
    )


def _withholds(row: CorrectionRow, *, since: int) -> bool:
    in_force = row.state is CorrectionState.IN_FORCE
    return in_force and row.kind is CorrectionKind.WITHHOLD and row.id > since


def _outcome(row: CorrectionRow, label: LabelView | None, *, lifting: bool) -> Outcome:
    if lifting:
        return foresee(
            label,
            verdict="lift",
            kind="",
            region="",
            vocabulary=vocabulary(),
            granularity=settings().granularity,
        )
    if row.unconfirmed:
        before = Seen(row.original_state, row.original_region, corrected=False, disputed=False)
        return Outcome(seen(label), before)
    if row.state is not CorrectionState.PROPOSED or label is None:
        return Outcome(seen(label))
    force = InForce(row.kind, row.region)
    after = displayed(Resolved(label.state, label.region), force, hidden=label.hidden)
    return Outcome(seen(label), Seen(after.state, after.region, after.corrected, disputed=False))
