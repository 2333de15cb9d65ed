"""Releasing figures by place: once for each period, and never again."""

from datetime import datetime

from sqlalchemy.orm import Session

from shudi.cases.actions import rollup
from shudi.cases.queries import counting, statistics
from shudi.cases.rules.figures import PLACES, last_period
from shudi.db import Database


def places(database: Database, *, now: datetime) -> int:
    """Release the last period's figures by place, unless that was done; returns how many."""
    since, until = last_period(now)
    with database.read_session() as session:
        if _is_released(session, until):
            return 0
        counted = counting.places(session, since=since, until=until)
    with database.transaction() as session:
        if _is_released(session, until):
            return 0  # another worker was first, and what it counted stays
        return rollup.keep(session, counted=counted, windows=(PLACES,), now=until)


def _is_released(session: Session, until: datetime) -> bool:
    end = statistics.places_end(session)
    return end is not None and end >= until
