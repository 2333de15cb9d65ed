"""Counting day by day: what came in, what went out, and how the geo sources drift apart."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.cases.queries.counting import answers
from shudi.cases.rules.figures import (
    FEWEST,
    HISTORY,
    CountedDay,
    Figure,
    per_mille,
    stands_alone,
)
from shudi.cases.store import Case
from shudi.cases.store.rollup import FigureDay, FigureRun
from shudi.db.moments import day_of
from shudi.labels.queries.desk import parse_evidence
from shudi.labels.store import Evidence, LatestActivity

FLOW = (Figure.OPENED, Figure.CLOSED, Figure.ANSWERED_IN_TIME, Figure.ANSWERED_LATE)
DRIFT = (Figure.SOURCE_DIFFERS, Figure.SOURCE_SILENT)


def recount_from(session: Session, *, now: datetime) -> date:
    """The first day whose flow may have changed since it was last kept."""
    first = session.scalar(sa.select(sa.func.min(FigureDay.day)).where(FigureDay.figure.in_(FLOW)))
    run = session.scalar(sa.select(FigureRun.as_of).where(FigureRun.days == 0))
    if run is None or first is None:
        return (now - HISTORY).date()
    return (min(run, now) - timedelta(days=1)).date()


def flow(session: Session, *, since: date) -> list[CountedDay]:
    """Cases opened, closed, answered in time and late, on each UTC day since."""
    start = datetime.combine(since, time(), UTC)
    found = answers(start).subquery()
    timely = found.c.at <= found.c.due_at
    parts = (
        _by_day(Figure.OPENED, Case.opened_at, Case.kind, Case.opened_at >= start),
        _by_day(Figure.CLOSED, Case.closed_at, Case.kind, Case.closed_at >= start),
        _by_day(Figure.ANSWERED_IN_TIME, found.c.at, found.c.kind, timely),
        _by_day(Figure.ANSWERED_LATE, found.c.at, found.c.kind, ~timely),
    )
    rows = session.execute(sa.union_all(*parts))
    return [
        CountedDay(Figure(name), date.fromisoformat(day), kind, n) for name, day, kind, n in rows
    ]


def _by_day(figure: Figure, at: Any, kind: Any, condition: Any) -> sa.Select[Any]:
    day: Any = day_of(at)
    name = sa.literal(figure.value).label("name")
    # to_char's pattern and the time zone are literals of the SQL: the same text groups
    return (
        sa.select(name, day.label("day"), kind.label("kind"), sa.func.count())
        .where(condition)
        .group_by(day, kind)
    )


def drift(session: Session, *, now: datetime) -> list[CountedDay]:
    """Today's share of accounts for which each source stands alone, or says nothing.

    Distinct answers are kept once, so this groups by them and reads each text once.
    """
    held = (
        sa.select(LatestActivity.evidence_id, sa.func.count().label("n"))
        .group_by(LatestActivity.evidence_id)
        .subquery()
    )
    query = sa.select(Evidence.text, held.c.n).join(held, held.c.evidence_id == Evidence.id)
    asked: dict[str, list[int]] = {}  # source: accounts, stands alone, silent
    for text, n in session.execute(query):
        sources = parse_evidence(text).sources
        places = [one.region for one in sources]
        for at, source in enumerate(sources):
            counts = asked.setdefault(source.name, [0, 0, 0])
            counts[0] += n
            counts[1] += n if stands_alone(places, at) else 0
            counts[2] += n if source.region is None else 0
    return [
        CountedDay(figure, now.date(), name, per_mille(some, of))
        for name, (of, alone, silent) in sorted(asked.items())
        if of >= FEWEST
        for figure, some in zip(DRIFT, (alone, silent), strict=True)
    ]
