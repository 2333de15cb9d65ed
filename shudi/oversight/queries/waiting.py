"""What one administrator proposed and another has to decide."""

import dataclasses
import enum
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from shudi.oversight.queries.inspections import readable
from shudi.oversight.store import Inspection
from shudi.sites.store import Site, SiteClosing
from shudi.staff.rules import Actor, Permission
from shudi.staff.store import Staff, StaffProposal
from shudi.staff.store.scopes import reaches


class Matter(enum.StrEnum):
    """What is to be decided: that a person become an admin, the end of a site, an inspection, or
    a later end of one that runs.
    """

    PERSON = "person"
    SITE = "site"
    INSPECTION = "inspection"
    LONGER = "longer"


@dataclasses.dataclass(frozen=True, slots=True)
class Waiting:
    """One of them; `id` is the person's, the site's or the inspection's, `name` theirs or the
    authority's, `by` the name of who proposed it.
    """

    matter: Matter
    id: int
    name: str
    by: str


def waiting(session: Session, *, actor: Actor, now: datetime, most: int = 20) -> list[Waiting]:
    """What waits for a second person and `actor` may decide, or would if it were not their own
    proposal: people first, then sites, then inspections, the oldest first. One question.
    """
    ways = {
        Permission.STAFF_MANAGE: [_people(actor, now)],
        Permission.SITE_MANAGE: [_sites(now)],
        Permission.INSPECTION_APPROVE: [_inspections(actor, now), _longer(actor, now)],
    }
    parts = [part for needed, parts in ways.items() if actor.may(needed) for part in parts]
    if not parts:
        return []
    numbered = [
        part.add_columns(sa.literal_column(str(number)).label("number"))
        for number, part in enumerate(parts)
    ]
    found = sa.union_all(*numbered).subquery()
    columns = (found.c.matter, found.c.id, found.c.name, found.c.by)
    query = sa.select(*columns).order_by(found.c.number, found.c.proposal).limit(most)
    rows = session.execute(query)
    return [Waiting(Matter(matter), *rest) for matter, *rest in rows]


def _people(actor: Actor, now: datetime) -> sa.Select[Any]:
    person, proposer = aliased(Staff), aliased(Staff)
    return (
        _line(Matter.PERSON, StaffProposal.staff_id, person.name, proposer.name, StaffProposal.id)
        .select_from(StaffProposal)
        .join(person, person.id == StaffProposal.staff_id)
        .join(proposer, proposer.id == StaffProposal.proposed_by)
        .where(StaffProposal.waits(now), reaches(person.id, actor.scope.sites))
    )


def _sites(now: datetime) -> sa.Select[Any]:
    return (
        _line(Matter.SITE, SiteClosing.site_id, Site.name, Staff.name, SiteClosing.id)
        .select_from(SiteClosing)
        .join(Site, Site.id == SiteClosing.site_id)
        .join(Staff, Staff.id == SiteClosing.proposed_by)
        .where(SiteClosing.waits(now))
    )


def _inspections(actor: Actor, now: datetime) -> sa.Select[Any]:
    by = Staff.id == Inspection.proposed_by
    return _inspected(Matter.INSPECTION, by, Inspection.waits(now), actor)


def _longer(actor: Actor, now: datetime) -> sa.Select[Any]:
    by = Staff.id == Inspection.more_by
    return _inspected(Matter.LONGER, by, Inspection.asks_longer(now), actor)


def _inspected(
    matter: Matter, by: sa.ColumnElement[bool], waits: sa.ColumnElement[bool], actor: Actor
) -> sa.Select[Any]:
    return (
        _line(matter, Inspection.id, Inspection.authority, Staff.name, Inspection.id)
        .select_from(Inspection)
        .join(Staff, by)
        .where(waits, *readable(actor.scope.sites))
    )


def _line(matter: Matter, of: Any, name: Any, by: Any, proposal: Any) -> sa.Select[Any]:
    return sa.select(
        sa.literal_column(f"'{matter.value}'", sa.String).label("matter"),
        of.label("id"),
        name.label("name"),
        by.label("by"),
        proposal.label("proposal"),
    )
