"""Acceptance test 30: the secret key is replaced under load, and later retired."""

import dataclasses
import re
import threading

import pytest
import sqlalchemy as sa

import console
import extension_api
from shudi import clock
from shudi.staff.codec import passwords, totp
from shudi.staff.codec.keyring import Keyring
from shudi.staff.store import Staff
from shudi.worker import resealing
from tests import people
from tests.architecture.doors import BASE, HOME, Doors

BEFORE, AFTER = "the key before " * 3, "the key after " * 3
PASSWORD = "three small boats at dusk"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Rotation:
    """One store behind servers that hold one key or another."""

    def __init__(self, doors: Doors) -> None:
        self.doors = doors
        self.client = doors.console.test_client()
        self.serve(BEFORE)

    def serve(self, *keys: str) -> None:
        """From now on, servers with these keys answer."""
        doors, (key, *fallbacks) = self.doors, keys
        self.settings = dataclasses.replace(
            doors.settings, secret_key=key, secret_key_fallbacks=tuple(fallbacks)
        )
        parts = {
            "database": doors.database,
            "vocabulary": doors.vocabulary,
            "locator": doors.locator,
        }
        people_app = console.create_app(self.settings, **parts)
        people_app.testing = False
        doors.api = extension_api.create_app(self.settings, **parts)
        doors.console = self.client.application = people_app

    def get(self, path: str) -> str:
        return self.client.get(path, base_url=BASE, environ_overrides={"REMOTE_ADDR": HOME}).text

    def post(self, path: str, page: str, **form: str):
        sent = {"csrf_token": _TOKEN.search(page)[1], **form}  # type: ignore[index]
        return self.client.post(
            path,
            base_url=BASE,
            data=sent,
            headers={"Origin": BASE},
            environ_overrides={"REMOTE_ADDR": HOME},
        )

    def sighting(self):
        line = {"site": "forum", "account": "user-1", "ip": "8.8.8.8", "kind": "post",
                "at": "2026-03-14T09:00:00+00:00"}  # fmt: skip
        return self.doors.program(
            "POST",
            "/api/v1/sightings",
            json={"sightings": [line]},
            headers={"Idempotency-Key": "rotation"},
        )

    def give_factors(self) -> str:
        """Alice's password is PASSWORD; returns her app's secret."""
        secret = totp.new_secret()
        values = {
            "password_hash": passwords.hash_new(PASSWORD),
            "totp_secret": Keyring(self.settings.secret_key).seal(secret),
        }
        with self.doors.database.transaction() as session:
            session.execute(
                sa.update(Staff).where(Staff.id == people.ALICE.staff_id).values(**values)
            )
        return secret

    def second_factor_is_read(self) -> bool:
        """Whether the store's sealed secret opens under the keys in use."""
        with self.doors.database.read_session() as session:
            sealed = session.scalar(
                sa.select(Staff.totp_secret).where(Staff.id == people.ALICE.staff_id)
            )
        keyring = Keyring(self.settings.secret_key, self.settings.secret_key_fallbacks)
        try:
            keyring.unseal(sealed or "")
        except Exception:  # noqa: BLE001 -- whatever it is, it is not read
            return False
        return True


@pytest.fixture
def rotation(doors: Doors) -> Rotation:
    return Rotation(doors)


def test_nothing_is_lost_while_the_key_changes_under_load(rotation: Rotation):
    doors = rotation.doors
    session = doors.session_of(people.SAM)
    doors.session_of = lambda who, hours=12: session  # type: ignore[method-assign]
    failures, done, over = [], [], threading.Event()

    def work() -> None:
        while not over.is_set():
            for answer in (
                doors.person(people.SAM, "GET", "/queue"),
                doors.person(people.SAM, "POST", "/profile/sign-out-elsewhere"),
            ):
                done.append(answer.status_code)
                if answer.status_code not in (200, 303):
                    failures.append((answer.status_code, answer.text[:200]))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for keys in ((BEFORE,), (AFTER, BEFORE), (AFTER,)):
            rotation.serve(*keys)
            until = len(done) + 30
            while len(done) < until and not failures:
                over.wait(0.05)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert not failures
    assert len(done) >= 90


def test_what_was_begun_before_is_finished_after(rotation: Rotation):
    secret = rotation.give_factors()
    typed = rotation.get("/sign-in")
    first = rotation.sighting()
    rotation.serve(AFTER, BEFORE)

    answer = rotation.post("/sign-in", typed, name="alice", password=PASSWORD)
    assert (answer.status_code, answer.location) == (303, "/sign-in/code")
    again = rotation.sighting()
    assert (again.status_code, again.data) == (200, first.data)
    link = rotation.doors.found.holder_link
    assert rotation.client.get(f"/holder/{link}", base_url=BASE).status_code == 200
    code = totp.code_at(secret, clock.now())
    answer = rotation.post("/sign-in/code", rotation.get("/sign-in/code"), code=code)
    assert answer.status_code == 303
    assert rotation.client.get("/profile", base_url=BASE).status_code == 200


def test_a_retired_key_opens_nothing_and_loses_nobody(rotation: Rotation):
    rotation.give_factors()
    typed = rotation.get("/sign-in")
    session = rotation.doors.session_of(people.SAM)
    rotation.serve(AFTER, BEFORE)
    assert resealing.run(rotation.settings, rotation.doors.database) == 1
    assert resealing.run(rotation.settings, rotation.doors.database) == 0
    rotation.serve(AFTER)
    assert rotation.second_factor_is_read()
    rotation.doors.session_of = lambda who, hours=12: session  # type: ignore[method-assign]
    assert rotation.doors.person(people.SAM, "GET", "/queue").status_code == 200
    assert rotation.post("/sign-in", typed, name="alice", password=PASSWORD).status_code == 403


def test_control_without_the_fallback_all_of_it_is_lost(rotation: Rotation):
    rotation.give_factors()
    typed = rotation.get("/sign-in")
    assert rotation.sighting().status_code == 200
    rotation.serve(AFTER)
    assert rotation.post("/sign-in", typed, name="alice", password=PASSWORD).status_code == 403
    assert rotation.sighting().json["code"] == "idempotency-mismatch"
    assert not rotation.second_factor_is_read()
