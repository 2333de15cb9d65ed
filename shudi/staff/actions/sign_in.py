"""Signing in: password (or single sign-on), then second factor; or a passkey alone.

The acts take the database, not a session, because three things must not share a transaction:
the count, which outlives the refusal; the hash, which must not hold the writer's lock; and the
outcome with its audit row. A store that cannot count raises Unavailable before anything is
checked, so the door fails closed.
"""

import dataclasses

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.db import Database
from shudi.errors import Refused
from shudi.staff.actions import attempts
from shudi.staff.actions.devices import is_known, remember
from shudi.staff.actions.door import Door
from shudi.staff.actions.factors import PERSON, Person, Proof, accept, by_session, refusal
from shudi.staff.actions.notices import tell_of_refusals
from shudi.staff.actions.passkey_proof import use_passkey
from shudi.staff.actions.record import nobody, record
from shudi.staff.actions.sessions import Began, end_pending, open_session
from shudi.staff.codec import passwords
from shudi.staff.store import Staff, StaffState
from shudi.staff.store.identities import Identity


def sign_in_password(database: Database, *, door: Door, name: str, password: str) -> str:
    """Check the first factor; returns the token of a pending session, good for the code only.

    Refused `sign-in-refused` whether the name, the password or the standing is wrong, after the
    same work; Refused `too-many-attempts` before any.
    """
    name = passwords.normal(name).strip()
    with database.transaction() as session:
        known = is_known(session, door=door, name=name)
        subjects = attempts.at_password(door, name, known=known)
        attempts.spend(session, subjects=subjects, now=door.now)
    with database.read_session() as session:
        person = _by_name(session, name)
    active = person is not None and person.state is StaffState.ACTIVE
    stored = person.password_hash if person is not None and active else ""
    right = passwords.verify(stored, password, hasher=door.hasher)
    fresh = ""
    if right and passwords.needs_rehash(stored, hasher=door.hasher):
        fresh = passwords.hash_new(password, hasher=door.hasher)
    token = None
    with database.transaction() as session:
        if right and person is not None:
            token = _begin(session, door, person.id, stored, fresh)
        if token is None:
            record_refusal(session, door, person, "password")
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
        known = is_known(session, door=door, name=person.name)
        subjects = attempts.at_factor(door, person.id, known=known)
        attempts.spend(session, subjects=subjects, now=door.now)
    full = None
    with database.transaction() as session:
        person = by_session(session, token, door.now, full=False)
        if person is not None and accept(session, door=door, person=person, proof=proof):
            full = _finish(session, door, person, token, proof.kind)
        else:
            record_refusal(session, door, person, proof.kind)
    if full is None:
        raise refusal(proof)
    return full


def sign_in_passkey(database: Database, *, door: Door, response: str) -> str:
    """Check a passkey that stands for both factors; returns the token of a full session.

    Refused `passkey-refused` for whatever is wrong with it, `too-many-attempts` before looking.
    """
    with database.transaction() as session:
        attempts.spend(session, subjects=attempts.at_passkey(door), now=door.now)
    full = None
    with database.transaction() as session:
        try:
            staff_id = use_passkey(session, door=door, response=response)
        except Refused:  # said below: the challenge stays used up, and the row stays
            record_refusal(session, door, None, "passkey")
        else:
            person = Person(*session.execute(PERSON.where(Staff.id == staff_id)).one())
            full = enter(session, door=door, person=person, began=Began("passkey"))
    if full is None:
        raise Refused("passkey-refused", "This passkey was not accepted.")
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
    began = Began("password")
    return open_session(session, staff_id=staff_id, now=door.now, began=began) if same else None


def _finish(session: Session, door: Door, person: Person, token: str, by: str) -> str:
    began = end_pending(session, token=token)
    if person.totp_secret:
        resealed = door.keyring.reseal(person.totp_secret)
        session.execute(sa.update(Staff).where(Staff.id == person.id).values(totp_secret=resealed))
    began = dataclasses.replace(began, method=f"{began.method}+{by}")
    return enter(session, door=door, person=person, began=began)


def enter(session: Session, *, door: Door, person: Person, began: Began) -> str:
    """A full session; the browser is known from now on, and what happened meanwhile is told."""
    tell_of_refusals(session, staff_id=person.id, now=door.now)
    actor, after = person.actor(door.request_id), {"by": began.method}
    record(session, actor, "staff.signed_in", person.id, door.now, after=after)
    remember(session, door=door, staff_id=person.id)
    session.execute(
        sa.update(Identity).where(Identity.id == began.identity_id).values(used_at=door.now)
    )
    return open_session(session, staff_id=person.id, now=door.now, hours=door.hours, began=began)


def record_refusal(
    session: Session, door: Door, person: Person | None, factor: str, why: str = ""
) -> None:
    """That somebody was refused at the door; `why` is a word for those who look after it."""
    target = person.id if person is not None else "unknown"
    actor = nobody(door.request_id)
    after = {"factor": factor} | ({"why": why} if why else {})
    record(session, actor, "staff.sign_in_refused", target, door.now, after=after)


def _by_name(session: Session, name: str) -> Person | None:
    row = session.execute(PERSON.where(Staff.name == name)).first()
    return Person(*row) if row else None
