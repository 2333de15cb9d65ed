"""What somebody does for themselves: breaks, and a count of what they read today.

Nobody else is told: unlike every other act, these leave no audit row (docs/decisions/0014-care.md).
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.db import bulk_upsert
from shudi.errors import Invalid, NotAllowed, NotFound
from shudi.staff.rules import BREAKS, Actor
from shudi.staff.store import Staff, StaffExposure


def set_care(session: Session, *, actor: Actor, break_minutes: int, counts: bool) -> None:
    """Be reminded after so many minutes (0: never), and count; what was counted goes with it."""
    if break_minutes not in (0, *BREAKS):
        raise Invalid("preference", "There is no such choice.")
    if actor.staff_id is None:
        raise NotAllowed("not-staff", "Only people who work here can do this.")
    person = session.get(Staff, actor.staff_id)
    if person is None:
        raise NotFound("staff", "There is no such person.")
    person.break_minutes, person.counts = break_minutes, counts
    if not counts:
        session.execute(sa.delete(StaffExposure).where(StaffExposure.staff_id == person.id))


def note_opened(session: Session, *, actor: Actor, case_id: int, until: datetime) -> None:
    """Count a case that the actor opened, once, until their day ends."""
    row = {"staff_id": actor.staff_id, "case_id": case_id, "until": until}
    table = StaffExposure.__table__
    bulk_upsert(session, table, [row], key=("staff_id", "case_id"), update=("until",))


def forget_days(session: Session, *, now: datetime) -> int:
    """Forget what was counted on days that are over; returns how many rows."""
    over = sa.delete(StaffExposure).where(StaffExposure.until <= now)
    return len(session.execute(over.returning(StaffExposure.case_id)).all())
