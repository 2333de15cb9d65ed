"""The worker's jobs on a real store. What it sends is asked about in test_deliveries.py."""

import json
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from shudi import clock
from shudi.audit.codec import audit_key, checkpoint_notes
from shudi.audit.queries import verify
from shudi.db import Database
from shudi.geo import kept
from shudi.geo import queries as updates
from shudi.geo.actions import Locator
from shudi.outbox.actions import put
from shudi.outbox.rules import Topic
from shudi.regions.rules import Vocabulary
from shudi.settings import Settings
from shudi.sites.queries import all_sites
from shudi.worker import Worker
from tests.actions.batch_desk import Batches
from tests.actions.desk import Desk
from tests.conftest import NOW
from tests.factories import NETWORKS
from tests.fixtures.geo_mmdb import dbip, write_mmdb
from tests.people import SAM, SONJA
from tests.receivers import SECRET, Platform


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
    for sender in working.senders:
        sender.wait()


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
    assert [job.failed for job in working.jobs] == [1, *([0] * (len(working.jobs) - 1))]
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
    build: Callable[..., Worker], database: Database, platform: Platform, site: int
) -> None:
    platform.behaviour = lambda _: "hang"
    with database.transaction() as session:
        put(session, topic=Topic.CASE_DECIDED, site_id=site, payload={}, now=clock.now())
    working = build(webhook_url=platform.url, webhook_secret=SECRET, publish_seconds=0.1)
    thread = threading.Thread(target=working.run)
    thread.start()
    deadline = time.monotonic() + 30
    while not (working.jobs[0].done and platform.calls) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert working.jobs[0].done == 1
    assert len(platform.calls) == 1
    assert working.sending[0].done == 0
    platform.release.set()
    working.stop.set()
    thread.join(timeout=40)
    assert not thread.is_alive()


def test_the_worker_goes_on_with_batches_until_none_is_left(
    build: Callable[..., Worker], database: Database, locator: Locator
) -> None:
    working = build()
    desk = Desk(
        database=database, settings=working.settings, locator=locator,
        vocabulary=working.vocabulary, site=1,
    )  # fmt: skip
    batches = Batches(desk)
    batch = batches.make(batches.see(30), by=SAM, days=3)
    batches.answer("approve", batch, SONJA)
    working.tick(NOW, working.batching)
    assert [(job.name, job.done, job.failed) for job in working.batching] == [("batches", 30, 0)]
    assert batches.of(batch).state == "done"


def test_new_geo_databases_are_compared_beside_the_rest_and_taken_into_use(
    build: Callable[..., Worker], database: Database, tmp_path: Path
) -> None:
    city = write_mmdb(tmp_path / "city.mmdb", NETWORKS)
    working = build(geo_sources=f"city=mmdb:{city}")

    def found() -> list[str]:
        for minute in (0, 1):  # compared, and taken into use
            working.tick(NOW + timedelta(minutes=minute), working.renewing)
            for job in working.renewing:
                job.due = NOW
        assert [job.failed for job in working.renewing] == [0, 0]
        with database.read_session() as session:
            return [one.state.value for one in updates.updates(session)]

    assert found() == []
    in_use = kept.read(kept.folder_of(working.settings.var))
    assert in_use is not None
    assert [one.name for one in in_use.sources] == ["city"]
    write_mmdb(city, {**NETWORKS, "43.1.0.0/16": dbip("MO")})
    assert found() == ["applied"]
    with database.read_session() as session:
        [row] = updates.updates(session)
    assert row.taken_at is not None
    assert found() == ["applied"]


def test_a_worker_that_ends_waits_for_no_comparison(
    build: Callable[..., Worker], tmp_path: Path
) -> None:
    city = write_mmdb(tmp_path / "city.mmdb", NETWORKS)
    working = build(geo_sources=f"city=mmdb:{city}")
    working.stop.set()
    working.tick(NOW, working.renewing)
    assert kept.read(kept.folder_of(working.settings.var)) is None
