"""Signing in: password, then second factor.

Both acts take the database, not a session, because three things must not share a transaction:
the count, which outlives the refusal; the hash, which must not hold the writer's lock; and the
outcome with its audit row. A store that cannot count raises Unavailable before anything is
checked, so the door fails closed.
"""

import dataclasses
from datetime import datetime

import sqlalchemy as sa
from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from shudi.db import Database
from shudi.errors import Refused
from shudi.staff.actions import attempts
from shudi.staff.actions.record import nobody, record
from shudi.staff.actions.sessions import end_sessions, open_session
from shudi.staff.codec import passwords, totp
from shudi.staff.codec.keyring import IPAddress, Keyring, token_hash
from shudi.staff.rules import Actor, Role
from shudi.staff.store import Staff, StaffSession, StaffState


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where somebody knocks: what both acts need besides what was typed."""

    keyring: Keyring
    client: IPAddress | None
    now: datetime
    request_id: str = ""
    hours: int = 12
    hasher: PasswordHasher = passwords.HASHER


@dataclasses.dataclass(frozen=True, slots=True)
class _Person:
    id: int
    name: str
    role: Role
    state: StaffState
    password_hash: str
    totp_secret: str


_PERSON = sa.select(
    Staff.id, Staff.name, Staff.role, Staff.state, Staff.password_hash, Staff.totp_secret
)


def sign_in_password(database: Database, *, door: Door, name: str, password: str) -> str:
    """Check the first factor; returns the token of a pending session, good for the code only.

    Refused `sign-in-refused` whether the name, the password or the standing is wrong, after the
    same work; Refused `too-many-attempts` before any.
    """
    name = passwords.normal(name).strip()
    subjects = [
        attempts.by_name(door.keyring, "password", name, attempts.PASSWORD),
        attempts.by_client(door.keyring, door.client, door.now, attempts.PASSWORD),
    ]
    with database.transaction() as session:
        attempts.spend(session, subjects=subjects, now=door.now)
    with database.read_session() as session:
        person = _by_name(session, name)
    active = person is not None and person.state is StaffState.ACTIVE
    stored = person.password_hash if person is not None and active else ""
    known = passwords.verify(stored, password, hasher=door.hasher)
    fresh = ""
    if known and passwords.needs_rehash(stored, hasher=door.hasher):
        fresh = passwords.hash_new(password, hasher=door.hasher)
    token = None
    with database.transaction() as session:
        if known and person is not None:
            token = _begin(session, door, person.id, stored, fresh)
        if token is None:
            _record_refusal(session, door, person, "password")
    if token is None:
        raise Refused("sign-in-refused", "Name or password is not right.")
    return token


def sign_in_code(database: Database, *, door: Door, token: str, code: str) -> str:
    """Check the second factor of the pending session; returns the token of a full one.

    Refused `sign-in-over` if there is no such pending session, `code-refused` if the code is
    wrong or was used, `too-many-attempts` before looking at it.
    """
    with database.read_session() as session:
        person = _by_pending(session, token, door.now)
    if person is None:
        raise Refused("sign-in-over", "This took too long. Please start again.")
    subjects = [
        attempts.by_name(door.keyring, "code", str(person.id), attempts.SECOND_FACTOR),
        attempts.by_client(door.keyring, door.client, door.now, attempts.PASSWORD),
    ]
    with database.transaction() as session:
        attempts.spend(session, subjects=subjects, now=door.now)
    full = None
    with database.transaction() as session:
        person = _by_pending(session, token, door.now)
        if person is not None and _accept(session, door, person, code):
            full = _finish(session, door, person, token)
        else:
            _record_refusal(session, door, person, "code")
    if full is None:
        raise Refused("code-refused", "This code is not right, or was used before.")
    return full


def use_code(session: Session, *, staff_id: int, secret: str, code: str, now: datetime) -> bool:
    """Whether `code` is right and newer than every code accepted before.

    The time step is kept, not the code, and moves in one compare-and-set: remembering the last
    code lets A, B, A through (reliability reference, finding 7).
    """
    step = totp.matching_step(secret, code, now)
    if step is None:
        return False
    moved = session.execute(
        sa.update(Staff)
        .where(Staff.id == staff_id, Staff.totp_last_step < step)
        .values(totp_last_step=step)
        .returning(Staff.id)
    ).first()
    return moved is not None


def _accept(session: Session, door: Door, person: _Person, code: str) -> bool:
    secret = door.keyring.unseal(person.totp_secret)
    return use_code(session, staff_id=person.id, secret=secret, code=code, now=door.now)


def _begin(session: Session, door: Door, staff_id: int, stored: str, fresh: str) -> str | None:
    """A pending session, unless password or standing changed while we hashed."""
    same = session.execute(
        sa.update(Staff)
        .where(
            Staff.id == staff_id,
            Staff.state == StaffState.ACTIVE,
            Staff.password_hash == stored,
        )
        .values(password_hash=fresh or stored)
        .returning(Staff.id)
    ).first()
    return open_session(session, staff_id=staff_id, now=door.now) if same else None


def _finish(session: Session, door: Door, person: _Person, token: str) -> str:
    end_sessions(session, StaffSession.token_hash == token_hash(token))
    session.execute(
        sa.update(Staff)
        .where(Staff.id == person.id)
        .values(totp_secret=door.keyring.reseal(person.totp_secret))
    )
    actor = Actor.staff(person.id, name=person.name, role=person.role, request_id=door.request_id)
    record(session, actor, "staff.signed_in", person.id, door.now, after={"by": "password+code"})
    return open_session(session, staff_id=person.id, now=door.now, hours=door.hours)


def _record_refusal(session: Session, door: Door, person: _Person | None, factor: str) -> None:
    target = person.id if person is not None else "unknown"
    actor = nobody(door.request_id)
    after = {"factor": factor}
    record(session, actor, "staff.sign_in_refused", target, door.now, after=after)


def _by_name(session: Session, name: str) -> _Person | None:
    row = session.execute(_PERSON.where(Staff.name == name)).first()
    return _Person(*row) if row else None


def _by_pending(session: Session, token: str, now: datetime) -> _Person | None:
    row = session.execute(
        _PERSON.join(StaffSession, StaffSession.staff_id == Staff.id).where(
            StaffSession.token_hash == token_hash(token),
            StaffSession.full.is_(False),
            StaffSession.expires_at > now,
            Staff.state == StaffState.ACTIVE,
        )
    ).first()
    return _Person(*row) if row else None
