"""Signing in: password, then second factor.

Both acts take the database, not a session, because three things must not share a transaction:
the count, which outlives the refusal; the hash, which must not hold the writer's lock; and the
outcome with its audit row. A store that cannot count raises Unavailable before anything is
checked, so the door fails closed.
"""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.db import Database
from shudi.errors import Refused
from shudi.staff.actions import attempts
from shudi.staff.actions.door import Door
from shudi.staff.actions.factors import PERSON, Person, Proof, accept, by_session, refusal
from shudi.staff.actions.record import nobody, record
from shudi.staff.actions.sessions import end_sessions, open_session
from shudi.staff.codec import passwords
from shudi.staff.codec.keyring import token_hash
from shudi.staff.store import Staff, StaffSession, StaffState


def sign_in_password(database: Database, *, door: Door, name: str, password: str) -> str:
    """Check the first factor; returns the token of a pending session, good for the code only.

    Refused `sign-in-refused` whether the name, the password or the standing is wrong, after the
    same work; Refused `too-many-attempts` before any.
    """
    name = passwords.normal(name).strip()
    with database.transaction() as session:
        attempts.spend(session, subjects=attempts.at_password(door, name), now=door.now)
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


def sign_in_factor(database: Database, *, door: Door, token: str, proof: Proof) -> str:
    """Check the second factor of the pending session; returns the token of a full one.

    Refused `sign-in-over` if there is no such pending session, `code-refused` or
    `recovery-refused` if what was given is wrong or was used, `too-many-attempts` before looking
    at it.
    """
    with database.read_session() as session:
        person = by_session(session, token, door.now, full=False)
    if person is None:
        raise Refused("sign-in-over", "This took too long. Please start again.")
    with database.transaction() as session:
        attempts.spend(session, subjects=attempts.at_factor(door, person.id), now=door.now)
    full = None
    with database.transaction() as session:
        person = by_session(session, token, door.now, full=False)
        if person is not None and accept(session, door=door, person=person, proof=proof):
            full = _finish(session, door, person, token, proof.kind)
        else:
            _record_refusal(session, door, person, proof.kind)
    if full is None:
        raise refusal(proof)
    return full


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


def _finish(session: Session, door: Door, person: Person, token: str, by: str) -> str:
    end_sessions(session, StaffSession.token_hash == token_hash(token))
    if person.totp_secret:
        resealed = door.keyring.reseal(person.totp_secret)
        session.execute(sa.update(Staff).where(Staff.id == person.id).values(totp_secret=resealed))
    after = {"by": f"password+{by}"}
    record(
        session, person.actor(door.request_id), "staff.signed_in", person.id, door.now, after=after
    )
    return open_session(session, staff_id=person.id, now=door.now, hours=door.hours)


def _record_refusal(session: Session, door: Door, person: Person | None, factor: str) -> None:
    target = person.id if person is not None else "unknown"
    actor = nobody(door.request_id)
    after = {"factor": factor}
    record(session, actor, "staff.sign_in_refused", target, door.now, after=after)


def _by_name(session: Session, name: str) -> Person | None:
    row = session.execute(PERSON.where(Staff.name == name)).first()
    return Person(*row) if row else None
