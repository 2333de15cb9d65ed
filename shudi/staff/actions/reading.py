"""Looks at personal data, put on record. One row a day for each person and thing: the question is
who has seen it, not how often a page was loaded.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.audit.actions import record
from shudi.db import bulk_upsert
from shudi.staff.rules import LOOK_KEPT, Actor, Look
from shudi.staff.store import StaffLook


def note_read(session: Session, *, actor: Actor, look: Look, now: datetime) -> None:
    """Put on record that the actor is shown something, unless that is within a day."""
    if _keep_new(session, actor, [look], now):
        record(session, actor, "data.read", (look.thing, look.name), now)


def note_found(
    session: Session, *, actor: Actor, page: Look, hits: Sequence[Look], now: datetime
) -> None:
    """Put on record what a search on `page` shows the actor, but for what one showed within a
    day. To open a thing is another look than to find it.
    """
    new = _keep_new(session, actor, [one.found() for one in hits], now)
    shown = {
        one.thing: [int(other.name) for other in hits if other.thing == one.thing]
        for one in hits
        if one.found() in new
    }
    if shown:
        record(session, actor, "data.found", (page.thing, page.name), now, shown)


def forget_looks(session: Session, *, now: datetime) -> int:
    """Forget the looks that no other is merged with any more; returns how many."""
    old = sa.delete(StaffLook).where(StaffLook.at <= now - LOOK_KEPT)
    return len(session.execute(old.returning(StaffLook.staff_id)).all())


def _keep_new(session: Session, actor: Actor, looks: Sequence[Look], now: datetime) -> set[Look]:
    """Keep those that are not within a day of an earlier one; which they are."""
    query = sa.select(StaffLook.thing, StaffLook.name)
    known = session.execute(query.where(StaffLook.lately(actor.staff_id, looks, now)))
    new = set(looks) - {Look(*row) for row in known}
    rows = [
        {"staff_id": actor.staff_id, "thing": one.thing, "name": one.name, "at": now}
        for one in sorted(new, key=lambda one: (one.thing, one.name))
    ]
    if rows:
        table = StaffLook.__table__
        bulk_upsert(session, table, rows, key=("staff_id", "thing", "name"), update=("at",))
    return new
