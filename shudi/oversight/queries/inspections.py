"""Inspections as admins and auditors see them: scope, state, and what was seen by them."""

import dataclasses
import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from shudi.accounts.store import Account
from shudi.audit.store import AuditRow
from shudi.errors import NotFound
from shudi.oversight import rules
from shudi.oversight.rules import PROPOSAL_LIFE, Basis, InspectionState, Kind, Reach, Telling
from shudi.oversight.store import (
    Inspection,
    InspectionAccount,
    InspectionRegion,
    InspectionSite,
    InspectionSupervisor,
)
from shudi.sites.store import Site
from shudi.staff.queries.scopes import scope_of
from shudi.staff.rules import Role
from shudi.staff.store import Staff, StaffState
from shudi.staff.store.scopes import meets

PAGE = 50
_SEEN = ("inspection.looked", "inspection.exported")


@dataclasses.dataclass(frozen=True, slots=True)
class InspectionRow:
    """An inspection as a list shows it."""

    id: int
    authority: str
    request_number: str
    state: InspectionState
    proposed_at: datetime
    days: int
    ends_at: datetime | None

    def now(self, now: datetime) -> InspectionState:
        """What it is by the clock, whether or not that is on record yet."""
        return state_by_clock(self.state, self.proposed_at, self.ends_at, now)


def state_by_clock(
    state: InspectionState, proposed_at: datetime, ends_at: datetime | None, now: datetime
) -> InspectionState:
    """`approved` is over with its time, and a proposal after a week, before the worker says so."""
    if state is InspectionState.APPROVED and not rules.runs(state, ends_at, now):
        return InspectionState.ENDED
    if state is InspectionState.PROPOSED and now >= proposed_at + PROPOSAL_LIFE:
        return InspectionState.LAPSED
    return state


_LINE: tuple[Any, ...] = (
    Inspection.id, Inspection.authority, Inspection.request_number, Inspection.state,
    Inspection.proposed_at, Inspection.days, Inspection.ends_at,
)  # fmt: skip


def inspections(
    session: Session, *, staff_id: int, before: int | None = None, limit: int = PAGE
) -> list[InspectionRow]:
    """Those whose sites the reader works on, newest first."""
    query = sa.select(*_LINE).where(*readable(scope_of(session, staff_id).sites))
    if before is not None:
        query = query.where(Inspection.id < before)
    query = query.order_by(Inspection.id.desc()).limit(limit)
    return [InspectionRow(*row) for row in session.execute(query)]


def readable(sites: frozenset[int] | None) -> tuple[sa.ColumnElement[bool], ...]:
    """What an inspection must fulfil for a reader of these sites (None: of all): no other's."""
    if sites is None:
        return ()
    beyond = sa.select(InspectionSite.site_id).where(
        InspectionSite.inspection_id == Inspection.id, InspectionSite.site_id.not_in(sites)
    )
    return (~beyond.exists(),)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class InspectionView:
    """An inspection with all that was written down of it."""

    id: int
    authority: str
    request_number: str
    request_date: date
    basis: Basis
    purpose: str
    reach: Reach
    since: date
    until: date
    kinds: frozenset[Kind]
    days: int
    telling: Telling
    untold_because: str
    state: InspectionState
    proposed_by: int
    proposer: str
    proposed_at: datetime
    decided_by: int | None
    decider: str | None
    decided_at: datetime | None
    decided_because: str
    ends_at: datetime | None
    ender: str | None
    ended_because: str
    more_days: int | None
    more_because: str
    more_by: int | None
    asker: str | None
    more_at: datetime | None
    version: int
    supervisors: dict[int, str]
    sites: list[str]
    regions: list[str]
    accounts: list[str]


_Decider, _Ender, _Asker = aliased(Staff), aliased(Staff), aliased(Staff)
_PLAIN = (
    "id", "authority", "request_number", "request_date", "basis", "purpose", "reach", "since",
    "until", "days", "telling", "untold_because", "state", "proposed_by", "proposed_at",
    "decided_by", "decided_at", "decided_because", "ends_at", "ended_because", "more_days",
    "more_because", "more_by", "more_at", "version",
)  # fmt: skip


def inspection(session: Session, *, staff_id: int, inspection_id: int) -> InspectionView:
    """The inspection; NotFound where there is none that the reader may know of."""
    row = (
        session.execute(
            sa.select(
                *(getattr(Inspection, name) for name in _PLAIN),
                *(getattr(Inspection, kind.value).label(f"kind_{kind.value}") for kind in Kind),
                Staff.name.label("proposer"),
                _Decider.name.label("decider"),
                _Ender.name.label("ender"),
                _Asker.name.label("asker"),
            )
            .join(Staff, Staff.id == Inspection.proposed_by)
            .outerjoin(_Decider, _Decider.id == Inspection.decided_by)
            .outerjoin(_Ender, _Ender.id == Inspection.ended_by)
            .outerjoin(_Asker, _Asker.id == Inspection.more_by)
            .where(Inspection.id == inspection_id, *readable(scope_of(session, staff_id).sites))
        )
        .mappings()
        .first()
    )
    if row is None:
        raise NotFound("inspection-unknown", "There is no such inspection.")
    plain = {name: value for name, value in row.items() if not name.startswith("kind_")}
    kinds = frozenset(kind for kind in Kind if row[f"kind_{kind.value}"])
    return InspectionView(**plain, kinds=kinds, **_scope(session, inspection_id))


def _scope(session: Session, inspection_id: int) -> dict[str, Any]:
    """Who and what it names, in one statement."""
    parts = (
        sa.select(sa.literal("supervisor").label("part"), Staff.id.label("number"), Staff.name)
        .join(InspectionSupervisor, InspectionSupervisor.staff_id == Staff.id)
        .where(InspectionSupervisor.inspection_id == inspection_id),
        sa.select(sa.literal("site"), Site.id, Site.name)
        .join(InspectionSite, InspectionSite.site_id == Site.id)
        .where(InspectionSite.inspection_id == inspection_id),
        sa.select(sa.literal("region"), sa.literal(0), InspectionRegion.region).where(
            InspectionRegion.inspection_id == inspection_id
        ),
        sa.select(sa.literal("account"), Account.id, Account.account)
        .join(InspectionAccount, InspectionAccount.account_id == Account.id)
        .where(InspectionAccount.inspection_id == inspection_id),
    )
    rows = session.execute(sa.union_all(*parts)).all()

    def named(part: str) -> list[str]:
        return sorted(name for kind, _, name in rows if kind == part)

    return {
        "supervisors": {number: name for kind, number, name in rows if kind == "supervisor"},
        "sites": named("site"),
        "regions": named("region"),
        "accounts": named("account"),
    }


@dataclasses.dataclass(frozen=True, slots=True)
class Sight:
    """A page or a file that somebody was shown: `what` is a page or a table, `accounts` how many
    were on it, `rows` of a file.
    """

    seq: int
    at: datetime
    name: str
    what: str
    file: str
    accounts: int
    rows: int | None


def seen(
    session: Session, *, inspection_id: int, before: int | None = None, limit: int = PAGE
) -> list[Sight]:
    """What was looked at by it, newest first, as the audit log has it."""
    query = sa.select(AuditRow.seq, AuditRow.at, AuditRow.actor_name, AuditRow.after).where(
        AuditRow.target_type == "inspection",
        AuditRow.target_id == str(inspection_id),
        AuditRow.action.in_(_SEEN),
    )
    if before is not None:
        query = query.where(AuditRow.seq < before)
    rows = session.execute(query.order_by(AuditRow.seq.desc()).limit(limit))
    return [_sight(*row) for row in rows]


def _sight(seq: int, at: str, name: str, after: str) -> Sight:
    facts = json.loads(after)
    return Sight(
        seq,
        datetime.fromisoformat(at),
        name,
        facts.get("page") or facts["table"],
        facts.get("file", ""),
        facts["accounts"],
        facts.get("rows"),
    )


def seen_count(session: Session, *, inspection_id: int) -> int:
    """How many pages and files were shown by it in all."""
    query = sa.select(sa.func.count()).select_from(AuditRow)
    about = (AuditRow.target_type == "inspection", AuditRow.target_id == str(inspection_id))
    return session.scalar(query.where(*about, AuditRow.action.in_(_SEEN))) or 0


def supervisors(session: Session, *, sites: frozenset[int] | None) -> list[tuple[int, str]]:
    """Who may be named by somebody who works on these sites (None: all): id and name, by name."""
    query = sa.select(Staff.id, Staff.name).where(
        Staff.role == Role.SUPERVISOR, Staff.state == StaffState.ACTIVE, meets(Staff.id, sites)
    )
    return [(row.id, row.name) for row in session.execute(query.order_by(Staff.name))]


@dataclasses.dataclass(frozen=True, slots=True)
class OwnRow:
    """An inspection that runs, as its supervisor's list shows it."""

    id: int
    authority: str
    request_number: str
    purpose: str
    ends_at: datetime


def running(session: Session, *, staff_id: int, now: datetime) -> Sequence[OwnRow]:
    """What runs for this supervisor on a site of theirs, the next to end first."""
    sites = scope_of(session, staff_id).sites
    part = sa.select(Site.id).join(InspectionSite, Site.serving(InspectionSite.site_id))
    part = part.where(InspectionSite.inspection_id == Inspection.id)
    if sites is not None:
        part = part.where(Site.id.in_(sites))
    columns: tuple[Any, ...] = (
        Inspection.id, Inspection.authority, Inspection.request_number, Inspection.purpose,
        Inspection.ends_at,
    )  # fmt: skip
    query = (
        sa.select(*columns)
        .join(InspectionSupervisor, InspectionSupervisor.inspection_id == Inspection.id)
        .where(
            InspectionSupervisor.staff_id == staff_id,
            Inspection.state == InspectionState.APPROVED,
            Inspection.ends_at > now,
            part.exists(),
        )
        .order_by(Inspection.ends_at, Inspection.id)
    )
    return [OwnRow(*row) for row in session.execute(query)]
