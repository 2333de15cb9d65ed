"""Roles that take two: one admin proposes, another confirms, neither for themselves."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.errors import NotAllowed, NotFound, Refused, Stale
from shudi.staff.actions.record import record
from shudi.staff.actions.standing import appoint, as_manager, somebody_else
from shudi.staff.rules import BY_TWO, PROPOSAL_LIFE, Actor, Role, may_appoint
from shudi.staff.store import (
    LinkPurpose,
    ProposalState,
    Staff,
    StaffLink,
    StaffProposal,
    StaffState,
)

# Who let somebody in holds, for a moment, the means to be that person. Until the person has had
# this long to notice, the two are not taken for two.
APART = timedelta(days=7)


def propose(
    session: Session,
    *,
    actor: Actor,
    staff_id: int,
    role: Role,
    now: datetime,
    seen: int | None = None,
) -> int:
    """Propose a role that takes two, for a week; returns the proposal's id.

    Stale if the person is not as `seen`, or a proposal about them waits already.
    """
    person = somebody_else(session, actor, staff_id, seen)
    if actor.staff_id is None or actor.role is None or not may_appoint(actor.role, role):
        raise NotAllowed("rank", "Nobody grants what they do not have.")
    if role not in BY_TWO:
        raise Refused("role-alone", "This role takes no second person.")
    if person.role is role:
        raise Refused("role-held", "This person has this role already.")
    if person.state is not StaffState.ACTIVE:
        raise Refused("staff-not-active", "This person has not set their credentials yet.")
    _drop_overdue(session, now)
    if session.scalar(sa.select(StaffProposal.id).where(*_open_about(staff_id))) is not None:
        raise Stale("proposal-waits", "A proposal about this person waits already.")
    row = StaffProposal(
        staff_id=staff_id,
        role=role,
        state=ProposalState.OPEN,
        proposed_by=actor.staff_id,
        proposed_at=now,
        expires_at=now + PROPOSAL_LIFE,
    )
    session.add(row)
    session.flush()  # the audit row names the id
    after = {"role": role.value, "proposal": row.id}
    record(session, actor, "staff.role_proposed", staff_id, now, after=after)
    return row.id


def confirm(session: Session, *, actor: Actor, proposal_id: int, now: datetime) -> int:
    """Give the role; returns whose it is. NotAllowed for the proposer and the person concerned."""
    row, person = _waiting(session, actor, proposal_id, now)
    check_two(session, actor.staff_id, row.proposed_by, now)
    _decide(row, ProposalState.CONFIRMED, actor, now)
    session.flush()  # or the change of role would drop it as open
    appoint(session, actor, person, row.role, now)
    return row.staff_id


def refuse(session: Session, *, actor: Actor, proposal_id: int, now: datetime) -> int:
    """Refuse the role, or withdraw what one proposed oneself; returns whom it was about."""
    row, _ = _waiting(session, actor, proposal_id, now)
    own = actor.staff_id == row.proposed_by
    _decide(row, ProposalState.WITHDRAWN if own else ProposalState.REFUSED, actor, now)
    action = "staff.role_withdrawn" if own else "staff.role_refused"
    after = {"role": row.role.value, "proposal": row.id}
    record(session, actor, action, row.staff_id, now, after=after)
    return row.staff_id


def _waiting(
    session: Session, actor: Actor, proposal_id: int, now: datetime
) -> tuple[StaffProposal, Staff]:
    """A proposal that waits, and the person, if both may be this actor's to decide."""
    as_manager(session, actor)
    row = session.get(StaffProposal, proposal_id)
    if row is None:
        raise NotFound("proposal-unknown", "There is no such proposal.")
    person = somebody_else(session, actor, row.staff_id)
    if row.state is not ProposalState.OPEN or row.expires_at <= now:
        raise Stale("proposal-over", "This proposal does not wait any more.")
    return row, person


def _decide(row: StaffProposal, state: ProposalState, actor: Actor, now: datetime) -> None:
    row.state, row.decided_by, row.decided_at = state, actor.staff_id, now


def _open_about(staff_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    return (StaffProposal.staff_id == staff_id, StaffProposal.state == ProposalState.OPEN)


def _drop_overdue(session: Session, now: datetime) -> None:
    session.execute(
        sa.update(StaffProposal)
        .where(StaffProposal.state == ProposalState.OPEN, StaffProposal.expires_at <= now)
        .values(state=ProposalState.DROPPED, decided_at=now)
    )


def check_two(session: Session, one: int | None, other: int, now: datetime) -> None:
    """NotAllowed unless these are two people: not the same, nor one who holds what the other needs
    to sign in.
    """
    if one == other:
        raise NotAllowed("own-proposal", "This is your own proposal.")
    if _let_in_lately(session, one, other, now):
        raise NotAllowed("let-in-lately", "One of you let the other in less than a week ago.")


def _let_in_lately(session: Session, one: int | None, other: int, now: datetime) -> bool:
    """Whether one of the two used a link of the other's within APART."""
    either = sa.or_(
        sa.and_(StaffLink.staff_id == one, StaffLink.made_by == other),
        sa.and_(StaffLink.staff_id == other, StaffLink.made_by == one),
    )
    query = sa.select(StaffLink.id).where(
        either, StaffLink.purpose == LinkPurpose.ENROL, StaffLink.used_at > now - APART
    )
    return session.scalar(query.limit(1)) is not None
