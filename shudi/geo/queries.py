"""What people read of changes of the geo databases."""

import dataclasses
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.orm import Session

from shudi.errors import NotFound
from shudi.geo.rules import UpdateState
from shudi.geo.store import SourceUpdate
from shudi.staff.store import Staff


@dataclasses.dataclass(frozen=True, slots=True)
class UpdateRow:
    """A change of databases: what it was found to move (`diff`), and what became of it."""

    id: int
    state: UpdateState
    origin: str
    rule: str
    opened_at: datetime
    decided_at: datetime | None
    decider: str | None
    sampled_at: datetime | None
    sampler: str | None
    taken_at: datetime | None
    old: dict[str, Any]
    new: dict[str, Any]
    diff: dict[str, Any]
    version: int


_SAMPLER = orm.aliased(Staff)
_COLUMNS: tuple[Any, ...] = (
    SourceUpdate.id,
    SourceUpdate.state,
    SourceUpdate.origin,
    SourceUpdate.rule,
    SourceUpdate.opened_at,
    SourceUpdate.decided_at,
    Staff.name,
    SourceUpdate.sampled_at,
    _SAMPLER.name,
    SourceUpdate.taken_at,
    SourceUpdate.old,
    SourceUpdate.new,
    SourceUpdate.diff,
    SourceUpdate.version,
)


def _updates() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(*_COLUMNS)
        .outerjoin(Staff, Staff.id == SourceUpdate.decided_by)
        .outerjoin(_SAMPLER, _SAMPLER.id == SourceUpdate.sampled_by)
    )


def updates(session: Session, *, limit: int = 20) -> list[UpdateRow]:
    """Updates, one that waits first, then the newest."""
    waiting = sa.case((SourceUpdate.state == UpdateState.HELD, 0), else_=1)
    query = _updates().order_by(waiting, SourceUpdate.id.desc()).limit(limit)
    return [UpdateRow(*row) for row in session.execute(query)]


def update(session: Session, *, update_id: int) -> UpdateRow:
    """One update; NotFound where there is none."""
    row = session.execute(_updates().where(SourceUpdate.id == update_id)).first()
    if row is None:
        raise NotFound("update-unknown", "There is no such update.")
    return UpdateRow(*row)


def taken_since(session: Session, *, since: datetime) -> list[UpdateRow]:
    """Updates that were taken into use since then, the newest first."""
    query = _updates().where(SourceUpdate.taken_at >= since).order_by(SourceUpdate.id.desc())
    return [UpdateRow(*row) for row in session.execute(query.limit(3))]
