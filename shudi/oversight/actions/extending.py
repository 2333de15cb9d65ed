"""A later end takes two people again."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from shudi.audit.actions import Entry, append, record
from shudi.errors import Invalid, Stale
from shudi.oversight import rules
from shudi.oversight.actions.deciding import check_second_person, forget_longer, running
from shudi.oversight.actions.standing import check_reach
from shudi.oversight.store import Inspection
from shudi.staff.rules import Actor, Permission


def propose_longer(
    session: Session,
    *,
    actor: Actor,
    inspection_id: int,
    version: int,
    days: int,
    text: str,
    now: datetime,
) -> None:
    """Ask that it run `days` from the second person's word on, with the reason."""
    row = running(session, actor, Permission.INSPECTION_PROPOSE, inspection_id, version, now)
    if row.more_by is not None:
        raise Stale("inspection-moved", "This inspection changed meanwhile. Look at it again.")
    rules.check_longer(days=days, ends_at=row.ends_at, now=now)
    if not text.strip():
        raise Invalid("inspection-words", "Say why.")
    row.more_days, row.more_because = days, text.strip()
    row.more_by, row.more_at = actor.staff_id, now
    entry = Entry(
        actor_id=actor.id,
        actor_name=actor.name,
        action="inspection.longer_proposed",
        target_type="inspection",
        target_id=row.id,
        after={"days": days},
        text=text.strip(),
        request_id=actor.request_id,
    )
    append(session, entry, now=now)


def approve_longer(
    session: Session, *, actor: Actor, inspection_id: int, version: int, now: datetime
) -> None:
    """Let it run on. Who may not approve the inspection may not approve this."""
    row = running(session, actor, Permission.INSPECTION_APPROVE, inspection_id, version, now)
    days, proposer = _asked(row)
    check_second_person(session, actor, row, proposer, now)
    check_reach(session, row)
    rules.check_longer(days=days, ends_at=row.ends_at, now=now)
    row.ends_at = now + timedelta(days=days)
    forget_longer(row)
    after = {"ends_at": row.ends_at.isoformat()}
    record(session, actor, "inspection.longer_approved", ("inspection", row.id), now, after)


def drop_longer(
    session: Session, *, actor: Actor, inspection_id: int, version: int, now: datetime
) -> None:
    """Refuse the later end, or take back what one proposed oneself."""
    row = running(session, actor, Permission.INSPECTION_PROPOSE, inspection_id, version, now)
    _asked(row)
    forget_longer(row)
    record(session, actor, "inspection.longer_dropped", ("inspection", row.id), now)


def _asked(row: Inspection) -> tuple[int, int]:
    """The days that are asked for, and who asks."""
    if row.more_days is None or row.more_by is None:
        raise Stale("inspection-moved", "This inspection changed meanwhile. Look at it again.")
    return row.more_days, row.more_by
