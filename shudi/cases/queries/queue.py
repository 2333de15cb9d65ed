"""The queue: severity first, then the nearest due instant. Keyset pages, capped counts.

Every filter that can be combined with the order walks an index, so that a page costs the same
at a hundred open cases and at a hundred thousand. Severity runs down while the due instant runs
up, which no one index walk gives; so each severity is read by itself and the few rows merged.
"""

import dataclasses
import itertools
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.store import Account
from shudi.cases.queries.takers import nobody_may_answer
from shudi.cases.rules import SEVERITIES, CaseKind, CaseState
from shudi.cases.rules.priority import QUEUES, Queue, QueueRule
from shudi.cases.store import Case, Claim
from shudi.cases.store.queue import Handover, Skip, by_site
from shudi.db.limits import WALKS
from shudi.labels.rules import State
from shudi.labels.store import Label
from shudi.sites.store import Site
from shudi.staff.store import Staff

# Counts stop here: nobody works differently at 1,000 than at 10,000, and the page stays fast.
COUNT_CAP = 1000


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What the queue shows; every field but `staff_id` comes from the address.

    `holder` is empty, "mine", "unclaimed" or a person's id. What `staff_id` skipped is shown with
    `skipped` only, and then nothing else.
    """

    staff_id: int
    queue: Queue | None = None
    kind: CaseKind | None = None
    site_id: int | None = None
    state: CaseState = CaseState.OPEN
    holder: str = ""
    overdue: bool = False
    skipped: bool = False
    nobody: bool = False  # contests that nobody here may answer

    @property
    def rule(self) -> QueueRule:
        """What the named queue holds; everything, where none is named."""
        return QUEUES[self.queue] if self.queue else QueueRule(None)


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
    raised_by: str
    reports: int
    opened_at: datetime
    due_at: datetime
    site_name: str
    update_id: int | None
    account_id: int | None
    account: str | None
    account_name: str | None
    handle: str | None
    label_state: State | None
    label_region: str | None
    label_corrected: bool | None
    holder_id: int | None
    holder: str | None
    claimed_at: datetime | None
    lease_until: datetime | None

    @property
    def mark(self) -> str:
        """Changes when something on the line does that somebody looking at it should know."""
        return f"{self.state.value}.{self.severity}.{self.reports}.{self.holder_id or 0}"

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
        .where(Case.id.in_(_candidates(session, wanted, now, after, limit + 1)))
        .order_by(Case.severity.desc(), Case.due_at, Case.id)
        .limit(limit + 1)
    )
    rows = [QueueRow(*row) for row in session.execute(query, execution_options={WALKS: True})]
    more = len(rows) > limit
    rows = rows[:limit]
    return rows, rows[-1].cursor if more else None


def _candidates(
    session: Session, wanted: Filter, now: datetime, after: Cursor | None, limit: int
) -> sa.Select[int]:
    """The first ids of each severity (and site, for who is limited); the page is among them."""
    parts = []
    for severity, site in itertools.product(wanted.rule.severities, by_site(session)):
        if after is not None and severity > after.severity:
            continue
        part = (
            sa.select(Case.id)
            .where(Case.severity == severity, *site, *conditions(wanted, now))
            .order_by(Case.due_at, Case.id)
            .limit(limit)
        )
        if after is not None and severity == after.severity:
            part = part.where(sa.tuple_(Case.due_at, Case.id) > (after.due_at, after.id))
        parts.append(sa.select(part.subquery().c.id))
    if not parts:  # a cursor from another queue, past the last severity of this one
        return sa.select(Case.id).where(sa.false())
    merged = sa.union_all(*parts).subquery()
    return sa.select(merged.c.id)


def conditions(wanted: Filter, now: datetime) -> list[sa.ColumnElement[bool]]:
    """What `wanted` asks of a case, besides its severity."""
    asked: list[sa.ColumnElement[bool]] = [Case.state == wanted.state]
    kinds = {wanted.kind, wanted.rule.kind} - {None}
    asked += [Case.kind == kind for kind in kinds]
    if wanted.site_id is not None:
        asked.append(Case.site_id == wanted.site_id)
    elif wanted.state is CaseState.CLOSED:  # a closed site has no other cases
        asked.append(Case.site_id.not_in(sa.select(Site.id).where(Site.closed_at.is_not(None))))
    if wanted.overdue:
        asked.append(Case.due_at < now)
    if wanted.nobody:
        asked.append(nobody_may_answer())
    return [*asked, *_whose(wanted, now)]


def _whose(wanted: Filter, now: datetime) -> list[sa.ColumnElement[bool]]:
    """The conditions on who holds a case, and on what this person skipped."""
    conditions: list[sa.ColumnElement[bool]] = []
    skipped = sa.select(Skip.case_id).where(Skip.staff_id == wanted.staff_id, Skip.until > now)
    if wanted.skipped:
        conditions.append(Case.id.in_(skipped))
    else:
        conditions.append(~skipped.where(Skip.case_id == Case.id).exists())
    active = sa.select(Claim.case_id).where(Claim.ended_at.is_(None))
    if wanted.holder == "mine":
        conditions.append(Case.id.in_(active.where(Claim.staff_id == wanted.staff_id)))
    elif wanted.holder == "unclaimed":
        live = active.where(Claim.case_id == Case.id, Claim.expires_at > now)
        conditions.append(~live.exists())
    elif wanted.holder:
        theirs = active.where(Claim.staff_id == int(wanted.holder), Claim.expires_at > now)
        conditions.append(Case.id.in_(theirs))
    return conditions


_COLUMNS: tuple[Any, ...] = (
    Case.id,
    Case.kind,
    Case.state,
    Case.severity,
    Case.raised_by,
    Case.reports,
    Case.opened_at,
    Case.due_at,
    Site.name,
    Case.update_id,
    Case.account_id,
    Account.account,
    Account.name,
    Account.handle,
    Label.state,
    Label.region,
    Label.corrected,
    Claim.staff_id,
    Staff.name,
    Claim.claimed_at,
    Claim.expires_at,
)


def _row_columns(now: datetime) -> sa.Select[*tuple[Any, ...]]:
    live = sa.and_(Claim.case_id == Case.id, Claim.ended_at.is_(None), Claim.expires_at > now)
    return (
        sa.select(*_COLUMNS)
        .join(Site, Site.serving(Case.site_id))
        .outerjoin(Account, Account.id == Case.account_id)
        .outerjoin(Label, Label.account_id == Case.account_id)
        .outerjoin(Claim, live)
        .outerjoin(Staff, Staff.id == Claim.staff_id)
    )


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
            columns.append(capped(part))
    row = list(session.execute(sa.select(*columns)).one())
    return [Backlog(kind, *row[3 * i : 3 * i + 3]) for i, kind in enumerate(CaseKind)]


def capped(part: sa.Select[*tuple[Any, ...]]) -> sa.ScalarSelect[int]:
    """How many rows, counted up to COUNT_CAP."""
    some = part.limit(COUNT_CAP).subquery()
    return sa.select(sa.func.count()).select_from(some).scalar_subquery()


def mine(session: Session, *, staff_id: int, now: datetime, limit: int = 10) -> list[QueueRow]:
    """The cases this person holds: what others gave them first, then the shortest lease."""
    query = (
        _row_columns(now)
        .outerjoin(Handover, Handover.claim_id == Claim.id)
        .where(Claim.staff_id == staff_id)
        .order_by(Handover.claim_id.is_(None), Claim.expires_at)
        .limit(limit)
    )
    return [QueueRow(*row) for row in session.execute(query)]
