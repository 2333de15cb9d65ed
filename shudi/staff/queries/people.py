"""What an admin sees of those who work here, and everybody of themselves. No secret is read."""

import dataclasses
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from shudi.errors import NotFound
from shudi.settings import Settings
from shudi.staff.codec.devices import Browser, System
from shudi.staff.codec.keyring import token_hash
from shudi.staff.rules import Actor, Role
from shudi.staff.rules.scopes import Scope
from shudi.staff.store import (
    LinkPurpose,
    Staff,
    StaffLink,
    StaffProposal,
    StaffSession,
    StaffSignIn,
    StaffState,
)
from shudi.staff.store.scopes import reaches, read_scope, scope_columns

PAGE = 100
SHOWN = 10  # of somebody's last sign-ins


@dataclasses.dataclass(frozen=True, slots=True)
class PersonRow:
    """A person as the list and their own page show them. `factor`: a second factor is set."""

    id: int
    name: str
    role: Role
    state: StaffState
    factor: bool
    created_at: datetime
    version: int
    last_at: datetime | None
    link_until: datetime | None  # of an enrolment link that waits to be used
    scope: Scope


@dataclasses.dataclass(frozen=True, slots=True)
class Arrival:
    """A sign-in: when, roughly where, in what browser, by what means."""

    at: datetime
    region: str | None
    browser: Browser
    system: System
    method: str


@dataclasses.dataclass(frozen=True, slots=True)
class SessionRow:
    """A session that holds; `came` is None where it was not noted how it began."""

    sign_in_id: int | None
    created_at: datetime
    seen_at: datetime
    current: bool
    came: Arrival | None


@dataclasses.dataclass(frozen=True, slots=True)
class Proposal:
    """A role that waits for a second person, and between whom."""

    id: int
    staff_id: int
    name: str
    role: Role
    proposed_by: int
    proposer: str
    proposed_at: datetime
    expires_at: datetime


def _people(
    now: datetime, actor: Actor, *which: sa.ColumnElement[bool]
) -> sa.Select[*tuple[Any, ...]]:
    last = sa.select(sa.func.max(StaffSignIn.at)).where(StaffSignIn.staff_id == Staff.id)
    link = sa.select(sa.func.max(StaffLink.expires_at)).where(
        StaffLink.staff_id == Staff.id,
        StaffLink.purpose == LinkPurpose.ENROL,
        StaffLink.used_at.is_(None),
        StaffLink.expires_at > now,
    )
    return sa.select(
        Staff.id,
        Staff.name,
        Staff.role,
        Staff.state,
        Staff.totp_secret != "",
        Staff.created_at,
        Staff.version,
        last.scalar_subquery(),
        link.scalar_subquery(),
        *scope_columns(Staff.id),
    ).where(reaches(Staff.id, actor.scope.sites), *which)


def all_people(
    session: Session, *, actor: Actor, disabled: bool, now: datetime, after: str = ""
) -> tuple[list[PersonRow], str]:
    """Those who work here, or those who do not any more, by name; and the name to go on after.

    Here and below: who reaches further than the actor is not there.
    """
    is_gone = Staff.state == StaffState.DISABLED
    query = _people(now, actor, is_gone if disabled else ~is_gone, Staff.name > after)
    rows = session.execute(query.order_by(Staff.name).limit(PAGE + 1)).all()
    found = [_person(row) for row in rows[:PAGE]]
    return found, found[-1].name if len(rows) > PAGE else ""


def person(session: Session, *, actor: Actor, staff_id: int, now: datetime) -> PersonRow:
    """One of them; NotFound otherwise."""
    row = session.execute(_people(now, actor, Staff.id == staff_id)).first()
    if row is None:
        raise NotFound("staff-unknown", "There is no such person.")
    return _person(row)


def _person(row: sa.Row[*tuple[Any, ...]]) -> PersonRow:
    facts = [*row[:-2], read_scope(*row[-2:])]
    return PersonRow(*facts)


def proposals(
    session: Session, *, actor: Actor, now: datetime, staff_id: int | None = None
) -> list[Proposal]:
    """What waits for a second person, the oldest first; `staff_id`: about this person only."""
    concerned, proposer = aliased(Staff), aliased(Staff)
    query = (
        sa.select(
            StaffProposal.id,
            StaffProposal.staff_id,
            concerned.name,
            StaffProposal.role,
            StaffProposal.proposed_by,
            proposer.name,
            StaffProposal.proposed_at,
            StaffProposal.expires_at,
        )
        .join(concerned, concerned.id == StaffProposal.staff_id)
        .join(proposer, proposer.id == StaffProposal.proposed_by)
        .where(StaffProposal.waits(now), reaches(concerned.id, actor.scope.sites))
        .order_by(StaffProposal.id)
    )
    if staff_id is not None:
        query = query.where(StaffProposal.staff_id == staff_id)
    return [Proposal(*row) for row in session.execute(query)]


def sessions_of(
    session: Session, *, staff_id: int, token: str, now: datetime, settings: Settings
) -> list[SessionRow]:
    """A person's sessions that hold, the newest first; `token` marks the present one."""
    idle = now - timedelta(minutes=settings.session_idle_minutes)
    rows = session.execute(
        sa.select(
            StaffSession.sign_in_id,
            StaffSession.created_at,
            StaffSession.seen_at,
            StaffSession.token_hash,
            StaffSignIn.at,
            StaffSignIn.region,
            StaffSignIn.browser,
            StaffSignIn.system,
            StaffSignIn.method,
        )
        .outerjoin(StaffSignIn, StaffSignIn.id == StaffSession.sign_in_id)
        .where(
            StaffSession.staff_id == staff_id,
            StaffSession.expires_at > now,
            StaffSession.seen_at > idle,
            StaffSession.full,
        )
        .order_by(StaffSession.created_at.desc())
    )
    present = token_hash(token)
    return [
        SessionRow(
            row.sign_in_id,
            row.created_at,
            row.seen_at,
            row.token_hash == present,
            _arrival(row) if row.at is not None else None,
        )
        for row in rows
    ]


def arrivals(session: Session, *, staff_id: int) -> list[Arrival]:
    """A person's last sign-ins, the newest first."""
    rows = session.execute(
        sa.select(
            StaffSignIn.at,
            StaffSignIn.region,
            StaffSignIn.browser,
            StaffSignIn.system,
            StaffSignIn.method,
        )
        .where(StaffSignIn.staff_id == staff_id)
        .order_by(StaffSignIn.at.desc())
        .limit(SHOWN)
    )
    return [_arrival(row) for row in rows]


def _arrival(row: sa.Row[*tuple[Any, ...]]) -> Arrival:
    return Arrival(row.at, row.region, Browser(row.browser), System(row.system), row.method)
