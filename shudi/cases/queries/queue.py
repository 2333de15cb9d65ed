"""The queue: severity first, then the nearest due instant. Keyset pages, capped counts.

Every filter that can be combined with the order walks an index, so that a page costs the same
at a hundred open cases and at a hundred thousand. Severity runs down while the due instant runs
up, which no one index walk gives; so each severity is read by itself and the few rows merged.
"""

import dataclasses
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.store import Account
from shudi.cases.rules import SEVERITIES, SEVERITY, CaseKind, CaseState
from shudi.cases.store import Case, Claim
from shudi.labels.rules import State
from shudi.labels.store import Label
from shudi.sites.store import Site
from shudi.staff.store import Staff

# Counts stop here: nobody works differently at 1,000 than at 10,000, and the page stays fast.
COUNT_CAP = 1000


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What the queue shows; every field but `staff_id` comes from the address."""

    staff_id: int
    kind: CaseKind | None = None
    site_id: int | None = None
    state: CaseState = CaseState.OPEN
    holder: str = ""  # "", "mine", "unclaimed"
    overdue: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of the page before."""

    severity: int
    due_at: datetime
    id: int


@dataclasses.dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the queue. `holder` is set while a lease runs."""

    id: int
    kind: CaseKind
    state: CaseState
    severity: int
    reports: int
    opened_at: datetime
    due_at: datetime
    site_name: str
    account_id: int | None
    account: str | None
    account_name: str | None
    handle: str | None
    label_state: State | None
    label_region: str | None
    label_corrected: bool | None
    holder_id: int | None
    holder: str | None
    lease_until: datetime | None

    @property
    def cursor(self) -> Cursor:
        """Where the page after this row begins."""
        return Cursor(self.severity, self.due_at, self.id)


def page(
    session: Session, *, wanted: Filter, now: datetime, after: Cursor | None = None, limit: int = 25
) -> tuple[list[QueueRow], Cursor | None]:
    """A page of the queue and, where there is more, the cursor for the next one."""
    query = (
        _row_columns(now)
        .where(Case.id.in_(_candidates(wanted, now, after, limit + 1)))
        .order_by(Case.severity.desc(), Case.due_at, Case.id)
        .limit(limit + 1)
    )
    rows = [QueueRow(*row) for row in session.execute(query)]
    more = len(rows) > limit
    rows = rows[:limit]
    return rows, rows[-1].cursor if more else None


def _candidates(wanted: Filter, now: datetime, after: Cursor | None, limit: int) -> sa.Select[int]:
    """The first ids of each severity; the page is among them."""
    parts = []
    for severity in SEVERITIES:
        if after is not None and severity > after.severity:
            continue
        part = (
            sa.select(Case.id)
            .where(Case.severity == severity, *_conditions(wanted, now))
            .order_by(Case.due_at, Case.id)
            .limit(limit)
        )
        if after is not None and severity == after.severity:
            part = part.where(sa.tuple_(Case.due_at, Case.id) > (after.due_at, after.id))
        parts.append(sa.select(part.subquery().c.id))
    merged = sa.union_all(*parts).subquery()
    return sa.select(merged.c.id)


def _conditions(wanted: Filter, now: datetime) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [Case.state == wanted.state]
    if wanted.kind is not None:
        conditions.append(Case.kind == wanted.kind)
    if wanted.site_id is not None:
        conditions.append(Case.site_id == wanted.site_id)
    if wanted.overdue:
        conditions.append(Case.due_at < now)
    active = sa.select(Claim.case_id).where(
        Claim.case_id == Case.id, Claim.ended_at.is_(None), Claim.expires_at > now
    )
    if wanted.holder == "mine":
        mine = sa.select(Claim.case_id).where(
            Claim.staff_id == wanted.staff_id, Claim.ended_at.is_(None)
        )
        conditions.append(Case.id.in_(mine))
    elif wanted.holder == "unclaimed":
        conditions.append(~active.exists())
    return conditions


_COLUMNS: tuple[Any, ...] = (
    Case.id,
    Case.kind,
    Case.state,
    Case.severity,
    Case.reports,
    Case.opened_at,
    Case.due_at,
    Site.name,
    Case.account_id,
    Account.account,
    Account.name,
    Account.handle,
    Label.state,
    Label.region,
    Label.corrected,
    Claim.staff_id,
    Staff.name,
    Claim.expires_at,
)


def _row_columns(now: datetime) -> sa.Select[*tuple[Any, ...]]:
    live = sa.and_(Claim.case_id == Case.id, Claim.ended_at.is_(None), Claim.expires_at > now)
    return (
        sa.select(*_COLUMNS)
        .join(Site, Site.id == Case.site_id)
        .outerjoin(Account, Account.id == Case.account_id)
        .outerjoin(Label, Label.account_id == Case.account_id)
        .outerjoin(Claim, live)
        .outerjoin(Staff, Staff.id == Claim.staff_id)
    )


def counts_by_kind(
    session: Session, *, site_id: int | None = None, state: CaseState = CaseState.OPEN
) -> dict[CaseKind, int]:
    """How many cases of each kind are in `state`, at most COUNT_CAP each; one query."""
    columns = []
    for kind in CaseKind:
        part = sa.select(sa.literal(1)).where(Case.kind == kind, Case.state == state)
        if site_id is not None:
            part = part.where(Case.site_id == site_id)
        columns.append(_capped(part))
    row = session.execute(sa.select(*columns)).one()
    return dict(zip(CaseKind, row, strict=True))


@dataclasses.dataclass(frozen=True, slots=True)
class Backlog:
    """Open cases of one kind by how soon they must be answered, each at most COUNT_CAP."""

    kind: CaseKind
    overdue: int
    soon: int
    later: int


def backlog(session: Session, *, now: datetime) -> list[Backlog]:
    """The open cases of each kind: past due, due within a day, due later. One query."""
    tomorrow = now + timedelta(days=1)
    columns = []
    for kind in CaseKind:
        for window in (
            (Case.due_at < now,),
            (Case.due_at >= now, Case.due_at < tomorrow),
            (Case.due_at >= tomorrow,),
        ):
            part = sa.select(sa.literal(1)).where(
                Case.kind == kind,
                Case.state == CaseState.OPEN,
                Case.severity.in_(SEVERITIES),  # lets the index reach due_at
                *window,
            )
            columns.append(_capped(part))
    row = list(session.execute(sa.select(*columns)).one())
    return [Backlog(kind, *row[3 * i : 3 * i + 3]) for i, kind in enumerate(CaseKind)]


def _capped(part: sa.Select[*tuple[Any, ...]]) -> sa.ScalarSelect[int]:
    some = part.limit(COUNT_CAP).subquery()
    return sa.select(sa.func.count()).select_from(some).scalar_subquery()


def mine(session: Session, *, staff_id: int, now: datetime, limit: int = 10) -> list[QueueRow]:
    """The cases this person holds, shortest lease first."""
    query = (
        _row_columns(now).where(Claim.staff_id == staff_id).order_by(Claim.expires_at).limit(limit)
    )
    return [QueueRow(*row) for row in session.execute(query)]


def why_first(kind: CaseKind, severity: int) -> str:
    """The code of why a case stands where it does: `kind` or `raised` (by what was reported)."""
    return "raised" if severity > SEVERITY[kind] else "kind"
