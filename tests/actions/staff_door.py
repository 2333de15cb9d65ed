"""What the tests of signing in share."""

import dataclasses
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier

import argon2
import sqlalchemy as sa

from shudi.daykeys import DayKeys
from shudi.db import Database
from shudi.errors import ShudiError
from shudi.staff.actions import (
    Credentials,
    Door,
    Own,
    Proof,
    create_staff,
    enrol,
    make_link,
    sign_in_factor,
    sign_in_password,
)
from shudi.staff.codec import totp
from shudi.staff.codec.keyring import Keyring
from shudi.staff.rules import Actor, Role
from shudi.staff.store import LinkPurpose, StaffSession
from tests.people import SYSTEM

CHEAP = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
KEYRING = Keyring(
    "not-a-secret-" * 4,
    days=DayKeys(Path(tempfile.mkdtemp(prefix="shudi-test-")) / "pseudonym-key"),
)
PASSWORD = "three small boats at dusk"
STEP = timedelta(seconds=30)


@dataclasses.dataclass(frozen=True)
class Person:
    id: int
    name: str
    secret: str
    enrolled_at: datetime
    codes: tuple[str, ...] = ()

    def code(self, at: datetime) -> str:
        return totp.code_at(self.secret, at)


def door(now: datetime, **changes) -> Door:
    values = {"keyring": KEYRING, "client": None, "now": now, "hasher": CHEAP}
    return Door(**(values | changes))


def invite(database: Database, now: datetime, name: str = "Dora", role: Role = Role.MODERATOR):
    with database.transaction() as session:
        staff_id = create_staff(session, actor=SYSTEM, name=name, role=role, now=now)
        token = make_link(
            session, actor=SYSTEM, staff_id=staff_id, purpose=LinkPurpose.ENROL, now=now
        )
    return staff_id, token


def sign_in(
    database: Database, person: Person, now: datetime, proof: Proof | None = None, **changes
):
    """The token of a full session of this person."""
    at = door(now, **changes)
    pending = sign_in_password(database, door=at, name=person.name, password=PASSWORD)
    proof = proof or Proof(code=person.code(now))
    return sign_in_factor(database, door=at, token=pending, proof=proof)


def use_link(database: Database, token: str, secret: str, now: datetime, **changes) -> str:
    return use_link_for_codes(database, token, secret, now, **changes)[0]


def use_link_for_codes(
    database: Database, token: str, secret: str, now: datetime, hasher=CHEAP, **changes
):
    """The session's token, and the recovery codes."""
    values = {"password": PASSWORD, "totp_secret": secret, "code": totp.code_at(secret, now)}
    chosen = Credentials(**(values | changes))
    return enrol(database, door=door(now, hasher=hasher), token=token, chosen=chosen)


def enrolled(
    database: Database,
    now: datetime,
    name: str = "Dora",
    role: Role = Role.MODERATOR,
    hasher=CHEAP,
):
    """`hasher`: the product's own where a real server compares, and time matters."""
    staff_id, token = invite(database, now, name, role)
    secret = totp.new_secret()
    _, codes = use_link_for_codes(database, token, secret, now, hasher=hasher)
    return Person(staff_id, name, secret, now, tuple(codes))


def own(person: Person, token: str, role: Role = Role.MODERATOR) -> Own:
    """Their credentials, in the session of that token."""
    return Own(Actor.staff(person.id, name=person.name, role=role), token)


def at_once(count: int, act) -> list[object]:
    """The results of `act(number)` in `count` threads that start together; refusals as values."""
    barrier = Barrier(count)

    def run(number: int):
        barrier.wait()
        try:
            return act(number)
        except ShudiError as refusal:
            return refusal

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def sessions_of(database: Database, staff_id: int) -> list[StaffSession]:
    with database.read_session() as session:
        query = sa.select(StaffSession).where(StaffSession.staff_id == staff_id)
        return list(session.scalars(query))
