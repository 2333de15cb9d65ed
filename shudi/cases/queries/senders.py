"""Reports by who sent them, as far as a day's pseudonym tells; and what was set aside."""

import dataclasses
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.store import Account
from shudi.cases.rules import SENDER_KEPT, SET_ASIDE_MOST, CaseState, ReportKind
from shudi.cases.rules.priority import Fate, fate
from shudi.cases.store import Case, CaseEvent, Claim, Excluded
from shudi.cases.store.queue import CaseReport, SetAside
from shudi.errors import NotFound
from shudi.sites.store import Site
from shudi.staff.rules import Actor
from shudi.staff.store import Staff

# How far back the busiest senders are looked for: a bound on the reading, not on the set-aside.
NEWEST = 5000
BUSY = 5  # reports from one sender that make a line of their own


@dataclasses.dataclass(frozen=True, slots=True)
class Sender:
    """Somebody who sent reports on one UTC day. `report_id` is one of them: the pseudonym itself
    stays in the store.
    """

    report_id: int
    reports: int
    first_at: datetime
    last_at: datetime


def busiest(session: Session, *, now: datetime, limit: int = 20) -> list[Sender]:
    """Who sent most of the newest reports that count, the busiest first. One bounded query."""
    newest = (
        sa.select(CaseReport.sender, CaseReport.id, CaseReport.at)
        .where(
            CaseReport.at > now - timedelta(days=2),
            CaseReport.set_aside_id.is_(None),
            CaseReport.sender != "",
        )
        .order_by(CaseReport.at.desc())
        .limit(NEWEST)
        .subquery()
    )
    return _senders(session, newest, BUSY, limit)


def of_case(session: Session, *, case_id: int, limit: int = 50) -> list[Sender]:
    """Who sent this case's reports, whoever sent most first."""
    theirs = (
        sa.select(CaseReport.sender, CaseReport.id, CaseReport.at)
        .where(
            CaseReport.case_id == case_id,
            CaseReport.set_aside_id.is_(None),
            CaseReport.sender != "",
        )
        .subquery()
    )
    return _senders(session, theirs, 1, limit)


def _senders(session: Session, rows: sa.Subquery, least: int, limit: int) -> list[Sender]:
    count = sa.func.count()
    query = (
        sa.select(sa.func.max(rows.c.id), count, sa.func.min(rows.c.at), sa.func.max(rows.c.at))
        .group_by(rows.c.sender)
        .having(count >= least)
        .order_by(count.desc(), sa.func.max(rows.c.id).desc())
        .limit(limit)
    )
    return [Sender(*row) for row in session.execute(query)]


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """One case in the preview: what this sender said, and what setting it aside would do."""

    case_id: int
    account: str | None
    account_name: str | None
    handle: str | None
    severity: int
    reports: int
    theirs: int
    kind: ReportKind
    text: str
    at: datetime
    fate: Fate


@dataclasses.dataclass(frozen=True, slots=True)
class Preview:
    """The open cases that one sender reported; `seen` is the newest report among them."""

    lines: list[Line]
    seen: int
    more: bool


_COLUMNS: tuple[Any, ...] = (
    Case.id,
    Case.account_id,
    Account.account,
    Account.name,
    Account.handle,
    Case.severity,
    Case.reports,
    Case.state,
    Claim.staff_id,
    Excluded.staff_id.label("excluded"),
    CaseReport.id.label("report_id"),
    CaseReport.kind,
    CaseReport.at,
    CaseEvent.text,
)


def preview(session: Session, *, actor: Actor, report_id: int, now: datetime) -> Preview:
    """What setting aside everything from this sender would do. NotFound if nobody knows who sent
    it. Two queries; at most SET_ASIDE_MOST reports are looked at, the oldest first.
    """
    sender = session.scalar(
        sa.select(CaseReport.sender)
        .join(Case, Case.id == CaseReport.case_id)
        .join(Site, Site.serving(Case.site_id))
        .where(CaseReport.id == report_id)
    )
    if not sender:
        raise NotFound("sender-unknown", "It is not known who sent this.")
    live = sa.and_(Claim.case_id == Case.id, Claim.ended_at.is_(None), Claim.expires_at > now)
    mine = sa.and_(Excluded.case_id == Case.id, Excluded.staff_id == actor.staff_id)
    rows = session.execute(
        sa.select(*_COLUMNS)
        .join(Case, Case.id == CaseReport.case_id)
        .join(Site, Site.serving(Case.site_id))
        .join(CaseEvent, CaseEvent.id == CaseReport.event_id)
        .outerjoin(Account, Account.id == Case.account_id)
        .outerjoin(Claim, live)
        .outerjoin(Excluded, mine)
        .where(
            CaseReport.sender == sender,
            CaseReport.set_aside_id.is_(None),
            Case.state != CaseState.CLOSED,
        )
        .order_by(CaseReport.id)
        .limit(SET_ASIDE_MOST + 1)
    ).all()
    shown = rows[:SET_ASIDE_MOST]
    by_case: dict[int, list[Any]] = {}
    for row in shown:
        by_case.setdefault(row.id, []).append(row)
    lines = [_line(actor, case_rows) for case_rows in by_case.values()]
    seen = max((row.report_id for row in shown), default=0)
    return Preview(lines, seen, len(rows) > SET_ASIDE_MOST)


def _line(actor: Actor, rows: list[Any]) -> Line:
    last = rows[-1]
    return Line(
        case_id=last.id,
        account=last.account,
        account_name=last.name,
        handle=last.handle,
        severity=last.severity,
        reports=last.reports,
        theirs=len(rows),
        kind=last.kind,
        text=last.text,
        at=last.at,
        fate=fate(
            reports=last.reports,
            theirs=len(rows),
            state=last.state,
            held=last.staff_id is not None and last.staff_id != actor.staff_id,
            barred=last.excluded is not None or last.account_id in actor.own_accounts,
        ),
    )


@dataclasses.dataclass(frozen=True, slots=True)
class SetAsideRow:
    """An act of setting aside, and whether it can still be undone."""

    id: int
    at: datetime
    by: str
    reports: int
    dismissed: int
    undone_at: datetime | None
    undone_by: str | None
    undoable: bool


def set_asides(session: Session, *, now: datetime, limit: int = 50) -> list[SetAsideRow]:
    """The newest acts of setting aside."""
    by, undone_by = sa.orm.aliased(Staff), sa.orm.aliased(Staff)
    query = (
        sa.select(
            SetAside.id,
            SetAside.at,
            by.name,
            SetAside.reports,
            SetAside.dismissed,
            SetAside.undone_at,
            undone_by.name,
        )
        .join(by, by.id == SetAside.staff_id)
        .outerjoin(undone_by, undone_by.id == SetAside.undone_by)
        .order_by(SetAside.id.desc())
        .limit(limit)
    )
    return [
        SetAsideRow(*row, undoable=row.undone_at is None and row.at > now - SENDER_KEPT)
        for row in session.execute(query)
    ]
