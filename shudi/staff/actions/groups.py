"""What somebody's groups at the provider change here, each time they sign in by it.

The changes are an admin's own acts, done by `system:single-sign-on`: the same row, and every
session ends. Decision record 0026.
"""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.errors import Invalid, Stale
from shudi.staff.actions.admission import create_staff
from shudi.staff.actions.door import Door
from shudi.staff.actions.factors import Person
from shudi.staff.actions.record import record
from shudi.staff.actions.sessions import end_sessions
from shudi.staff.actions.sign_in import record_refusal
from shudi.staff.actions.standing import set_role
from shudi.staff.rules import GRANTS, Actor, Permission, Role
from shudi.staff.rules.single_sign_on import Identified, Policy, follow
from shudi.staff.store import Staff, StaffSession, StaffState
from shudi.staff.store.scopes import StaffSite

BY = Actor.system("single-sign-on")


def follow_groups(
    session: Session, *, door: Door, person: Person, who: Identified, policy: Policy
) -> bool:
    """Give them the role that their groups say; False if they say none, which ends every session.

    Whoever alone manages all staff is not demoted: they are refused, and their other way in stays.
    """
    if not policy.roles:
        return True
    role = follow(person.role, policy.mapped(who.groups))
    if role is person.role:
        return True
    if role is not None and _is_last_manager(session, person):
        record_refusal(session, door, person, "sso", "last-admin")
        return False
    if role is None:
        record_refusal(session, door, person, "sso", "groups")
        ended = end_sessions(session, StaffSession.staff_id == person.id)
        if ended:
            after = {"sessions": ended}
            record(session, BY, "staff.session_ended", person.id, door.now, after=after)
        return False
    set_role(session, actor=BY, staff_id=person.id, role=role, now=door.now)
    session.flush()  # what follows reads the role by columns
    return True


def take_on(session: Session, *, door: Door, who: Identified, policy: Policy) -> int | None:
    """Somebody new whose groups give a role, where that is enough; returns their id.

    None if it is not, if they have no name that may stand here, or somebody else has it: a name
    binds nobody.
    """
    role = follow(None, policy.mapped(who.groups)) if policy.create else None
    if role is None:
        return None
    try:
        staff_id = create_staff(session, actor=BY, name=who.name, role=role, now=door.now)
    except (Invalid, Stale):
        return None
    session.execute(sa.update(Staff).where(Staff.id == staff_id).values(state=StaffState.ACTIVE))
    return staff_id


def _is_last_manager(session: Session, person: Person) -> bool:
    managing = [role for role in Role if Permission.STAFF_MANAGE in GRANTS[role]]
    if person.role not in managing:
        return False
    limited = sa.select(StaffSite.staff_id)
    others = sa.select(Staff.id).where(
        Staff.role.in_(managing),
        Staff.state == StaffState.ACTIVE,
        Staff.id != person.id,
        Staff.id.not_in(limited),
    )
    return session.scalar(others.limit(1)) is None
