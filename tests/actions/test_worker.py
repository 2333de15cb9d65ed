"""The worker's jobs on a real store, with a real HTTP receiver for webhooks."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import sqlalchemy as sa

from shudi import clock
from shudi.audit.codec import audit_key, checkpoint_notes
from shudi.audit.queries import verify
from shudi.db import Database
from shudi.outbox.actions import put
from shudi.outbox.rules import RETRIES, retry_after
from shudi.outbox.store import Message, MessageState
from shudi.regions.rules import Vocabulary
from shudi.settings import Settings
from shudi.sites.queries import all_sites
from shudi.worker import Worker
from tests.conftest import NOW

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()


class Receiver:
    """A platform's webhook end: fails the first `failures` calls, keeps the others."""

    def __init__(self) -> None:
        self.failures = 0
        self.wait_for: threading.Event | None = None
        self.calls: list[tuple[dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.calls.append((dict(self.headers), body))
                if outer.wait_for is not None:
                    outer.wait_for.wait(20)
                failed = outer.failures > 0
                outer.failures -= failed
                self.send_response(500 if failed else 204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def build(
    database: Database, make_settings: Callable[..., Settings], vocabulary: Vocabulary, site: int
) -> Callable[..., Worker]:
    def make(**changes: object) -> Worker:
        return Worker(make_settings(**changes), database, vocabulary)

    return make


def tick(working: Worker, at: datetime) -> None:
    """Both threads' jobs, once."""
    working.tick(at, working.jobs)
    working.tick(at, working.sending)


def message(database: Database) -> Message:
    with database.read_session() as session:
        return session.scalars(sa.select(Message)).one()


def test_a_webhook_is_signed_as_standard_webhooks_lays_out(
    build: Callable[..., Worker], database: Database, receiver: Receiver
) -> None:
    with database.transaction() as session:
        put(session, topic="case.decided", payload={"case": 7}, now=NOW)
    tick(build(webhook_url=receiver.url, webhook_secret=SECRET), NOW)
    (headers, body) = receiver.calls[0]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(b"k" * 32, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert json.loads(body)["data"] == {"case": 7}
    assert message(database).state is MessageState.SENT


def test_a_failed_webhook_is_tried_again_and_sent_once(
    build: Callable[..., Worker], database: Database, receiver: Receiver
) -> None:
    receiver.failures = 2
    with database.transaction() as session:
        put(session, topic="case.decided", payload={}, now=NOW)
    working = build(webhook_url=receiver.url, webhook_secret=SECRET)
    at = NOW
    for wait in (timedelta(), *RETRIES[:2], timedelta(minutes=5)):
        at += wait
        tick(working, at)
    assert [headers["webhook-id"] for headers, _ in receiver.calls] == [message(database).uid] * 3
    assert message(database).state is MessageState.SENT


def test_an_unreachable_platform_is_given_up_after_the_last_retry(
    build: Callable[..., Worker], database: Database, receiver: Receiver
) -> None:
    receiver.server.shutdown()
    receiver.server.server_close()
    with database.transaction() as session:
        put(session, topic="case.decided", payload={}, now=NOW)
    working = build(webhook_url=receiver.url, webhook_secret=SECRET)
    at = NOW
    for wait in (timedelta(), *RETRIES):
        at += wait + timedelta(seconds=2)
        tick(working, at)
    assert message(database).state is MessageState.FAILED
    assert message(database).attempts == len(RETRIES) + 1
    assert retry_after(len(RETRIES) + 1) is None


def test_a_message_of_a_change_that_rolled_back_is_never_sent(
    build: Callable[..., Worker], database: Database, receiver: Receiver
) -> None:
    with pytest.raises(ZeroDivisionError):  # noqa: PT012, SIM117 -- the transaction is the subject
        with database.transaction() as session:
            put(session, topic="case.decided", payload={}, now=NOW)
            raise ZeroDivisionError
    tick(build(webhook_url=receiver.url, webhook_secret=SECRET), NOW)
    assert receiver.calls == []


def test_checkpoints_are_signed_and_copied_off_the_store(
    build: Callable[..., Worker], database: Database
) -> None:
    working = build()
    tick(working, NOW)
    notes = checkpoint_notes(working.settings)
    key = audit_key(working.settings).public_key()
    with database.read_session() as session:
        verdict = verify(session, public_key=key, notes=notes)
    assert len(notes) == 1
    assert verdict.ok
    assert notes[0].split("\n")[1] == str(verdict.rows)


def test_a_forged_checkpoint_is_found(build: Callable[..., Worker], database: Database) -> None:
    working = build()
    tick(working, NOW)
    forged = checkpoint_notes(working.settings)[0].replace("shudi/audit\n", "shudi/audit\n9")
    with database.read_session() as session:
        verdict = verify(
            session, public_key=audit_key(working.settings).public_key(), notes=[forged]
        )
    assert verdict.problem == "checkpoint"


def test_one_failing_job_does_not_stop_the_others(
    build: Callable[..., Worker], caplog: pytest.LogCaptureFixture
) -> None:
    working = build()

    def broken(_: object) -> int:
        raise RuntimeError("a bug")

    working.jobs[0].run = broken
    tick(working, NOW)
    assert [job.failed for job in working.jobs] == [1, 0, 0, 0, 0, 0]
    assert "job failed: publish" in caplog.text
    beat = json.loads((working.settings.var / "worker.json").read_text())
    assert beat["jobs"]["publish"]["failed"] == 1


def test_the_worker_publishes_a_site_once_until_it_changes(
    build: Callable[..., Worker], database: Database
) -> None:
    working = build()
    tick(working, NOW)
    tick(working, NOW + timedelta(minutes=1))
    published = working.jobs[0].done
    with database.read_session() as session:
        assert published == len(all_sites(session))


def test_stop_ends_the_loop(build: Callable[..., Worker]) -> None:
    working = build()
    thread = threading.Thread(target=working.run)
    thread.start()
    working.stop.set()
    thread.join(timeout=20)
    assert not thread.is_alive()


def test_a_platform_that_does_not_answer_holds_up_nothing_else(
    build: Callable[..., Worker], database: Database, receiver: Receiver
) -> None:
    answering = threading.Event()
    receiver.wait_for = answering
    with database.transaction() as session:
        put(session, topic="case.decided", payload={}, now=clock.now())
    working = build(webhook_url=receiver.url, webhook_secret=SECRET, publish_seconds=0.1)
    thread = threading.Thread(target=working.run)
    thread.start()
    deadline = time.monotonic() + 30
    while working.jobs[0].done == 0 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert working.jobs[0].done == 1
    assert working.sending[0].done == 0
    answering.set()
    working.stop.set()
    thread.join(timeout=20)
    assert not thread.is_alive()


def test_without_a_webhook_nothing_waits_for_one(
    build: Callable[..., Worker], database: Database
) -> None:
    with database.transaction() as session:
        put(session, topic="case.decided", payload={}, now=NOW)
    tick(build(), NOW)
    with database.read_session() as session:
        assert session.scalars(sa.select(Message)).all() == []


def test_sent_messages_are_forgotten_after_a_month(
    build: Callable[..., Worker], database: Database, receiver: Receiver
) -> None:
    with database.transaction() as session:
        put(session, topic="case.decided", payload={}, now=NOW)
    working = build(webhook_url=receiver.url, webhook_secret=SECRET)
    tick(working, NOW)
    tick(working, NOW + timedelta(days=29))
    assert message(database).state is MessageState.SENT
    tick(working, NOW + timedelta(days=31))
    with database.read_session() as session:
        assert session.scalars(sa.select(Message)).all() == []
