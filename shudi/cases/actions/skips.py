"""Passing a case over, with the reason: it leaves one list for a while, and nobody else's."""

from datetime import datetime

from sqlalchemy.orm import Session

from shudi.cases.actions.claims import active_claim, get_case, staff_id
from shudi.cases.actions.opening import audit, event
from shudi.cases.rules import SKIPPED_FOR, EventKind, check_open, check_skip
from shudi.cases.store.queue import Skip
from shudi.db import bulk_upsert
from shudi.staff.rules import Actor


def skip(
    session: Session, *, actor: Actor, case_id: int, reason: str, text: str, now: datetime
) -> datetime:
    """Pass the case over; returns until when. Whoever holds it gives it back by that."""
    case = get_case(session, actor, case_id)
    check_open(case.state)
    code = check_skip(reason, text)
    active = active_claim(session, case_id)
    if active is not None and active.staff_id == actor.staff_id:
        active.ended_at = now
    until = now + SKIPPED_FOR
    row = {
        "staff_id": staff_id(actor),
        "case_id": case_id,
        "reason": code,
        "until": until,
    }
    bulk_upsert(
        session,
        Skip.__table__,
        [row],
        key=("staff_id", "case_id"),
        update=("reason", "until"),
    )
    event(session, case, EventKind.SKIPPED, actor, now, text, {"skip": code.value})
    audit(session, actor, "case.skipped", case, now, after={"reason": code.value}, text=text)
    return until
