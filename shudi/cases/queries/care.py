"""What somebody read and decided today, for themselves alone."""

import dataclasses
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.cases.store import Decision
from shudi.staff.store import StaffExposure


@dataclasses.dataclass(frozen=True, slots=True)
class Today:
    """How many cases."""

    opened: int
    decided: int


def today(session: Session, *, staff_id: int, day: tuple[datetime, datetime]) -> Today:
    """Cases opened and decided from the day's begin to its end."""
    begin, end = day
    opened = sa.select(sa.func.count()).where(
        StaffExposure.staff_id == staff_id, StaffExposure.until == end
    )
    decided = sa.select(sa.func.count(sa.distinct(Decision.case_id))).where(
        Decision.staff_id == staff_id, Decision.at >= begin, Decision.at < end
    )
    row = session.execute(sa.select(opened.scalar_subquery(), decided.scalar_subquery())).one()
    return Today(*row)
