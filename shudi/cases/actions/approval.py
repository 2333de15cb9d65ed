"""The second person's word on a correction, and what it does to the case beside it."""

from datetime import datetime

from sqlalchemy.orm import Session

from shudi.cases.actions.claims import not_excluded
from shudi.cases.actions.opening import audit, event
from shudi.cases.actions.review import close_answered, frozen, settle, tell_platform
from shudi.cases.rules import CaseState, EventKind, Verdict
from shudi.cases.store import Case, Decision
from shudi.labels.actions import corrections, lifting
from shudi.labels.store import Correction
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
    """Agree: the correction is in force and its case is closed."""
    _not_excluded(session, actor, correction_id)
    correction = corrections.approve(
        session,
        actor=actor,
        correction_id=correction_id,
        version=version,
        label_version=label_version,
        now=now,
    )
    case = _case(session, correction)
    if case is not None:
        settle(session, case, now)
        session.add(
            Decision(
                case_id=case.id,
                account_id=case.account_id,
                staff_id=correction.proposed_by,
                at=now,
                verdict=Verdict.CORRECT,
                reason=correction.reason,
                text=correction.evidence,
                correction_id=correction.id,
                frozen=frozen(session, case),
            )
        )
        event(session, case, EventKind.APPROVED, actor, now, data={"correction": correction.id})
        audit(session, actor, "case.decided", case, now, after={"verdict": "correct"})
        tell_platform(session, case, Verdict.CORRECT, now)
    close_answered(session, actor=actor, account_id=correction.account_id, now=now)
    return correction


def refuse(
    session: Session, *, actor: Actor, correction_id: int, version: int, text: str, now: datetime
) -> Correction:
    """Do not agree: the case goes back to the queue with the reason."""
    _not_excluded(session, actor, correction_id)
    correction = corrections.refuse(
        session, actor=actor, correction_id=correction_id, version=version, text=text, now=now
    )
    _reopen(session, actor, correction, EventKind.REFUSED, text, now)
    return correction


def withdraw(
    session: Session, *, actor: Actor, correction_id: int, version: int, now: datetime
) -> Correction:
    """Take one's own proposal back: the case is open again."""
    correction = corrections.withdraw(
        session, actor=actor, correction_id=correction_id, version=version, now=now
    )
    _reopen(session, actor, correction, EventKind.WITHDRAWN, "", now)
    return correction


def lift(
    session: Session, *, actor: Actor, correction_id: int, version: int, text: str, now: datetime
) -> Correction:
    """End a correction before its time, or propose to."""
    _not_excluded(session, actor, correction_id)
    correction = lifting.lift(
        session, actor=actor, correction_id=correction_id, version=version, text=text, now=now
    )
    close_answered(session, actor=actor, account_id=correction.account_id, now=now)
    return correction


def approve_lift(
    session: Session, *, actor: Actor, correction_id: int, version: int, now: datetime
) -> Correction:
    """Agree that a correction ends before its time."""
    _not_excluded(session, actor, correction_id)
    correction = lifting.approve_lift(
        session, actor=actor, correction_id=correction_id, version=version, now=now
    )
    close_answered(session, actor=actor, account_id=correction.account_id, now=now)
    return correction


def refuse_lift(
    session: Session, *, actor: Actor, correction_id: int, version: int, text: str, now: datetime
) -> Correction:
    """Want the correction to stay."""
    _not_excluded(session, actor, correction_id)
    return lifting.refuse_lift(
        session, actor=actor, correction_id=correction_id, version=version, text=text, now=now
    )


def _not_excluded(session: Session, actor: Actor, correction_id: int) -> None:
    correction = session.get(Correction, correction_id)
    if correction is not None:
        not_excluded(session, actor, correction.account_id)


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
