"""Who may do what here: roles, and who works here at all. Every change ends the person's sessions.

Whoever changes somebody's standing manages staff themselves, as the store says within the same
transaction, and it is never their own. So an admin always remains, however many of them disable
one another at the same instant: the writers queue, and who was demoted first demotes nobody.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.errors import NotAllowed, NotFound, Refused, Stale
from shudi.staff.actions.cutting import forget_ways_in
from shudi.staff.actions.record import record
from shudi.staff.actions.sessions import end_sessions
from shudi.staff.rules import (
    BY_TWO,
    GRANTS,
    OF_ALL_SITES,
    Actor,
    ActorKind,
    Permission,
    Role,
    may_appoint,
)
from shudi.staff.rules.scopes import EVERYWHERE, Scope
from shudi.staff.store import (
    ProposalState,
    Staff,
    StaffLink,
    StaffProposal,
    StaffSession,
    StaffState,
)
from shudi.staff.store.scopes import read_scope, scope_columns, stored_scope


def set_role(
    session: Session,
    *,
    actor: Actor,
    staff_id: int,
    role: Role,
    now: datetime,
    seen: int | None = None,
) -> None:
    """Give a person another role; they sign in again. Refused `role-by-two` where it takes two.

    `seen` is the person's version as it was looked at: Stale if it moved.
    """
    person = somebody_else(session, actor, staff_id, seen)
    check_appointment(actor, role)
    if person.role is role:
        raise Refused("role-held", "This person has this role already.")
    if person.state is StaffState.DISABLED:
        raise Refused("staff-disabled", "This person is disabled.")
    appoint(session, actor, person, role, now)


def disable(
    session: Session, *, actor: Actor, staff_id: int, now: datetime, seen: int | None = None
) -> None:
    """Nothing of this person's works any more, from their next request on."""
    person = somebody_else(session, actor, staff_id, seen)
    if person.state is StaffState.DISABLED:
        raise Refused("staff-disabled", "This person is disabled.")
    person.state = StaffState.DISABLED
    cut_off(session, staff_id, now)
    record(session, actor, "staff.disabled", staff_id, now)


def appoint(session: Session, actor: Actor, person: Staff, role: Role, now: datetime) -> None:
    """Change the role, and end what was begun under the one before."""
    before, person.role = person.role, role
    end_sessions(session, StaffSession.staff_id == person.id)
    drop_proposals(session, person.id, now)
    record(
        session,
        actor,
        "staff.role_set",
        person.id,
        now,
        before={"role": before.value},
        after={"role": role.value},
    )


def cut_off(session: Session, staff_id: int, now: datetime) -> None:
    """End the person's sessions, their ways in beside password and app, their unused links, and
    what they proposed or was about them.
    """
    end_sessions(session, StaffSession.staff_id == staff_id)
    forget_ways_in(session, staff_id=staff_id)
    session.execute(
        sa.update(StaffLink)
        .where(
            StaffLink.staff_id == staff_id, StaffLink.used_at.is_(None), StaffLink.expires_at > now
        )
        .values(expires_at=now)
    )
    drop_proposals(session, staff_id, now)


def drop_proposals(session: Session, staff_id: int, now: datetime) -> None:
    """A proposal stands on the standing of the two it names."""
    session.execute(
        sa.update(StaffProposal)
        .where(
            StaffProposal.state == ProposalState.OPEN,
            sa.or_(StaffProposal.staff_id == staff_id, StaffProposal.proposed_by == staff_id),
        )
        .values(state=ProposalState.DROPPED, decided_at=now)
    )


def as_manager(session: Session, actor: Actor) -> Scope:
    """How far the actor's work reaches; NotAllowed unless they manage staff, now."""
    return still_may(session, actor, Permission.STAFF_MANAGE)


def still_may(session: Session, actor: Actor, permission: Permission) -> Scope:
    """How far the actor's work reaches; NotAllowed unless their role grants `permission`, now:
    their session may have been read before somebody took that away.
    """
    actor.require(permission)
    if actor.kind is ActorKind.SYSTEM:
        return EVERYWHERE
    columns = (Staff.role, Staff.state, *scope_columns(actor.staff_id))
    row = session.execute(sa.select(*columns).where(Staff.id == actor.staff_id)).first()
    if row is None or row.state is not StaffState.ACTIVE or permission not in GRANTS[row.role]:
        raise NotAllowed("role", "Your role does not allow this.")
    scope = Scope(read_scope(*row[2:]).sites)  # regions are of those who supervise
    if permission in OF_ALL_SITES and not scope.unlimited:
        raise NotAllowed("scope", "This is of all sites; your work is limited to some.")
    return scope


def somebody_else(session: Session, actor: Actor, staff_id: int, seen: int | None = None) -> Staff:
    """The person whose standing `actor` may change: it exists, works on no site that the actor
    does not, is as it was seen, and is not they. The operator at the terminal is nobody here, and
    may change everyone's.
    """
    mine = as_manager(session, actor)
    person = session.get(Staff, staff_id)
    if person is None or not mine.covers(stored_scope(session, staff_id)):
        raise NotFound("staff-unknown", "There is no such person.")
    if actor.staff_id == person.id:
        raise NotAllowed("own-standing", "You cannot change your own standing.")
    if seen is not None and seen != person.version:
        raise Stale("staff-moved", "Somebody changed this person meanwhile.")
    return person


def check_appointment(actor: Actor, role: Role) -> None:
    """NotAllowed if it is not the actor's to give, Refused if it takes a second person."""
    if actor.kind is ActorKind.SYSTEM:
        return
    if actor.role is None or not may_appoint(actor.role, role):
        raise NotAllowed("rank", "Nobody grants what they do not have.")
    if role in BY_TWO:
        raise Refused("role-by-two", "Another administrator has to confirm this role.")
