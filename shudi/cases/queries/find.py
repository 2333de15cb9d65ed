"""Jumping to something by a few letters or a number: accounts, cases, people, corrections."""

import dataclasses
import re
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts import queries as accounts
from shudi.accounts.store import Account
from shudi.cases.rules import CaseKind, CaseState
from shudi.cases.store import Case
from shudi.labels.rules import CorrectionKind, CorrectionState
from shudi.labels.store import Correction
from shudi.sites.queries import SiteRow
from shudi.sites.store import Site
from shudi.staff.rules import Actor, Permission, Role
from shudi.staff.store import Staff, StaffState
from shudi.staff.store.scopes import meets

TEXT_MOST = 128
_NUMBER = re.compile(r"#?([0-9]{1,15})\Z")


@dataclasses.dataclass(frozen=True, slots=True)
class AccountHit:
    """An account whose id, handle or name begins so."""

    id: int
    account: str
    handle: str | None
    name: str
    site: str


@dataclasses.dataclass(frozen=True, slots=True)
class CaseHit:
    """The case of that number, or a case about an account that was found."""

    id: int
    kind: CaseKind
    state: CaseState
    name: str


@dataclasses.dataclass(frozen=True, slots=True)
class PersonHit:
    """Somebody who works here."""

    id: int
    name: str
    role: Role


@dataclasses.dataclass(frozen=True, slots=True)
class CorrectionHit:
    """The correction of that number, or one of an account that was found."""

    id: int
    kind: CorrectionKind
    state: CorrectionState
    name: str


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """What was found, of each kind a few."""

    accounts: list[AccountHit] = dataclasses.field(default_factory=list)
    cases: list[CaseHit] = dataclasses.field(default_factory=list)
    people: list[PersonHit] = dataclasses.field(default_factory=list)
    corrections: list[CorrectionHit] = dataclasses.field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.accounts or self.cases or self.people or self.corrections)


def find(
    session: Session, *, actor: Actor, text: str, sites: Sequence[SiteRow], limit: int = 8
) -> Found:
    """Up to `limit` hits of each kind that this person may read; at most four queries."""
    text = text.strip()[:TEXT_MOST]
    if not text:
        return Found()
    found = Found()
    if actor.may(Permission.ACCOUNT_READ):
        names = {site.id: site.name for site in sites}
        hits = accounts.search_sites(session, site_ids=list(names), text=text, limit=limit)
        found.accounts[:] = [
            AccountHit(hit.id, hit.account, hit.handle, hit.name, names[hit.site_id])
            for hit in hits
        ]
    about = [hit.id for hit in found.accounts]
    number = _NUMBER.match(text)
    wanted = int(number[1]) if number else None
    if actor.may(Permission.CASE_READ):
        found.cases[:] = _cases(session, wanted, about, limit)
        found.people[:] = _people(session, actor, text, limit)
    if actor.may(Permission.CORRECTION_READ):
        found.corrections[:] = _corrections(session, wanted, about, limit)
    return found


def _cases(session: Session, wanted: int | None, about: list[int], limit: int) -> list[CaseHit]:
    """By number, and those about the accounts that are not closed."""
    open_ones = sa.and_(Case.account_id.in_(about), Case.state != CaseState.CLOSED)
    query = (
        sa.select(Case.id, Case.kind, Case.state, _name())
        .outerjoin(Account, Account.id == Case.account_id)
        .join(Site, Site.serving(Case.site_id))
        .where(Case.id.in_(_ids(Case.id, wanted, open_ones, limit)))
        .order_by(sa.case((Case.id == (wanted or 0), 0), else_=1), Case.id.desc())
    )
    return [CaseHit(*row) for row in session.execute(query)]


def _corrections(
    session: Session, wanted: int | None, about: list[int], limit: int
) -> list[CorrectionHit]:
    """By number, and those of the accounts that stand or wait."""
    standing = (CorrectionState.IN_FORCE, CorrectionState.PROPOSED)
    theirs = sa.and_(Correction.account_id.in_(about), Correction.state.in_(standing))
    query = (
        sa.select(Correction.id, Correction.kind, Correction.state, _name())
        .join(Account, Account.id == Correction.account_id)
        .join(Site, Site.serving(Correction.site_id))
        .where(Correction.id.in_(_ids(Correction.id, wanted, theirs, limit)))
        .order_by(sa.case((Correction.id == (wanted or 0), 0), else_=1), Correction.id.desc())
    )
    return [CorrectionHit(*row) for row in session.execute(query)]


def _ids(
    column: Any, wanted: int | None, condition: sa.ColumnElement[bool], limit: int
) -> sa.Select[Any]:
    """The number itself and the newest that fit: two index ranges."""
    newest = sa.select(column).where(condition).order_by(column.desc()).limit(limit).subquery()
    parts = [sa.select(newest.c.id)]
    if wanted is not None:
        parts.append(sa.select(column).where(column == wanted))
    merged = sa.union_all(*parts).subquery()
    return sa.select(merged.c.id)


def _name() -> sa.ColumnElement[str]:
    """How the thing is called: its account's name or id, else its site's."""
    return sa.func.coalesce(sa.func.nullif(Account.name, ""), Account.account, Site.name)


def _people(session: Session, actor: Actor, text: str, limit: int) -> list[PersonHit]:
    """Whoever works at a site of the actor's and is called so. The people of a desk are few: no
    index is asked for.
    """
    called = sa.func.lower(Staff.name).startswith(text.removeprefix("@").lower(), autoescape=True)
    query = (
        sa.select(Staff.id, Staff.name, Staff.role)
        .where(Staff.state == StaffState.ACTIVE, called, meets(Staff.id, actor.scope.sites))
        .order_by(Staff.name)
        .limit(limit)
    )
    return [PersonHit(*row) for row in session.execute(query)]
