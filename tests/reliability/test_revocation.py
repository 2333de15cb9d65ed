"""Acceptance test 18: who is cut off is cut off with the next request, at every worker, and nothing
that was in flight brings them back.

Driven through HTTP: `shudi serve` with several workers, requests that never stop, and a change of
standing in the middle of them.
"""

import contextlib
import dataclasses
import http.client
import itertools
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi import clock
from shudi.clients.actions import create_key, revoke_key
from shudi.clients.rules import Scope
from shudi.db import Database
from shudi.staff import actions as acts
from shudi.staff.actions.sessions import TOUCH_AFTER, open_session
from shudi.staff.codec import totp
from shudi.staff.codec.devices import Device
from shudi.staff.codec.keyring import token_hash
from shudi.staff.rules import Actor, Role
from shudi.staff.store import LinkPurpose, Staff, StaffSession, StaffState
from tests import factories
from tests.actions.staff_door import use_link
from tests.conftest import Store
from tests.reliability.altered import ALTERED, RESTLESS, WRITING_BACK

LONG = (pytest.mark.long, pytest.mark.timeout(1800))
ROUNDS = [2, pytest.param(34, marks=LONG)]  # of each of the ways to be cut off: 14, and 238
WORKERS, CLIENTS = 3, 4
OPERATOR = Actor.system("test")
ROOT = Path(__file__).resolve().parents[2]


@dataclasses.dataclass(frozen=True)
class Server:
    """Where it answers, and the store behind it."""

    port: int
    database: Database

    def ask(self, path: str, **headers: str) -> int:
        """The status of one request on a connection of its own, so that any worker may answer."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            line.request("GET", path, headers=headers)
            return line.getresponse().status
        finally:
            line.close()


@pytest.fixture(autouse=True)
def many_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """More links are used from here than the limit allows."""
    monkeypatch.setattr("shudi.staff.actions.attempts.LINK", ())


@pytest.fixture
def server(request, database: Database, store: Store, tmp_path) -> Iterator[Server]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    environment = os.environ | {
        "SHUDI_VAR": str(tmp_path / "var"),
        "SHUDI_DATABASE_URL": store.url,
        "SHUDI_MIGRATE_DATABASE_URL": store.owner_url,
        "SHUDI_BASE_URL": f"http://localhost:{port}",
    }
    altered = [RESTLESS, *getattr(request, "param", ())]  # each request writes its session
    environment[ALTERED] = ",".join(altered)
    command = [sys.executable, "-m", "tests.reliability.altered", "serve", "--port", str(port)]
    with (tmp_path / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--workers", str(WORKERS)],
            env=environment,
            stdout=log,
            stderr=log,
            cwd=ROOT,
        )
        try:
            made = Server(port, database)
            for _ in range(1200):
                with contextlib.suppress(OSError):
                    if made.ask("/readyz") == 200:
                        break
                time.sleep(0.1)
            yield made
        finally:
            process.terminate()
            process.wait(60)


# -- ways to be cut off ---------------------------------------------------------------------------

_numbers = itertools.count()


def _hire(session: Session) -> tuple[int, str]:
    """Somebody who is signed in, their session as old as needs to be touched again."""
    row = Staff(
        name=f"somebody {next(_numbers)}",
        role=Role.MODERATOR,
        state=StaffState.ACTIVE,
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()  # for the id
    token = open_session(session, staff_id=row.id, now=clock.now(), hours=12)
    acts.note_arrival(session, token=token, region=None, device=Device(), now=clock.now())
    session.execute(
        sa.update(StaffSession)
        .where(StaffSession.token_hash == token_hash(token))
        .values(seen_at=clock.now() - 2 * TOUCH_AFTER)
    )
    return row.id, token


def _act(act: Callable[..., object], **more: object) -> Callable[[Database, int, str], None]:
    def cut(database: Database, staff_id: int, token: str) -> None:
        del token
        with database.transaction() as session:
            act(session, actor=OPERATOR, staff_id=staff_id, now=clock.now(), **more)

    return cut


def _end_one(database: Database, staff_id: int, token: str) -> None:
    with database.transaction() as session:
        sign_in = session.scalars(
            sa.select(StaffSession.sign_in_id).where(StaffSession.token_hash == token_hash(token))
        ).one()
        acts.end_session(
            session, actor=OPERATOR, staff_id=staff_id, sign_in_id=sign_in, now=clock.now()
        )


def _sign_out(database: Database, staff_id: int, token: str) -> None:
    actor = Actor.staff(staff_id, name="somebody", role=Role.MODERATOR)
    with database.transaction() as session:
        acts.sign_out(session, actor=actor, token=token, now=clock.now())


def _new_password(database: Database, staff_id: int, token: str) -> None:
    """By a link, from another browser."""
    del token
    now = clock.now()
    with database.transaction() as session:
        link = acts.make_link(
            session, actor=OPERATOR, staff_id=staff_id, purpose=LinkPurpose.ENROL, now=now
        )
    use_link(database, link, totp.new_secret(), now)
    with database.transaction() as session:  # what they come in with is another session
        others = sa.delete(StaffSession).where(StaffSession.created_at == now)
        session.execute(others.where(StaffSession.staff_id == staff_id))


CUTS = {
    "role": _act(acts.set_role, role=Role.AUDITOR),
    "disabled": _act(acts.disable),
    "second factor reset": _act(acts.reset),
    "all sessions ended": _act(acts.end_all_sessions),
    "this session ended": _end_one,
    "signed out": _sign_out,
    "password": _new_password,
}


def _race(server: Server, ask: Callable[[], int], cut: Callable[[], None]) -> list[int]:
    """Cut off while others ask without a pause; what each is told by its first request after."""
    over, asked = threading.Event(), threading.Barrier(CLIENTS + 1)
    told: list[int] = []

    def client() -> None:
        assert ask() == 200
        asked.wait(30)
        while not over.is_set():
            ask()
        told.append(ask())

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    asked.wait(30)
    cut()
    over.set()
    for thread in threads:
        thread.join(60)
    return told


@pytest.mark.parametrize("rounds", ROUNDS)
def test_who_is_cut_off_is_out_with_the_next_request_and_stays_out(server: Server, rounds: int):
    database = server.database
    for number in range(rounds):
        for name, cut in CUTS.items():
            with database.transaction() as session:
                staff_id, token = _hire(session)
            cookie = f"__Host-shudi={token}"
            told = _race(
                server,
                lambda cookie=cookie: server.ask("/profile", Cookie=cookie),
                lambda cut=cut, who=staff_id, token=token: cut(database, who, token),
            )
            assert told == [303] * CLIENTS, (name, number)  # to the sign-in page
            with database.read_session() as session:
                left = sa.select(StaffSession.staff_id).where(StaffSession.staff_id == staff_id)
                assert session.scalars(left).all() == [], (name, number)


@pytest.mark.parametrize("rounds", ROUNDS)
def test_a_key_that_is_revoked_opens_nothing_from_the_next_request_on(server: Server, rounds: int):
    database = server.database
    with database.transaction() as session:
        factories.make_site(session, now=clock.now())
    for _ in range(rounds):
        with database.transaction() as session:
            key_id, key = create_key(
                session, actor=OPERATOR, name="p", scopes=[Scope.LABELS_READ], now=clock.now()
            )

        def revoke(key_id: int = key_id) -> None:
            with database.transaction() as session:
                revoke_key(session, actor=OPERATOR, key_id=key_id, now=clock.now())

        bearer = f"Bearer {key}"
        told = _race(
            server,
            lambda bearer=bearer: server.ask(
                "/api/v1/labels?site=forum&account=a", Authorization=bearer
            ),
            revoke,
        )
        assert told == [401] * CLIENTS


@pytest.mark.parametrize("server", [(WRITING_BACK,)], indirect=True)
def test_control_a_server_that_saves_sessions_whole_brings_them_back(server: Server):
    """The product only ever updates them. Here each worker saves what it read before."""
    database = server.database
    told = []
    for _ in range(3):
        with database.transaction() as session:
            staff_id, token = _hire(session)
        told += _race(
            server,
            lambda token=token: server.ask("/profile", Cookie=f"__Host-shudi={token}"),
            lambda who=staff_id, token=token: CUTS["all sessions ended"](database, who, token),
        )
    assert 200 in told
