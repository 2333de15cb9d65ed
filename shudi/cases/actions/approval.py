"""The second person's word on a correction, and what it does to the case beside it."""

from datetime import datetime

from sqlalchemy.orm import Session

from shudi.cases.actions import appeals, reverting, ruling
from shudi.cases.actions.closing import close_answered, decide, settle, tell_platform
from shudi.cases.actions.opening import audit, event
from shudi.cases.rules import CaseState, EventKind, Verdict
from shudi.cases.rules.policy import Act, check
from shudi.cases.store import Case
from shudi.errors import NotFound
from shudi.labels.actions import lifting, seconding
from shudi.labels.rules import CorrectionState
from shudi.labels.store import Correction
from shudi.sites.queries import check_serving
from shudi.staff.rules import Actor


def approve(
    session: Session,
    *,
    actor: Actor,
    correction_id: int,
    version: int,
    label_version: int,
    now: datetime,
) -> Correction:
    """Agree: the correction is in force, or stays so, and its case is closed."""
    _check(session, Act.APPROVE, actor, correction_id)
    correction = seconding.approve(
        session,
        actor=actor,
        correction_id=correction_id,
        version=version,
        label_version=label_version,
        now=now,
    )
    case = _case(session, correction)
    if case is not None and case.state is CaseState.AWAITING:
        _close(session, actor, case, correction, now)
    if correction.reverts_id is not None:
        reverting.conclude(session, actor, correction, now)
    close_answered(session, actor=actor, account_id=correction.account_id, now=now)
    return correction


def _close(
    session: Session, actor: Actor, case: Case, correction: Correction, now: datetime
) -> None:
    """Two people have decided: the decision is on record as its proposer's."""
    settle(session, case, now)
    decide(
        session,
        correction.proposed_by,
        case,
        Verdict.CORRECT,
        correction.reason,
        correction.evidence,
        now,
        correction=correction,
        two=True,
        before={"closed": True},
    )
    event(session, case, EventKind.APPROVED, actor, now, data={"correction": correction.id})
    audit(session, actor, "case.decided", case, now, after={"verdict": Verdict.CORRECT.value})
    tell_platform(session, case, Verdict.CORRECT, now)


def refuse(
    session: Session, *, actor: Actor, correction_id: int, version: int, text: str, now: datetime
) -> Correction:
    """Do not agree: the case goes back to the queue with the reason."""
    _check(session, Act.APPROVE, actor, correction_id)
    correction = seconding.refuse(
        session, actor=actor, correction_id=correction_id, version=version, text=text, now=now
    )
    _reopen(session, actor, correction, EventKind.REFUSED, text, now)
    return correction


def withdraw(
    session: Session, *, actor: Actor, correction_id: int, version: int, now: datetime
) -> Correction:
    """Take one's own proposal back: the case is open again."""
    _check(session, Act.WITHDRAW, actor, correction_id)
    correction = seconding.withdraw(
        session, actor=actor, correction_id=correction_id, version=version, now=now
    )
    _reopen(session, actor, correction, EventKind.WITHDRAWN, "", now)
    return correction


def approve_lift(
    session: Session, *, actor: Actor, correction_id: int, version: int, now: datetime
) -> Correction:
    """Agree that a correction ends."""
    _check(session, Act.APPROVE, actor, correction_id, lifting=True)
    correction = lifting.approve_lift(
        session, actor=actor, correction_id=correction_id, version=version, now=now
    )
    reverting.ended(session, actor, correction, now, by=correction.lift_proposed_by, two=True)
    appeals.conclude(session, actor, correction, now)
    close_answered(session, actor=actor, account_id=correction.account_id, now=now)
    return correction


def refuse_lift(
    session: Session, *, actor: Actor, correction_id: int, version: int, text: str, now: datetime
) -> Correction:
    """Want the correction to stay."""
    _check(session, Act.APPROVE, actor, correction_id, lifting=True)
    correction = lifting.refuse_lift(
        session, actor=actor, correction_id=correction_id, version=version, text=text, now=now
    )
    appeals.reopen(session, actor, correction, text, now)
    return correction


def _check(
    session: Session, act: Act, actor: Actor, correction_id: int, *, lifting: bool = False
) -> None:
    correction = session.get(Correction, correction_id)
    if correction is None or not actor.reaches(correction.site_id):
        raise NotFound("correction-unknown", "There is no such correction.")
    check_serving(session, correction.site_id)
    waits = correction.state is CorrectionState.PROPOSED or correction.unconfirmed
    if act is Act.APPROVE and not waits and not lifting:
        return  # there is nothing to agree to, which the act says
    check(act, actor, ruling.of_correction(session, correction, lifting=lifting))


def _case(session: Session, correction: Correction) -> Case | None:
    if correction.case_id is None:
        return None
    return session.get(Case, correction.case_id)


def _reopen(
    session: Session,
    actor: Actor,
    correction: Correction,
    kind: EventKind,
    text: str,
    now: datetime,
) -> None:
    case = _case(session, correction)
    if case is None or case.state is not CaseState.AWAITING:
        return
    case.state, case.updated_at = CaseState.OPEN, now
    event(session, case, kind, actor, now, text, {"correction": correction.id})
    audit(session, actor, "case.reopened", case, now, text=text)
