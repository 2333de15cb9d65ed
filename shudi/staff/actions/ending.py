"""Ending what came of a sign-in: one's own, or, for who manages staff, anybody's."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.errors import NotFound
from shudi.staff.actions.record import record
from shudi.staff.actions.sessions import end_sessions
from shudi.staff.actions.standing import somebody_else
from shudi.staff.rules import Actor
from shudi.staff.store import StaffSession


def end_session(
    session: Session, *, actor: Actor, staff_id: int, sign_in_id: int, now: datetime
) -> None:
    """End what came of one sign-in. NotFound if it is over already, or another person's."""
    _end(session, actor, staff_id, now, StaffSession.sign_in_id == sign_in_id)


def end_all_sessions(session: Session, *, actor: Actor, staff_id: int, now: datetime) -> int:
    """End every session of a person's; returns how many. They may sign in again.

    NotFound if there is none.
    """
    return _end(session, actor, staff_id, now)


def _end(
    session: Session, actor: Actor, staff_id: int, now: datetime, *which: sa.ColumnElement[bool]
) -> int:
    if actor.staff_id != staff_id:
        somebody_else(session, actor, staff_id)
    ended = end_sessions(session, StaffSession.staff_id == staff_id, *which)
    if not ended:
        raise NotFound("session-over", "This session is over.")
    record(session, actor, "staff.session_ended", staff_id, now, after={"sessions": ended})
    return ended
