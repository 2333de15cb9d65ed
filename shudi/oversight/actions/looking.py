"""Looking by an inspection: whether it may be, and the row without which nothing is shown."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.audit.actions import Entry, append
from shudi.db import bulk_upsert
from shudi.errors import NotFound, Refused
from shudi.oversight import rules
from shudi.oversight.rules import EXPORT_MOST, Format, Kind, Running, Table
from shudi.oversight.store import (
    Inspection,
    InspectionRegion,
    InspectionSeen,
    InspectionSite,
    InspectionSupervisor,
)
from shudi.sites.store import Site
from shudi.staff.queries.scopes import scope_of
from shudi.staff.rules import Actor, Permission, Role
from shudi.staff.store import Staff, StaffState


def enter(session: Session, *, actor: Actor, inspection_id: int, now: datetime) -> Running:
    """The inspection for this supervisor, within what they may inspect now.

    NotFound alike where there is none, where it names others, where it does not run, and where
    they work on none of its sites any more.
    """
    actor.require(Permission.INSPECTION_LOOK)
    row = session.execute(_named(inspection_id, actor.staff_id)).first()
    if row is not None and rules.runs(row[0].state, row[0].ends_at, now):
        narrowed = _narrowed(session, actor, *row)
        if narrowed.sites:
            return narrowed
    raise NotFound("inspection-unknown", "There is no such inspection.")


def _named(inspection_id: int, staff_id: int | None) -> sa.Select[Any]:
    """The inspection with its sites that are not closed and its regions, if it names this person
    and they are a supervisor still.
    """
    sites = sa.func.aggregate_strings(sa.cast(InspectionSite.site_id, sa.Text), ",")
    codes = sa.func.aggregate_strings(InspectionRegion.region, ",")
    of_it = (InspectionSite.inspection_id, InspectionRegion.inspection_id)
    open_sites = sa.select(sites).join(Site, Site.serving(InspectionSite.site_id))
    return (
        sa.select(
            Inspection,
            open_sites.where(of_it[0] == Inspection.id).scalar_subquery(),
            sa.select(codes).where(of_it[1] == Inspection.id).scalar_subquery(),
        )
        .join(InspectionSupervisor, InspectionSupervisor.inspection_id == Inspection.id)
        .join(Staff, Staff.id == InspectionSupervisor.staff_id)
        .where(
            Inspection.id == inspection_id,
            Staff.id == staff_id,
            Staff.role == Role.SUPERVISOR,
            Staff.state == StaffState.ACTIVE,
        )
    )


def _narrowed(
    session: Session, actor: Actor, row: Inspection, sites: str | None, codes: str | None
) -> Running:
    kinds = {Kind.LABELS: row.labels, Kind.CASES: row.cases, Kind.INFORMATION: row.information}
    own = scope_of(session, actor.staff_id or 0)
    wanted = frozenset(map(int, sites.split(","))) if sites else frozenset()
    return Running(
        id=row.id,
        authority=row.authority,
        request_number=row.request_number,
        request_date=row.request_date,
        basis=row.basis,
        purpose=row.purpose,
        reach=row.reach,
        since=row.since,
        until=row.until,
        kinds=frozenset(kind for kind, held in kinds.items() if held),
        telling=row.telling,
        ends_at=row.ends_at or row.proposed_at,
        salt=row.salt,
        sites=frozenset(site for site in wanted if own.allows_site(site)),
        regions=frozenset(codes.split(",")) if codes else None,
        bounds=own.regions,
        supervisor=actor.staff_id or 0,
        own_accounts=actor.own_accounts,
    )


def note_look(
    session: Session,
    *,
    actor: Actor,
    inspection: Running,
    page: str,
    accounts: Collection[int],
    now: datetime,
) -> None:
    """Put on record what a page is about to show: of lists the ids, in words that can be erased."""
    _note(session, actor, inspection, "inspection.looked", {"page": page}, accounts, now)


def note_export(
    session: Session,
    *,
    actor: Actor,
    inspection: Running,
    table: Table,
    file: Format,
    rows: int,
    accounts: Collection[int],
    now: datetime,
) -> None:
    """The same of a file. Raises Refused where it is too large, or not among what may be seen."""
    if table not in inspection.tables:
        raise Refused("export-kind", "This inspection does not show that.")
    if rows > EXPORT_MOST:
        raise Refused("export-large", "A file holds at most 10,000 rows.")
    facts = {"table": table.value, "file": file.value, "rows": rows}
    _note(session, actor, inspection, "inspection.exported", facts, accounts, now)


def _note(
    session: Session,
    actor: Actor,
    inspection: Running,
    action: str,
    facts: dict[str, Any],
    accounts: Collection[int],
    now: datetime,
) -> None:
    ids = sorted(set(accounts))
    entry = Entry(
        actor_id=actor.id,
        actor_name=actor.name,
        action=action,
        target_type="inspection",
        target_id=inspection.id,
        after=facts | {"accounts": len(ids)},
        text=" ".join(map(str, ids)),
        request_id=actor.request_id,
    )
    append(session, entry, now=now)
    if ids:
        rows = [{"account_id": one, "inspection_id": inspection.id, "first_at": now} for one in ids]
        key = ("account_id", "inspection_id")
        bulk_upsert(session, InspectionSeen.__table__, rows, key=key, update=())
