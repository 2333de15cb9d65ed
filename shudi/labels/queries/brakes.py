"""What people at the review desk read of brakes."""

import dataclasses
from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.errors import NotFound
from shudi.labels.store import Brake, HeldResult
from shudi.sites.store import Site
from shudi.staff.store import Staff


@dataclasses.dataclass(frozen=True, slots=True)
class BrakeRow:
    """A brake. `diff` is what was recorded for the decision when it tripped."""

    id: int
    site_key: str
    site_name: str
    accounts: int
    origin: str
    rule: str
    state: str
    opened_at: datetime
    decided_at: datetime | None
    decider: str | None
    diff: dict[str, Any]
    version: int


_COLUMNS: tuple[Any, ...] = (
    Brake.id,
    Site.key,
    Site.name,
    Site.account_count,
    Brake.origin,
    Brake.rule,
    Brake.state,
    Brake.opened_at,
    Brake.decided_at,
    Staff.name,
    Brake.diff,
    Brake.version,
)


def _brake_columns() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(*_COLUMNS)
        .join(Site, Site.id == Brake.site_id)
        .outerjoin(Staff, Staff.id == Brake.decided_by)
    )


def brakes(session: Session, *, limit: int = 50) -> list[BrakeRow]:
    """Brakes, those that hold first, then the newest."""
    held_first = sa.case((Brake.state == "held", 0), else_=1)
    query = _brake_columns().order_by(held_first, Brake.id.desc()).limit(limit)
    return [BrakeRow(*row) for row in session.execute(query)]


def held_brakes(session: Session) -> list[BrakeRow]:
    """The brakes that hold now: at most one a site."""
    query = _brake_columns().where(Brake.state == "held").order_by(Brake.id)
    return [BrakeRow(*row) for row in session.execute(query)]


def brake(session: Session, *, brake_id: int) -> BrakeRow:
    """One brake; NotFound where there is none."""
    row = session.execute(_brake_columns().where(Brake.id == brake_id)).first()
    if row is None:
        raise NotFound("brake-unknown", "There is no such brake.")
    return BrakeRow(*row)


def holds_any(session: Session, *, brake_id: int, accounts: Collection[int]) -> bool:
    """Whether the brake holds back the label of any of these accounts."""
    if not accounts:
        return False
    found = session.scalar(
        sa.select(HeldResult.account_id)
        .where(HeldResult.brake_id == brake_id, HeldResult.account_id.in_(accounts))
        .limit(1)
    )
    return found is not None
