"""Batches as pages show them. Items are listed by their place in the list, never by region."""

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.orm import Session

from shudi.accounts.store import Account
from shudi.cases.rules.batches import LIVE, BatchAct, BatchState, Listed, Outcome
from shudi.cases.store.batches import Batch, BatchItem
from shudi.errors import NotFound
from shudi.labels.rules import AtExpiry, State
from shudi.labels.store import Label
from shudi.sites.store import Site
from shudi.staff.store import Staff

_Second = orm.aliased(Staff)


@dataclasses.dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch with its people; `worked` of `total` accounts are through, `done` were changed."""

    id: int
    site_id: int
    site_key: str
    site_name: str
    staff_id: int
    maker: str
    act: BatchAct
    reason: str
    text: str
    days: int | None
    at_expiry: AtExpiry
    state: BatchState
    second: bool
    reverts_id: int | None
    created_at: datetime
    answerer: str | None
    answered_at: datetime | None
    answer: str
    started_at: datetime | None
    ended_at: datetime | None
    total: int
    worked: int
    done: int
    version: int


_COLUMNS: tuple[Any, ...] = (
    Batch.id,
    Batch.site_id,
    Site.key,
    Site.name,
    Batch.staff_id,
    Staff.name,
    Batch.act,
    Batch.reason,
    Batch.text,
    Batch.days,
    Batch.at_expiry,
    Batch.state,
    Batch.second,
    Batch.reverts_id,
    Batch.created_at,
    _Second.name,
    Batch.answered_at,
    Batch.answer,
    Batch.started_at,
    Batch.ended_at,
    Batch.total,
    Batch.worked,
    Batch.done,
    Batch.version,
)


def _query() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(*_COLUMNS)
        .join(Site, Site.serving(Batch.site_id))
        .join(Staff, Staff.id == Batch.staff_id)
        .outerjoin(_Second, _Second.id == Batch.answered_by)
    )


def batch(session: Session, *, batch_id: int) -> BatchRow:
    """One batch; NotFound where there is none."""
    found = session.execute(_query().where(Batch.id == batch_id)).first()
    if found is None:
        raise NotFound("batch-unknown", "There is no such batch.")
    return BatchRow(*found)


def newest(
    session: Session, *, after: int | None = None, limit: int = 30
) -> tuple[list[BatchRow], int | None]:
    """Batches, newest first."""
    query = _query().order_by(Batch.id.desc()).limit(limit + 1)
    if after is not None:
        query = query.where(Batch.id < after)
    rows = [BatchRow(*row) for row in session.execute(query)]
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


def waiting(session: Session, *, limit: int = 50) -> list[BatchRow]:
    """Batches that wait for a second person, oldest first."""
    query = _query().where(Batch.state == BatchState.WAITING).order_by(Batch.touched_at, Batch.id)
    return [BatchRow(*row) for row in session.execute(query.limit(limit))]


@dataclasses.dataclass(frozen=True, slots=True)
class TakenBack:
    """A batch that takes another one back."""

    id: int
    act: BatchAct
    state: BatchState
    total: int
    done: int

    @property
    def live(self) -> bool:
        """Whether it is still on its way."""
        return self.state in LIVE


def taken_back_by(session: Session, *, batch_id: int) -> list[TakenBack]:
    """The batches that take this one back, newest first."""
    columns = (Batch.id, Batch.act, Batch.state, Batch.total, Batch.done)
    query = sa.select(*columns).where(Batch.reverts_id == batch_id).order_by(Batch.id.desc())
    return [TakenBack(*row) for row in session.execute(query.limit(10))]


def counts(session: Session, *, batch_id: int) -> dict[Outcome, int]:
    """How many of its accounts stand how."""
    query = (
        sa.select(BatchItem.outcome, sa.func.count())
        .where(BatchItem.batch_id == batch_id)
        .group_by(BatchItem.outcome)
    )
    return {row[0]: row[1] for row in session.execute(query)}


@dataclasses.dataclass(frozen=True, slots=True)
class ItemRow:
    """One account of a batch, with its name and its label as they are now."""

    position: int
    account: str
    account_id: int | None
    name: str | None
    handle: str | None
    seen: int | None
    seen_state: State | None
    seen_region: str | None
    outcome: Outcome
    code: str
    correction_id: int | None
    at: datetime | None
    state: State | None
    region: str | None
    version: int | None


def items(
    session: Session,
    *,
    batch_id: int,
    outcome: Outcome | None = None,
    after: int = 0,
    limit: int = 100,
) -> tuple[list[ItemRow], int | None]:
    """A page of a batch's accounts, those with `outcome` where one is given."""
    columns: tuple[Any, ...] = (
        BatchItem.position,
        BatchItem.account,
        BatchItem.account_id,
        Account.name,
        Account.handle,
        BatchItem.version,
        BatchItem.seen_state,
        BatchItem.seen_region,
        BatchItem.outcome,
        BatchItem.code,
        BatchItem.correction_id,
        BatchItem.at,
        Label.state,
        Label.region,
        Label.version,
    )
    query = (
        sa.select(*columns)
        .outerjoin(Account, Account.id == BatchItem.account_id)
        .outerjoin(Label, Label.account_id == BatchItem.account_id)
        .where(BatchItem.batch_id == batch_id, BatchItem.position > after)
        .order_by(BatchItem.position)
        .limit(limit + 1)
    )
    if outcome is not None:
        query = query.where(BatchItem.outcome == outcome)
    rows = [ItemRow(*row) for row in session.execute(query)]
    return rows[:limit], rows[limit - 1].position if len(rows) > limit else None


def of_correction(session: Session, *, correction_id: int) -> list[int]:
    """The batches that made this correction, ended it or took it back, oldest first."""
    query = (
        sa.select(BatchItem.batch_id)
        .where(BatchItem.correction_id == correction_id, BatchItem.outcome == Outcome.DONE)
        .order_by(BatchItem.batch_id)
    )
    return [*session.scalars(query)]


@dataclasses.dataclass(frozen=True, slots=True)
class Picked:
    """Accounts that were ticked on a list, as lines of a batch of one site; `left_out` are of
    another.
    """

    site_key: str
    listed: list[Listed]
    left_out: int


def picked(session: Session, *, seen: dict[int, int | None]) -> Picked:
    """What the ids of a list's check boxes, with the versions that it showed, are called."""
    query = (
        sa.select(Account.id, Account.account, Site.key)
        .join(Site, Site.serving(Account.site_id))
        .where(Account.id.in_(seen))
    )
    found = {row.id: row for row in session.execute(query)}
    rows: Sequence[Any] = [found[number] for number in seen if number in found]
    site = rows[0].key if rows else ""
    ours = [Listed(row.account, seen[row.id]) for row in rows if row.key == site]
    return Picked(site, ours, len(rows) - len(ours))
