"""The second person's word, and the end of an inspection before its time."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from shudi.audit.actions import Entry, append, record
from shudi.errors import Invalid, NotAllowed, Stale
from shudi.oversight import rules
from shudi.oversight.actions.standing import check_reach, load, supervisors_of
from shudi.oversight.rules import PROPOSAL_LIFE, InspectionState, Telling
from shudi.oversight.store import Inspection
from shudi.staff.actions.proposals import check_two
from shudi.staff.rules import Actor, Permission


def approve(
    session: Session, *, actor: Actor, inspection_id: int, version: int, now: datetime
) -> None:
    """Let it run, from now on for its days. NotAllowed for the proposer, whom it names, and who
    let the proposer in lately; Refused where a supervisor's scope has become too narrow.
    """
    row = _waiting(session, actor, Permission.INSPECTION_APPROVE, inspection_id, version, now)
    check_second_person(session, actor, row, row.proposed_by, now)
    check_reach(session, row)
    row.state, row.decided_by, row.decided_at = InspectionState.APPROVED, actor.staff_id, now
    row.ends_at = now + timedelta(days=row.days)
    after = {"ends_at": row.ends_at.isoformat()}
    record(session, actor, "inspection.approved", ("inspection", row.id), now, after)


def refuse(
    session: Session, *, actor: Actor, inspection_id: int, version: int, text: str, now: datetime
) -> None:
    """Say no to it, with the reason."""
    row = _waiting(session, actor, Permission.INSPECTION_APPROVE, inspection_id, version, now)
    rules.check_second(
        proposed_by=row.proposed_by,
        decided_by=actor.staff_id,
        supervisors=supervisors_of(session, row.id),
    )
    _drop(session, actor, row, InspectionState.REFUSED, text, now)


def withdraw(
    session: Session, *, actor: Actor, inspection_id: int, version: int, text: str, now: datetime
) -> None:
    """Take back what one proposed oneself, with the reason."""
    row = _waiting(session, actor, Permission.INSPECTION_PROPOSE, inspection_id, version, now)
    if row.proposed_by != actor.staff_id:
        raise NotAllowed("inspection-proposer", "Only the proposer can take this back.")
    _drop(session, actor, row, InspectionState.WITHDRAWN, text, now)


def stop(
    session: Session, *, actor: Actor, inspection_id: int, version: int, text: str, now: datetime
) -> None:
    """End it at once: nothing is seen by it any more. One person is enough for that."""
    row = running(session, actor, Permission.INSPECTION_PROPOSE, inspection_id, version, now)
    row.ended_because = _reason(text)
    row.state, row.ends_at, row.ended_by = InspectionState.ENDED, now, actor.staff_id
    forget_longer(row)
    _record(session, actor, "inspection.stopped", row.id, now, row.ended_because)


def tell(
    session: Session, *, actor: Actor, inspection_id: int, version: int, now: datetime
) -> None:
    """Let holders be told after all, once it is over. There is no act for the other direction."""
    row = load(session, actor, Permission.INSPECTION_PROPOSE, inspection_id, version)
    if row.telling is not Telling.NEVER:
        raise Stale("inspection-moved", "This inspection changed meanwhile. Look at it again.")
    row.telling = Telling.AFTERWARDS
    record(session, actor, "inspection.told", ("inspection", row.id), now)


def check_second_person(
    session: Session, actor: Actor, row: Inspection, proposed_by: int, now: datetime
) -> None:
    """Raise NotAllowed unless the actor is a second person to the proposer and to whom it names."""
    people = supervisors_of(session, row.id)
    rules.check_second(proposed_by=proposed_by, decided_by=actor.staff_id, supervisors=people)
    check_two(session, actor.staff_id, proposed_by, now)


def running(
    session: Session,
    actor: Actor,
    permission: Permission,
    inspection_id: int,
    version: int,
    now: datetime,
) -> Inspection:
    """One that runs, as it was seen; Stale where its time is over."""
    row = load(session, actor, permission, inspection_id, version)
    if not rules.runs(row.state, row.ends_at, now):
        raise Stale("inspection-over", "This inspection does not run any more.")
    return row


def forget_longer(row: Inspection) -> None:
    """Nothing is proposed about its end any more."""
    row.more_days, row.more_because, row.more_by, row.more_at = None, "", None, None


def _waiting(
    session: Session,
    actor: Actor,
    permission: Permission,
    inspection_id: int,
    version: int,
    now: datetime,
) -> Inspection:
    row = load(session, actor, permission, inspection_id, version)
    if row.state is not InspectionState.PROPOSED or now >= row.proposed_at + PROPOSAL_LIFE:
        raise Stale("inspection-decided", "This proposal does not wait any more.")
    return row


def _drop(
    session: Session,
    actor: Actor,
    row: Inspection,
    state: InspectionState,
    text: str,
    now: datetime,
) -> None:
    row.decided_because = _reason(text)
    row.state, row.decided_by, row.decided_at = state, actor.staff_id, now
    _record(session, actor, f"inspection.{state.value}", row.id, now, row.decided_because)


def _reason(text: str) -> str:
    if not text.strip():
        raise Invalid("inspection-words", "Say why.")
    return text.strip()


def _record(
    session: Session, actor: Actor, action: str, inspection_id: int, now: datetime, text: str
) -> None:
    entry = Entry(
        actor_id=actor.id,
        actor_name=actor.name,
        action=action,
        target_type="inspection",
        target_id=inspection_id,
        text=text,
        request_id=actor.request_id,
    )
    append(session, entry, now=now)
