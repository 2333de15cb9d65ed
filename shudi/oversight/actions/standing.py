"""What every act on an inspection asks first."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.store import Account
from shudi.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from shudi.labels.store import Label
from shudi.oversight import rules
from shudi.oversight.rules import Reach
from shudi.oversight.store import (
    Inspection,
    InspectionAccount,
    InspectionRegion,
    InspectionSite,
    InspectionSupervisor,
)
from shudi.sites.queries import check_serving
from shudi.staff.actions.standing import still_may
from shudi.staff.queries.scopes import scope_of
from shudi.staff.rules import Actor, Permission, Role
from shudi.staff.rules.scopes import Scope
from shudi.staff.store import Staff, StaffState


def reach_of(session: Session, actor: Actor, permission: Permission) -> Scope:
    """How far the actor's work reaches; NotAllowed unless they are a person, and the store grants
    them this now.
    """
    if actor.staff_id is None:
        raise NotAllowed("role", "Your role does not allow this.")
    return still_may(session, actor, permission)


def load(
    session: Session, actor: Actor, permission: Permission, inspection_id: int, version: int
) -> Inspection:
    """The inspection as it was seen. NotFound where there is none on the sites of the actor, or
    none at all; NotAllowed, Stale.
    """
    scope = reach_of(session, actor, permission)
    row = session.get(Inspection, inspection_id)
    if row is None or not all(map(scope.allows_site, sites_of(session, inspection_id))):
        raise NotFound("inspection-unknown", "There is no such inspection.")
    if row.version != version:
        raise Stale("inspection-moved", "This inspection changed meanwhile. Look at it again.")
    return row


def sites_of(session: Session, inspection_id: int) -> frozenset[int]:
    """The sites of its scope."""
    of_it = InspectionSite.inspection_id == inspection_id
    return frozenset(session.scalars(sa.select(InspectionSite.site_id).where(of_it)))


def supervisors_of(session: Session, inspection_id: int) -> frozenset[int]:
    """Who looks by it."""
    of_it = InspectionSupervisor.inspection_id == inspection_id
    return frozenset(session.scalars(sa.select(InspectionSupervisor.staff_id).where(of_it)))


def check_supervisors(session: Session, people: frozenset[int]) -> None:
    """Raise Invalid unless each of them is a supervisor who works here."""
    query = sa.select(Staff.id).where(
        Staff.id.in_(people), Staff.role == Role.SUPERVISOR, Staff.state == StaffState.ACTIVE
    )
    if frozenset(session.scalars(query)) != people:
        raise Invalid("not-supervisor", "Everybody named must be an active supervisor.")


def check_reach(session: Session, inspection: Inspection) -> None:
    """Raise Invalid or Refused unless each supervisor is one, and all of it lies within what they
    may inspect; NotFound where a site of it is closed.
    """
    people = supervisors_of(session, inspection.id)
    check_supervisors(session, people)
    sites = sites_of(session, inspection.id)
    for site in sites:
        check_serving(session, site)
    for staff_id in people:
        scope = scope_of(session, staff_id)
        if not all(scope.allows_site(site) for site in sites):
            raise Refused("beyond-sites", "A supervisor may not inspect every one of these sites.")
        if scope.regions is not None and not _within(session, inspection, scope.regions):
            raise Refused("beyond-regions", "This reaches beyond a supervisor's regions.")


def _within(session: Session, inspection: Inspection, bounds: frozenset[str]) -> bool:
    """Whether the regions, or the places of the accounts named, lie within `bounds`."""
    if inspection.reach is Reach.REGIONS:
        of_it = InspectionRegion.inspection_id == inspection.id
        codes = session.scalars(sa.select(InspectionRegion.region).where(of_it))
    else:
        codes = session.scalars(
            sa.select(sa.case((Label.hidden, None), else_=Label.region))
            .select_from(InspectionAccount)
            .outerjoin(Label, Label.account_id == InspectionAccount.account_id)
            .join(Account, Account.id == InspectionAccount.account_id)
            .where(InspectionAccount.inspection_id == inspection.id, Account.deleted_at.is_(None))
        )
    return all(rules.lies_in(code, bounds) for code in codes)
