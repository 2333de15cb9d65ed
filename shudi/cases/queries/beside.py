"""What stands beside a case: related cases, files, ready words, whom a note may call, and whether
one calls the reader. One statement, so that the page keeps to its number of reads.
"""

import dataclasses
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.cases.queries.case import CaseRow
from shudi.cases.rules import CannedKind, CaseKind, CaseState
from shudi.cases.store import Case
from shudi.cases.store.case_page import Attachment, CannedReason, Mention
from shudi.labels.store import Brake, HeldResult
from shudi.staff.rules import GRANTS, Permission
from shudi.staff.store import Staff, StaffState
from shudi.staff.store.scopes import works_at

RELATED_MOST = 10
BRAKES_MOST = 5
_BRAKES_SEARCHED = 20
_CANNED_MOST = 200
_COLLEAGUES_MOST = 200


@dataclasses.dataclass(frozen=True, slots=True)
class Related:
    """Another case: of the same account, or of a brake that held the account's label."""

    id: int
    kind: CaseKind
    state: CaseState
    at: datetime


@dataclasses.dataclass(frozen=True, slots=True)
class File:
    """An attachment as the page lists it; `size` in bytes."""

    id: int
    name: str
    type: str
    size: int
    at: datetime
    staff: str
    staff_id: int


@dataclasses.dataclass(frozen=True, slots=True)
class Canned:
    """Ready words to put into an explanation."""

    id: int
    kind: CannedKind
    language: str
    title: str
    text: str


@dataclasses.dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the case."""

    account_cases: list[Related]
    brake_cases: list[Related]
    files: list[File]
    canned: list[Canned]
    colleagues: list[str]
    calls_me: bool


def beside(session: Session, *, case: CaseRow, staff_id: int, with_canned: bool) -> Beside:
    """Everything beside `case`, as `staff_id` sees it."""
    parts = [_files(case.id), _colleagues(case.site_id, staff_id), _calls(case.id, staff_id)]
    parts += [_account_cases(case), _held_by(case)] if case.account_id else [_brakes(case)]
    if with_canned:
        parts.append(_canned())
    found: dict[str, list[Any]] = {}
    query = sa.union_all(*[sa.select(part.subquery()) for part in parts])
    for row in session.execute(query):
        found.setdefault(row.what, []).append(row)
    return Beside(
        _related(found.get("account", [])),
        _related(found.get("brake", [])),
        [
            File(row.id, row.name, row.kind, row.size, row.at, row.staff, row.staff_id)
            for row in sorted(found.get("file", []), key=lambda row: row.id)
        ],
        _ready_words(found.get("canned", [])),
        sorted(row.name for row in found.get("colleague", [])),
        bool(found.get("call")),
    )


def _related(rows: list[Any]) -> list[Related]:
    newest = sorted(rows, key=lambda row: -row.id)
    return [Related(row.id, CaseKind(row.kind), CaseState(row.state), row.at) for row in newest]


def _ready_words(rows: list[Any]) -> list[Canned]:
    order = list(CannedKind)
    words = [Canned(row.id, CannedKind(row.kind), row.state, row.name, row.text) for row in rows]
    return sorted(words, key=lambda one: (order.index(one.kind), one.language, one.title))


def _part(what: str, **columns: Any) -> sa.Select[Any]:
    """A branch of the union: every branch has these columns, in this order and of these types."""
    empty: dict[str, Any] = {
        "id": sa.literal(0, sa.BigInteger),
        "kind": sa.literal("", sa.String),
        "state": sa.literal("", sa.String),
        "name": sa.literal("", sa.String),
        "text": sa.literal("", sa.String),
        "size": sa.literal(0, sa.BigInteger),
        "at": sa.cast(sa.null(), Case.opened_at.type),
        "staff": sa.literal("", sa.String),
        "staff_id": sa.literal(0, sa.BigInteger),
    }
    chosen = empty | columns
    return sa.select(
        sa.literal(what, sa.String).label("what"),
        *[chosen[name].label(name) for name in empty],
    )


def _case_part(what: str) -> sa.Select[Any]:
    return _part(
        what,
        id=Case.id,
        kind=sa.cast(Case.kind, sa.String),
        state=sa.cast(Case.state, sa.String),
        at=Case.opened_at,
    )


def _account_cases(case: CaseRow) -> sa.Select[Any]:
    own = (Case.account_id == case.account_id, Case.id != case.id)
    return _case_part("account").where(*own).order_by(Case.id.desc()).limit(RELATED_MOST)


def _held_by(case: CaseRow) -> sa.Select[Any]:
    """Cases of the site's latest brakes that hold, or held, this account's label back."""
    latest = (
        sa.select(Brake.id)
        .where(Brake.site_id == case.site_id)
        .order_by(Brake.id.desc())
        .limit(_BRAKES_SEARCHED)
        .subquery()
    )
    held = (
        sa.select(HeldResult.brake_id)
        .where(HeldResult.brake_id == latest.c.id, HeldResult.account_id == case.account_id)
        .exists()
    )
    brakes = sa.select(latest.c.id).where(held)
    return _case_part("brake").where(Case.brake_id.in_(brakes)).limit(BRAKES_MOST)


def _brakes(case: CaseRow) -> sa.Select[Any]:
    """The site's other brakes, newest first."""
    others = (Case.site_id == case.site_id, Case.kind == CaseKind.BRAKE, Case.id != case.id)
    return _case_part("brake").where(*others).order_by(Case.id.desc()).limit(BRAKES_MOST)


def _files(case_id: int) -> sa.Select[Any]:
    return (
        _part(
            "file",
            id=Attachment.id,
            kind=Attachment.type,
            name=Attachment.name,
            size=sa.cast(Attachment.size, sa.BigInteger),
            at=Attachment.at,
            staff=Staff.name,
            staff_id=Staff.id,
        )
        .join(Staff, Staff.id == Attachment.staff_id)
        .where(Attachment.case_id == case_id, Attachment.gone_at.is_(None))
    )


def _colleagues(site_id: int, staff_id: int) -> sa.Select[Any]:
    roles = [role for role, granted in GRANTS.items() if Permission.CASE_READ in granted]
    at_work = (Staff.state != StaffState.DISABLED, Staff.role.in_(roles), Staff.id != staff_id)
    here = works_at(Staff.id, site_id)
    return _part("colleague", name=Staff.name).where(*at_work, here).limit(_COLLEAGUES_MOST)


def _calls(case_id: int, staff_id: int) -> sa.Select[Any]:
    unread = (Mention.case_id == case_id, Mention.staff_id == staff_id, Mention.read_at.is_(None))
    return _part("call", id=Mention.note_id).where(*unread).limit(1)


def _canned() -> sa.Select[Any]:
    return (
        _part(
            "canned",
            id=CannedReason.id,
            kind=sa.cast(CannedReason.kind, sa.String),
            state=CannedReason.language,
            name=CannedReason.title,
            text=CannedReason.text,
        )
        .where(CannedReason.retired_at.is_(None))
        .limit(_CANNED_MOST)
    )
