"""What people at the review desk read of corrections. Nothing here lists or counts by region."""

import dataclasses
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.orm import Session

from shudi.accounts.store import Account
from shudi.errors import NotFound
from shudi.labels.rules import AtExpiry, CorrectionKind, CorrectionState, State
from shudi.labels.store import Correction, DroppedResult
from shudi.sites.store import Site
from shudi.staff.store import Staff

_Proposer = orm.aliased(Staff)
_Approver = orm.aliased(Staff)
_Lifter = orm.aliased(Staff)


@dataclasses.dataclass(frozen=True, slots=True)
class CorrectionRow:
    """A correction with the people and the account it concerns."""

    id: int
    account_id: int
    account: str
    account_name: str
    handle: str | None
    site_key: str
    site_name: str
    case_id: int | None
    kind: CorrectionKind
    region: str | None
    reason: str
    evidence: str
    state: CorrectionState
    original_state: State
    original_region: str | None
    proposed_by: int | None
    proposer: str | None
    proposed_at: datetime
    approver: str | None
    approved_at: datetime | None
    expires_at: datetime | None
    at_expiry: AtExpiry
    expired_at: datetime | None
    lift_proposed_by: int | None
    lifter: str | None
    lift_proposed_at: datetime | None
    lift_reason: str
    ended_at: datetime | None
    end_reason: str
    version: int
    risks: str
    lift_risks: str
    lift_restores: bool
    unconfirmed: bool
    starts_at: datetime | None
    replaced_id: int | None


_COLUMNS: tuple[Any, ...] = (
    Correction.id,
    Correction.account_id,
    Account.account,
    Account.name,
    Account.handle,
    Site.key,
    Site.name,
    Correction.case_id,
    Correction.kind,
    Correction.region,
    Correction.reason,
    Correction.evidence,
    Correction.state,
    Correction.original_state,
    Correction.original_region,
    Correction.proposed_by,
    _Proposer.name,
    Correction.proposed_at,
    _Approver.name,
    Correction.approved_at,
    Correction.expires_at,
    Correction.at_expiry,
    Correction.expired_at,
    Correction.lift_proposed_by,
    _Lifter.name,
    Correction.lift_proposed_at,
    Correction.lift_reason,
    Correction.ended_at,
    Correction.end_reason,
    Correction.version,
    Correction.risks,
    Correction.lift_risks,
    Correction.lift_restores,
    Correction.unconfirmed,
    Correction.starts_at,
    Correction.replaced_id,
)


# for a second person; one that protects somebody is in force meanwhile
WAITS = sa.or_(Correction.state == CorrectionState.PROPOSED, Correction.unconfirmed)


def _correction_columns() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(*_COLUMNS)
        .join(Account, Account.id == Correction.account_id)
        .join(Site, Site.serving(Correction.site_id))
        .outerjoin(_Proposer, _Proposer.id == Correction.proposed_by)
        .outerjoin(_Approver, _Approver.id == Correction.approved_by)
        .outerjoin(_Lifter, _Lifter.id == Correction.lift_proposed_by)
    )


def _rows(session: Session, query: sa.Select[*tuple[Any, ...]]) -> list[CorrectionRow]:
    return [CorrectionRow(*row) for row in session.execute(query)]


def correction(session: Session, *, correction_id: int) -> CorrectionRow:
    """One correction; NotFound where there is none."""
    rows = _rows(session, _correction_columns().where(Correction.id == correction_id))
    if not rows:
        raise NotFound("correction-unknown", "There is no such correction.")
    return rows[0]


def corrections_of(session: Session, *, account_id: int, limit: int = 20) -> list[CorrectionRow]:
    """The account's corrections, newest first."""
    query = _correction_columns().where(Correction.account_id == account_id)
    return _rows(session, query.order_by(Correction.id.desc()).limit(limit))


def proposals(
    session: Session, *, after: int | None = None, limit: int = 30
) -> tuple[list[CorrectionRow], int | None]:
    """Corrections that wait for a second person, oldest first; some are in force meanwhile."""
    query = _correction_columns().where(WAITS)
    if after is not None:
        query = query.where(Correction.id > after)
    rows = _rows(session, query.order_by(Correction.id).limit(limit + 1))
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


def lift_proposals(session: Session, *, limit: int = 30) -> list[CorrectionRow]:
    """Corrections in force that somebody proposed to lift, oldest proposal first."""
    query = _correction_columns().where(
        Correction.state == CorrectionState.IN_FORCE, Correction.lift_proposed_at.is_not(None)
    )
    return _rows(session, query.order_by(Correction.lift_proposed_at).limit(limit))


def in_force(
    session: Session,
    *,
    site_id: int | None = None,
    before: datetime | None = None,
    after: tuple[datetime | None, int] | None = None,
    limit: int = 30,
) -> tuple[list[CorrectionRow], tuple[datetime | None, int] | None]:
    """Corrections in force, the next to expire first, those without an end last; with `before`
    those alone that end until then.
    """
    query = _correction_columns().where(Correction.state == CorrectionState.IN_FORCE)
    if site_id is not None:
        query = query.where(Correction.site_id == site_id)
    if before is not None:
        query = query.where(Correction.expires_at <= before)
    dated = query.where(Correction.expires_at.is_not(None))
    if after is not None and after[0] is not None:
        dated = dated.where(sa.tuple_(Correction.expires_at, Correction.id) > after)
    rows: list[CorrectionRow] = []
    if after is None or after[0] is not None:
        order = (Correction.expires_at, Correction.id)
        rows = _rows(session, dated.order_by(*order).limit(limit + 1))
    if len(rows) <= limit:
        endless = query.where(Correction.expires_at.is_(None))
        if after is not None and after[0] is None:
            endless = endless.where(Correction.id > after[1])
        rows += _rows(session, endless.order_by(Correction.id).limit(limit + 1 - len(rows)))
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    return rows[:limit], (last.expires_at, last.id)


@dataclasses.dataclass(frozen=True, slots=True)
class Glance:
    """What the overview says of corrections, each number capped: proposals that wait for a second
    person, and how many in force end in each of the next days (those past their end on the first).
    """

    waiting: int
    ending: list[int]


def glance(session: Session, *, now: datetime, days: int = 7, cap: int = 1000) -> Glance:
    """One query."""
    waits = sa.select(sa.literal(-1).label("day")).where(WAITS).limit(cap).subquery()
    bounds = [(Correction.expires_at < now + timedelta(days=day + 1), day) for day in range(days)]
    ends = (
        sa.select(sa.case(*bounds).label("day"))
        .where(
            Correction.state == CorrectionState.IN_FORCE,
            Correction.expires_at < now + timedelta(days=days),
        )
        .limit(cap)
        .subquery()
    )
    both = sa.union_all(sa.select(waits.c.day), sa.select(ends.c.day)).subquery()
    rows = session.execute(sa.select(both.c.day, sa.func.count()).group_by(both.c.day))
    found: dict[int, int] = {day: n for day, n in rows}  # noqa: C416 -- rows are no pairs to mypy
    return Glance(found.get(-1, 0), [found.get(day, 0) for day in range(days)])


def scheduled(
    session: Session,
    *,
    site_id: int | None = None,
    after: tuple[datetime | None, int] | None = None,
    limit: int = 30,
) -> tuple[list[CorrectionRow], tuple[datetime | None, int] | None]:
    """Corrections that begin on a later day, the next to begin first."""
    query = _correction_columns().where(Correction.state == CorrectionState.SCHEDULED)
    if site_id is not None:
        query = query.where(Correction.site_id == site_id)
    if after is not None:
        query = query.where(sa.tuple_(Correction.starts_at, Correction.id) > after)
    order = (Correction.starts_at, Correction.id)
    rows = _rows(session, query.order_by(*order).limit(limit + 1))
    last = rows[limit - 1] if len(rows) > limit else None
    return rows[:limit], (last.starts_at, last.id) if last else None


@dataclasses.dataclass(frozen=True, slots=True)
class Dropped:
    """What activity wanted to show while a correction held it back."""

    at: datetime
    state: State
    region: str | None


def dropped(session: Session, *, correction_id: int, limit: int = 10) -> list[Dropped]:
    """The newest results that a correction held back."""
    query = (
        sa.select(DroppedResult.at, DroppedResult.state, DroppedResult.region)
        .where(DroppedResult.correction_id == correction_id)
        .order_by(DroppedResult.id.desc())
        .limit(limit)
    )
    return [Dropped(*row) for row in session.execute(query)]
