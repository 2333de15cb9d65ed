"""Limiting people to sites, and supervisors to regions. It holds from their next request on.

Nobody gives what they lack: who is limited gives of their own sites only. Nobody's own scope is
theirs to change, and whoever reaches further than the actor is not there for them.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, attributes

from shudi.errors import Invalid, NotAllowed, Refused
from shudi.staff.actions.record import record
from shudi.staff.actions.standing import as_manager, somebody_else
from shudi.staff.rules import Actor, Role
from shudi.staff.rules.scopes import EVERYWHERE, Scope
from shudi.staff.store.scopes import StaffRegion, StaffSite, stored_scope


def set_scope(
    session: Session,
    *,
    actor: Actor,
    staff_id: int,
    scope: Scope,
    now: datetime,
    seen: int | None = None,
) -> None:
    """Let somebody work on these sites and, if they supervise, regions. Open sessions go on.

    NotAllowed `scope-wider` for what the actor lacks; Stale if the person is not as `seen`.
    """
    person = somebody_else(session, actor, staff_id, seen)
    check_scope(as_manager(session, actor), person.role, scope)
    before = stored_scope(session, staff_id)
    if before == scope:
        raise Refused("scope-held", "This is their scope already.")
    session.execute(sa.delete(StaffSite).where(StaffSite.staff_id == staff_id))
    session.execute(sa.delete(StaffRegion).where(StaffRegion.staff_id == staff_id))
    limit(session, staff_id, scope)
    attributes.flag_modified(person, "role")  # whoever saw the person before saw less: a version
    told = {"before": _told(before), "after": _told(scope)}
    record(session, actor, "staff.scope_set", staff_id, now, **told)


def check_scope(mine: Scope, role: Role, scope: Scope) -> None:
    """Invalid if nobody of that role can have it, NotAllowed if it is not the actor's to give."""
    if scope.sites == frozenset():
        raise Invalid("scope-empty", "Choose at least one site.")
    if scope.regions == frozenset():
        raise Invalid("scope-regions-empty", "Choose at least one region.")
    if scope.regions is not None and role is not Role.SUPERVISOR:
        raise Invalid("scope-regions", "Only a supervisor is limited to regions.")
    if not mine.covers(scope):
        raise NotAllowed("scope-wider", "Nobody grants sites that they do not have.")


def limit(session: Session, staff_id: int, scope: Scope) -> None:
    """Write the rows of `scope` for somebody who has none."""
    session.add_all(StaffSite(staff_id=staff_id, site_id=one) for one in scope.sites or ())
    session.add_all(StaffRegion(staff_id=staff_id, region=one) for one in scope.regions or ())


def first_scope(session: Session, staff_id: int, scope: Scope) -> dict[str, object]:
    """Limit somebody who is being created; returns what to say of it in the record."""
    limit(session, staff_id, scope)
    return {} if scope == EVERYWHERE else {"scope": _told(scope)}


def _told(scope: Scope) -> dict[str, object]:
    return {
        "sites": "all" if scope.sites is None else sorted(scope.sites),
        "regions": "all" if scope.regions is None else sorted(scope.regions),
    }
