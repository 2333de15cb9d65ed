"""Inspections as tests need them: a request, another admin, one that runs."""

import dataclasses
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from shudi.db import Database
from shudi.oversight import actions as acts
from shudi.oversight.rules import Basis, Kind, Reach, Request, Telling
from shudi.regions.codec import load_vocabulary
from shudi.staff.rules import AGREEMENT, Actor, Role
from shudi.staff.store import Staff, StaffState
from tests import people


def request(now: datetime, *, site: int = 1, **changes: Any) -> Request:
    """A request that can be followed: everything of user-1, for ten days."""
    usual = Request(
        authority="Invented Cyberspace Office",
        number="2026-4711",
        dated=(now - timedelta(days=2)).date(),
        basis=Basis.R21,
        purpose="Whether labels of named accounts were corrected as the rules ask.",
        supervisors=frozenset({people.CHARLIE.staff_id or 0}),
        sites=frozenset({site}),
        reach=Reach.NAMED,
        accounts=("user-1",),
        since=(now - timedelta(days=90)).date(),
        until=now.date(),
        kinds=frozenset(Kind),
        days=10,
        telling=Telling.AFTERWARDS,
    )
    return dataclasses.replace(usual, **changes)


def by_regions(now: datetime, *codes: str, **changes: Any) -> Request:
    """The same about all accounts that are labelled there."""
    return request(now, reach=Reach.REGIONS, accounts=(), regions=frozenset(codes), **changes)


def hire(session: Session, name: str, role: Role, now: datetime) -> Actor:
    """Somebody beside the cast."""
    row = Staff(
        name=name, role=role, state=StaffState.ACTIVE, agreement=AGREEMENT, agreed_at=now,
        created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()  # for the id
    return Actor.staff(row.id, name=name, role=role)


def propose(database: Database, wanted: Request, now: datetime, actor: Actor = people.BOB) -> int:
    """A proposal; returns its id."""
    with database.transaction() as session:
        return acts.propose(
            session, actor=actor, request=wanted, vocabulary=load_vocabulary(), now=now
        )


def run(database: Database, wanted: Request, now: datetime) -> int:
    """Propose it, and let another admin approve it; returns its id."""
    number = propose(database, wanted, now)
    with database.transaction() as session:
        other = hire(session, f"admin of {number}", Role.ADMIN, now)
        acts.approve(session, actor=other, inspection_id=number, version=1, now=now)
    return number


def form(wanted: Request) -> dict[str, Any]:
    """The request as an admin types it."""
    return {
        "authority": wanted.authority,
        "number": wanted.number,
        "dated": wanted.dated.isoformat(),
        "basis": wanted.basis.value,
        "purpose": wanted.purpose,
        "supervisors": [str(one) for one in wanted.supervisors],
        "sites": [str(one) for one in wanted.sites],
        "reach": wanted.reach.value,
        "accounts": "\n".join(wanted.accounts),
        "regions": sorted(wanted.regions),
        "since": wanted.since.isoformat(),
        "until": wanted.until.isoformat(),
        "kinds": [kind.value for kind in wanted.kinds],
        "days": str(wanted.days),
        "telling": wanted.telling.value,
        "untold_because": wanted.untold_because,
    }
