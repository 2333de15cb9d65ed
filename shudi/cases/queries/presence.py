"""Who is looking at which case just now. Names for the console only."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.cases.store.queue import Presence
from shudi.staff.store import Staff


def present(
    session: Session, *, case_ids: Collection[int], but: int, now: datetime
) -> dict[int, list[str]]:
    """The names of whoever has each of these cases open, without the person `but`; one query."""
    rows = session.execute(
        sa.select(Presence.case_id, Staff.name)
        .join(Staff, Staff.id == Presence.staff_id)
        .where(Presence.case_id.in_(case_ids), Presence.expires_at > now, Presence.staff_id != but)
        .order_by(Staff.name)
    )
    found: dict[int, list[str]] = {}
    for case_id, name in rows:
        found.setdefault(case_id, []).append(name)
    return found
