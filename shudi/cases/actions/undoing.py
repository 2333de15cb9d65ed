"""Taking a decision back within ten minutes, as if it had not been."""

import dataclasses
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.store import Account
from shudi.cases.actions import answers, ruling, values_back
from shudi.cases.actions.closing import close_answered, label_of_case, tell_taken_back
from shudi.cases.actions.opening import audit, event
from shudi.cases.actions.standing import imposes, standing_of
from shudi.cases.actions.weighing import reweigh_account
from shudi.cases.rules import CaseKind, CaseState, EventKind, Verdict
from shudi.cases.rules.decisions import ON_VALUES, Stands, check_kept
from shudi.cases.rules.policy import Act, check, check_undo
from shudi.cases.store import Case, Claim, Decision
from shudi.cases.store.decisions import Standing
from shudi.errors import NotFound, Stale
from shudi.labels.actions import restoring
from shudi.labels.actions.display import touch
from shudi.labels.rules import CorrectionState
from shudi.labels.store import Correction
from shudi.settings import Settings
from shudi.sites.queries import check_serving
from shudi.staff.rules import Actor, Permission


@dataclasses.dataclass(frozen=True, slots=True)
class Target:
    """A decision, and the version of its standing that the person saw."""

    decision_id: int
    version: int


def undo(
    session: Session,
    *,
    actor: Actor,
    targets: Sequence[Target],
    text: str,
    settings: Settings,
    now: datetime,
    in_time: bool = False,
) -> None:
    """Take back all of these decisions, or none. Each case is open again and its former holder's,
    the label is what it was, or the values that waited wait again. `in_time`: a batch that they
    belong to was taken back within its ten minutes, whenever the worker comes to them.
    """
    actor.require(Permission.CASE_DECIDE)
    for target in targets:
        _undo(session, actor, target, text, settings, now, in_time=in_time)


def _undo(
    session: Session,
    actor: Actor,
    target: Target,
    text: str,
    settings: Settings,
    now: datetime,
    *,
    in_time: bool,
) -> None:
    decision, standing = standing_of(session, target.decision_id, target.version)
    matter = ruling.matter(session, decision.account_id)
    check(Act.UNDO, actor, dataclasses.replace(matter, decider=decision.staff_id))
    check_undo(at=now if in_time else decision.at, now=now, two_made=standing.two)
    check_kept(standing.before)
    case = session.get_one(Case, decision.case_id)
    _check_there(session, case)
    if standing.before.get("closed"):
        _check_reopens(session, case)
    if decision.verdict in ON_VALUES:
        values_back.give_back(session, decision, standing, now)
    else:
        _give_back(session, actor, decision, standing, case, now)
    standing.state, standing.changed_at = Stands.UNDONE, now
    standing.changed_by = actor.staff_id
    if standing.before.get("closed"):
        _reopen(session, case, standing, settings, now)
    former = standing.before.get("reverts")
    if former is not None:
        _stands_again(session, former)
    data = {"decision": decision.id, "verdict": decision.verdict.value}
    event(session, case, EventKind.UNDONE, actor, now, text, data)
    audit(session, actor, "case.undone", case, now, after=data, text=text)
    if decision.verdict not in ON_VALUES:
        tell_taken_back(session, case, decision.verdict, now)
    if case.account_id is not None:
        close_answered(session, actor=actor, account_id=case.account_id, now=now)


def _check_there(session: Session, case: Case) -> None:
    """Nothing is asked about an account that was erased, or of a site that is closed."""
    check_serving(session, case.site_id)
    account = session.get(Account, case.account_id) if case.account_id is not None else None
    if account is not None and account.deleted_at is not None:
        raise NotFound("account-unknown", "There is no such account.")


def _check_reopens(session: Session, case: Case) -> None:
    other = session.scalar(
        sa.select(Case.id).where(
            Case.account_id == case.account_id,
            Case.kind == case.kind,
            Case.state != CaseState.CLOSED,
            Case.id != case.id,
        )
    )
    if case.state is not CaseState.CLOSED or other is not None:
        raise Stale("case-again", "The same question is open again by now.")


def _give_back(
    session: Session,
    actor: Actor,
    decision: Decision,
    standing: Standing,
    case: Case,
    now: datetime,
) -> None:
    """The label as it was before the decision."""
    correction = session.get(Correction, decision.correction_id) if decision.correction_id else None
    if decision.verdict is Verdict.KEEP:
        _expire_again(session, decision, standing)
    elif correction is None:
        return
    elif imposes(decision, standing, correction):
        restoring.undo(session, actor, correction, now)
    else:
        asked = bool(standing.before.get("closed")) and case.kind is CaseKind.EXPIRY
        restoring.put_back(session, actor, correction, now, asked=asked)


def _expire_again(session: Session, decision: Decision, standing: Standing) -> None:
    """A correction that was kept for another term is at its end again."""
    if "expires_at" not in standing.before:
        return
    case = session.get_one(Case, decision.case_id)
    correction = session.get_one(Correction, case.correction_id)
    if correction.state is not CorrectionState.IN_FORCE:
        raise Stale("correction-moved", "This correction does not stand any more.")
    correction.expires_at = _instant(standing.before["expires_at"])
    correction.expired_at = _instant(standing.before["expired"])


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _reopen(
    session: Session, case: Case, standing: Standing, settings: Settings, now: datetime
) -> None:
    """The case as it was, with whoever held it."""
    case.state, case.closed_at, case.updated_at = CaseState.OPEN, None, now
    label = label_of_case(session, case)
    if case.kind is CaseKind.CONTEST:
        answers.ask_again(session, case)
    if case.kind is CaseKind.CONTEST and label is not None and answers.marked(session, case):
        label.disputed = True
        touch(session, label, now)
        reweigh_account(session, label.account_id)
    holder = standing.before.get("holder")
    if holder is not None:
        until = now + timedelta(minutes=settings.lease_minutes)
        session.add(Claim(case_id=case.id, staff_id=holder, claimed_at=now, expires_at=until))


def _stands_again(session: Session, decision_id: int) -> None:
    former = session.get_one(Standing, decision_id)
    former.state, former.reverted_by = Stands.STANDS, None
    former.changed_at = former.changed_by = None
