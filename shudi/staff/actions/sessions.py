"""Sessions: made at each change of standing, ended at once."""

import dataclasses
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.errors import NotAllowed
from shudi.staff.actions.arrivals import forget_arrivals
from shudi.staff.actions.attempts import forget
from shudi.staff.actions.care import forget_days
from shudi.staff.actions.challenges import forget_challenges
from shudi.staff.actions.devices import forget_old_devices
from shudi.staff.actions.notices import forget_notices
from shudi.staff.actions.reading import forget_looks
from shudi.staff.actions.record import record
from shudi.staff.actions.trips import forget_trips
from shudi.staff.codec.keyring import new_token, token_hash
from shudi.staff.rules import Actor
from shudi.staff.store import StaffLink, StaffSession

TOUCH_AFTER = timedelta(minutes=1)
_PENDING = timedelta(minutes=10)  # between password and second factor
_LINKS_KEPT = timedelta(days=30)


@dataclasses.dataclass(frozen=True, slots=True)
class Began:
    """By what a session began: `password+code`, `sso`, …; and, by single sign-on, who that is at
    the provider, and (hashed) in which session there.
    """

    method: str = ""
    identity_id: int | None = None
    provider_hash: str = ""


NOT_SAID = Began()


def open_session(
    session: Session,
    *,
    staff_id: int,
    now: datetime,
    hours: int = 0,
    factor_at: datetime | None = None,
    began: Began = NOT_SAID,
) -> str:
    """A new token for `staff_id`; full for `hours`, or pending (0) until the second factor.

    `factor_at`: when that was given, if not now.
    """
    token = new_token()
    session.execute(
        sa.insert(StaffSession),
        {
            "token_hash": token_hash(token),
            "staff_id": staff_id,
            "csrf": secrets.token_urlsafe(32),
            "full": hours > 0,
            "factor_at": (factor_at or now) if hours else None,
            "created_at": now,
            "seen_at": now,
            "expires_at": now + (timedelta(hours=hours) if hours else _PENDING),
            **dataclasses.asdict(began),
        },
    )
    return token


def end_pending(session: Session, *, token: str) -> Began:
    """End a pending session; returns how it began."""
    row = session.execute(
        sa.delete(StaffSession)
        .where(StaffSession.token_hash == token_hash(token), StaffSession.full.is_(False))
        .returning(StaffSession.method, StaffSession.identity_id, StaffSession.provider_hash)
    ).first()
    return Began(*row) if row else NOT_SAID


def replace_session(session: Session, *, token: str, now: datetime, proved: bool = False) -> str:
    """The same session under a new token, which ends when it would have ended; `proved`: a second
    factor was given now. NotAllowed if it is over.
    """
    old = session.execute(
        sa.delete(StaffSession)
        .where(StaffSession.token_hash == token_hash(token), StaffSession.full)
        .returning(
            StaffSession.staff_id,
            StaffSession.factor_at,
            StaffSession.created_at,
            StaffSession.expires_at,
            StaffSession.sign_in_id,
            StaffSession.method,
            StaffSession.identity_id,
            StaffSession.provider_hash,
        )
    ).first()
    if old is None:
        raise NotAllowed("sign-in-needed", "Please sign in first.")
    fresh = new_token()
    values = {
        "token_hash": token_hash(fresh),
        "staff_id": old.staff_id,
        "csrf": secrets.token_urlsafe(32),
        "full": True,
        "factor_at": now if proved else old.factor_at,
        "created_at": old.created_at,
        "seen_at": now,
        "expires_at": old.expires_at,
        "sign_in_id": old.sign_in_id,
        "method": old.method,
        "identity_id": old.identity_id,
        "provider_hash": old.provider_hash,
    }
    session.execute(sa.insert(StaffSession), values)
    return fresh


def touch(session: Session, *, token: str, now: datetime) -> None:
    """Move the idle limit. Only ever updates, so it cannot bring back a session just ended."""
    session.execute(
        sa.update(StaffSession)
        .where(
            StaffSession.token_hash == token_hash(token),
            StaffSession.seen_at < now - TOUCH_AFTER,
        )
        .values(seen_at=now)
    )


def sign_out(session: Session, *, actor: Actor, token: str, now: datetime) -> None:
    """End this session; nothing happens if it ended already. On record only if it was a full
    one: who has not passed the second factor was never in.
    """
    full = session.scalar(
        sa.delete(StaffSession)
        .where(StaffSession.token_hash == token_hash(token))
        .returning(StaffSession.full)
    )
    if full and actor.staff_id:
        record(session, actor, "staff.signed_out", actor.staff_id, now)


def sign_out_elsewhere(session: Session, *, actor: Actor, token: str, now: datetime) -> int:
    """End all the actor's sessions but this one; returns how many."""
    if actor.staff_id is None:
        raise NotAllowed("not-staff", "Only people who work here have sessions.")
    ended = end_sessions(
        session,
        StaffSession.staff_id == actor.staff_id,
        StaffSession.token_hash != token_hash(token),
    )
    if ended:
        record(session, actor, "staff.signed_out", actor.staff_id, now, after={"sessions": ended})
    return ended


def end_sessions(session: Session, *which: sa.ColumnElement[bool]) -> int:
    """Delete the sessions that match all of `which`; returns how many."""
    gone = session.execute(
        sa.delete(StaffSession).where(*which).returning(StaffSession.token_hash)
    ).all()
    return len(gone)


def purge(session: Session, *, now: datetime) -> int:
    """Delete what is over, of all that this noun keeps for a while; returns how many rows."""
    links = session.execute(
        sa.delete(StaffLink).where(StaffLink.expires_at < now - _LINKS_KEPT).returning(StaffLink.id)
    ).all()
    return (
        end_sessions(session, StaffSession.expires_at <= now)
        + len(links)
        + forget_looks(session, now=now)
        + forget_days(session, now=now)
        + forget_arrivals(session, now=now)
        + forget(session, now=now)
        + forget_notices(session, now=now)
        + forget_challenges(session, now=now)
        + forget_trips(session, now=now)
        + forget_old_devices(session, now=now)
    )
