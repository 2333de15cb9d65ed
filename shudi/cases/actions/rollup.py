"""Keeping what was counted. Doing it again changes nothing."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.audit.actions import record
from shudi.cases.rules.figures import HISTORY, Counted, CountedDay, Figure
from shudi.cases.store.rollup import FigureDay, FigureRow, FigureRun
from shudi.db import bulk_upsert
from shudi.staff.rules import Actor, Permission


def keep(
    session: Session, *, counted: Sequence[Counted], windows: Collection[int], now: datetime
) -> int:
    """Put `counted` in the place of these windows' figures; returns how many there are."""
    session.execute(sa.delete(FigureRow).where(FigureRow.days.in_(windows)))
    rows = [
        {"figure": one.figure, "days": one.days, "part": one.part, "slot": one.slot}
        | {"value": one.value}
        for one in counted
    ]
    if rows:
        session.execute(sa.insert(FigureRow), rows)
    runs = [{"days": days, "as_of": now} for days in sorted(windows)]
    bulk_upsert(session, FigureRun.__table__, runs, key=("days",), update=("as_of",))
    return len(rows)


def keep_days(
    session: Session,
    *,
    counted: Sequence[CountedDay],
    figures: Collection[Figure],
    since: date,
    now: datetime,
) -> int:
    """Put `counted` in the place of these figures since that day; forget what is too old."""
    session.execute(
        sa.delete(FigureDay).where(
            sa.or_(
                sa.and_(FigureDay.figure.in_(figures), FigureDay.day >= since),
                FigureDay.day < (now - 2 * HISTORY).date(),
            )
        )
    )
    rows = [
        {"day": one.day, "figure": one.figure, "part": one.part, "value": one.value}
        for one in counted
    ]
    if rows:
        session.execute(sa.insert(FigureDay), rows)
    return len(rows)


def log_export(session: Session, *, actor: Actor, days: int, now: datetime) -> None:
    """Put on record that somebody takes the figures of a window out of the house."""
    actor.require(Permission.STATISTICS_EXPORT)
    record(session, actor, "statistics.exported", ("statistics", days), now)
