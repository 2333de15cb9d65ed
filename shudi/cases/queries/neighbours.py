"""The case before and after another one, in the order of the queue."""

import itertools
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.cases.queries.queue import Cursor, Filter, conditions, page
from shudi.cases.store import Case
from shudi.cases.store.queue import by_site
from shudi.db.limits import WALKS
from shudi.errors import NotFound


def neighbour(
    session: Session, *, case_id: int, wanted: Filter, now: datetime, back: bool = False
) -> int | None:
    """The case of `wanted` that comes after `case_id` (with `back`, before it), None at the end.

    Two queries. NotFound where there is no such case; it need not be in the list itself.
    """
    row = session.execute(
        sa.select(Case.severity, Case.due_at, Case.id).where(Case.id == case_id)
    ).first()
    if row is None:
        raise NotFound("case-unknown", "There is no such case.")
    here = Cursor(*row)
    if back:
        before = _before(session, wanted, now, here)
        return session.scalar(before, execution_options={WALKS: True})
    rows, _ = page(session, wanted=wanted, now=now, after=here, limit=1)
    return rows[0].id if rows else None


def _before(session: Session, wanted: Filter, now: datetime, here: Cursor) -> sa.Select[int]:
    """The last of what comes before: of each severity the last one, of these the least severe."""
    parts = []
    for severity, site in itertools.product(wanted.rule.severities, by_site(session)):
        if severity < here.severity:
            continue
        part = (
            sa.select(Case.id, Case.severity, Case.due_at)
            .where(Case.severity == severity, *site, *conditions(wanted, now))
            .order_by(Case.due_at.desc(), Case.id.desc())
            .limit(1)
        )
        if severity == here.severity:
            part = part.where(sa.tuple_(Case.due_at, Case.id) < (here.due_at, here.id))
        found = part.subquery()
        parts.append(sa.select(found.c.id, found.c.severity, found.c.due_at))
    if not parts:
        return sa.select(Case.id).where(sa.false())
    merged = sa.union_all(*parts).subquery()
    order = (merged.c.severity, merged.c.due_at.desc(), merged.c.id.desc())
    return sa.select(merged.c.id).order_by(*order).limit(1)
