"""Using a single-use link."""

import dataclasses
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.audit.queries import page
from shudi.db import Database
from shudi.errors import Invalid, NotFound, Refused
from shudi.staff.actions import attempts
from shudi.staff.actions.cutting import cut_identities, forget_ways_in
from shudi.staff.actions.devices import remember
from shudi.staff.actions.door import Door
from shudi.staff.actions.record import record
from shudi.staff.actions.recovery import issue_codes
from shudi.staff.actions.sessions import Began, end_sessions, open_session
from shudi.staff.codec import passwords, totp
from shudi.staff.codec.keyring import IPAddress, token_hash
from shudi.staff.rules import DEMO_SEEDED, Actor, Role
from shudi.staff.store import LinkPurpose, Staff, StaffLink, StaffSession, StaffState


@dataclasses.dataclass(frozen=True, slots=True)
class Credentials:
    """What a person chooses when they enrol."""

    password: str
    totp_secret: str
    code: str


@dataclasses.dataclass(frozen=True, slots=True)
class _Linked:
    staff_id: int
    name: str
    role: Role


def enrol(
    database: Database, *, door: Door, token: str, chosen: Credentials
) -> tuple[str, list[str]]:
    """Use the link: set password and second factor, end what was signed in, sign in.

    Takes the database, not a session: hashing must not hold the writer's lock. Returns a session
    token and fresh recovery codes, which are shown this once. NotFound for a link that is
    unknown, used or over; Invalid for the rest, which leaves the link unused.
    """
    now = door.now
    with database.transaction() as session:
        subject = attempts.by_client(door.keyring, door.client, now, attempts.LINK)
        attempts.spend(session, subjects=[subject], now=now)
    with database.read_session() as session:
        person = linked(session, token_hash(token), LinkPurpose.ENROL, now)
    password = passwords.check_new(chosen.password, words=[person.name, door.host])
    step = totp.matching_step(chosen.totp_secret, chosen.code, now)
    if step is None:
        raise Invalid("code-wrong", "This is not the code your app shows now.")
    values = {
        "password_hash": passwords.hash_new(password, hasher=door.hasher),
        "totp_secret": door.keyring.seal(chosen.totp_secret),
        "totp_last_step": step,
    }
    with database.transaction() as session:
        consume(session, token_hash(token), LinkPurpose.ENROL, now)
        activate(session, person.staff_id, values)
        end_sessions(session, StaffSession.staff_id == person.staff_id)
        forget_ways_in(session, staff_id=person.staff_id)
        cut_identities(session, staff_id=person.staff_id, now=now)
        codes = issue_codes(session, staff_id=person.staff_id)
        record(session, _actor(person, door.request_id), "staff.enrolled", person.staff_id, now)
        remember(session, door=door, staff_id=person.staff_id)
        full = open_session(
            session,
            staff_id=person.staff_id,
            now=now,
            hours=door.hours,
            began=Began("invitation"),
        )
    return full, codes


def demo_sign_in(
    session: Session,
    *,
    token: str,
    client: IPAddress | None,
    now: datetime,
    hours: int,
    request_id: str = "",
) -> str:
    """Use a demo link: sign in without password, once, from this machine, in a demo store.

    NotFound in every other case, as for a link that never was.
    """
    if client is None or not client.is_loopback or not page(session, action=DEMO_SEEDED, limit=1):
        raise NotFound("link-gone", "This link does not work.")
    person = linked(session, token_hash(token), LinkPurpose.DEMO, now)
    consume(session, token_hash(token), LinkPurpose.DEMO, now)
    activate(session, person.staff_id, {})
    actor = _actor(person, request_id)
    record(session, actor, "staff.signed_in", person.staff_id, now, after={"by": "demo"})
    # A person of a demo has no factor to be asked for again: the link stands for one all along.
    proved_at = now + timedelta(hours=hours)
    return open_session(
        session,
        staff_id=person.staff_id,
        now=now,
        hours=hours,
        factor_at=proved_at,
        began=Began("demo"),
    )


def linked(session: Session, link_hash: str, purpose: LinkPurpose, now: datetime) -> _Linked:
    """Whom the link of that hash is for; NotFound unless it can be used."""
    row = session.execute(
        sa.select(Staff.id, Staff.name, Staff.role)
        .join(StaffLink, StaffLink.staff_id == Staff.id)
        .where(*_usable(link_hash, purpose, now), Staff.state != StaffState.DISABLED)
    ).first()
    if row is None:
        raise NotFound("link-gone", "This link does not work.")
    return _Linked(row.id, row.name, row.role)


def _usable(
    link_hash: str, purpose: LinkPurpose, now: datetime
) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        StaffLink.token_hash == link_hash,
        StaffLink.purpose == purpose,
        StaffLink.used_at.is_(None),
        StaffLink.expires_at > now,
    )


def consume(session: Session, link_hash: str, purpose: LinkPurpose, now: datetime) -> None:
    """Compare and set in one statement: of any number at once, one finds it unused."""
    used = session.execute(
        sa.update(StaffLink)
        .where(*_usable(link_hash, purpose, now))
        .values(used_at=now)
        .returning(StaffLink.id)
    ).first()
    if used is None:
        raise NotFound("link-gone", "This link does not work.")


def activate(session: Session, staff_id: int, values: dict[str, object]) -> None:
    """They work here from now on, with these values of their row; Refused if disabled."""
    done = session.execute(
        sa.update(Staff)
        .where(Staff.id == staff_id, Staff.state != StaffState.DISABLED)
        .values(state=StaffState.ACTIVE, version=Staff.version + 1, **values)
        .returning(Staff.id)
    ).first()
    if done is None:
        raise Refused("staff-disabled", "This person is disabled.")


def _actor(person: _Linked, request_id: str) -> Actor:
    return Actor.staff(person.staff_id, name=person.name, role=person.role, request_id=request_id)
