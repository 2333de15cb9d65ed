"""Giving a case to a named person: what one holds, or, as a senior, any open case."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.cases.actions.claims import active_claim, get_case, staff_id
from shudi.cases.actions.opening import audit, event
from shudi.cases.rules import (
    HANDED_FOR,
    HANDOVER_TEXT_MOST,
    CaseKind,
    EventKind,
    check_open,
    check_receiver,
)
from shudi.cases.rules.appeals import SECOND
from shudi.cases.rules.policy import Act, check, involving
from shudi.cases.store import Case, Claim, Excluded
from shudi.cases.store.appeals import Appeal
from shudi.cases.store.queue import Handover, Skip
from shudi.errors import Invalid, NotFound, Refused, Stale
from shudi.staff.rules import GRANTS, Actor, Permission
from shudi.staff.store import OwnAccount, Staff, StaffState
from shudi.staff.store.scopes import stored_scope


def assign(
    session: Session,
    *,
    actor: Actor,
    case_id: int,
    to: int,
    seen_claim: int,
    text: str,
    now: datetime,
) -> datetime:
    """Make `to` the holder; returns until when the claim stands.

    `seen_claim` is the claim's id as the giver saw it, 0 for none: of two who give the case away
    at once, or of one who gives and one who takes, the second is told. Raises Stale then.
    """
    case = get_case(session, actor, case_id)
    if case.kind is CaseKind.BRAKE:
        raise Refused("brake-case", "A brake is decided on its own page.")
    if len(text) > HANDOVER_TEXT_MOST:
        raise Invalid("text-too-long", "At most 500 characters.")
    check_open(case.state)
    excluded = _excluded(session, case_id, actor.staff_id)
    act = Act.LOOK if case.kind is CaseKind.SECOND_LOOK else Act.CLAIM_CONTEST
    check(act, actor, involving(actor.staff_id if excluded else None))
    active = active_claim(session, case_id)
    if (active.id if active else 0) != seen_claim:
        raise Stale("claim-moved", "The case has another holder by now.")
    if active is None or active.staff_id != actor.staff_id:
        actor.require(Permission.CASE_ASSIGN)
    receiver = _receiver(session, case, to, active)
    if active is not None:
        active.ended_at = now
        session.flush()  # one active claim a case, by constraint
    claim = Claim(
        case_id=case_id, staff_id=receiver.id, claimed_at=now, expires_at=now + HANDED_FOR
    )
    session.add(claim)
    session.flush()  # the handover names the claim
    session.add(Handover(claim_id=claim.id, given_by=staff_id(actor), given_at=now))
    session.execute(sa.delete(Skip).filter_by(case_id=case_id, staff_id=receiver.id))
    event(session, case, EventKind.ASSIGNED, actor, now, text, {"to": receiver.id})
    people = {"from": active.staff_id if active else None, "to": receiver.id}
    audit(session, actor, "case.assigned", case, now, after=people, text=text)
    return claim.expires_at


def _receiver(session: Session, case: Case, to: int, active: Claim | None) -> Staff:
    person = session.get(Staff, to)
    if person is None or not stored_scope(session, to).allows_site(case.site_id):
        raise NotFound("staff-unknown", "There is no such person.")
    at_work = person.state is StaffState.ACTIVE
    owns = session.get(OwnAccount, (to, case.account_id)) if case.account_id else None
    check_receiver(
        decides=at_work and Permission.CASE_DECIDE in GRANTS[person.role],
        barred=owns is not None or _barred(session, case, person),
        holds=active is not None and active.staff_id == to,
    )
    return person


def _barred(session: Session, case: Case, person: Staff) -> bool:
    """Whether the person decided what is contested, or the case is a second instance and they
    are no senior.
    """
    if _excluded(session, case.id, person.id):
        return True
    appeal = session.get(Appeal, case.id)
    senior = Permission.CORRECTION_APPROVE in GRANTS[person.role]
    return appeal is not None and appeal.instance == SECOND and not senior


def _excluded(session: Session, case_id: int, person: int | None) -> bool:
    return session.get(Excluded, (case_id, person)) is not None
