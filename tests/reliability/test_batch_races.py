"""Two workers on one list, a list against a single decision, and a worker that is killed.

An account of a batch is done once: what became of it is written in the transaction that does it.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest

from shudi.audit.queries import verify
from shudi.cases.actions.batches import preview, running
from shudi.cases.actions.claims import claim
from shudi.cases.rules.batches import Outcome
from shudi.cases.store.batches import Batch
from shudi.labels.store import Label
from tests import factories, people
from tests.architecture.tree import ROOT
from tests.conftest import NOW
from tests.reliability import batches, desk
from tests.reliability.harness import at_once

ACCOUNTS, PAIRS = 40, 12


@pytest.fixture
def accounts(database, site, locator, settings):
    """So many accounts in CN-GD."""

    def make(count: int) -> list[str]:
        names = [f"user-{at}" for at in range(count)]
        with database.transaction() as session:
            for start in range(0, count, 15):  # fewer than a brake would stop
                some = [(name, "CN-GD") for name in names[start : start + 15]]
                factories.see(session, places=some, locator=locator, settings=settings, now=NOW)
        return names

    return make


def _whole(database) -> bool:
    with database.read_session() as session:
        return verify(session).ok


def test_two_workers_do_each_account_once(database, store, site, accounts):
    batch = batches.make(database, site, accounts(ACCOUNTS))
    found = at_once(batches.workers, [(store.url, "product", 3, 99)] * 2)
    assert all(turns and {*turns} == {"done"} for turns in found), "both took part"
    assert batches.balance(database, batch) == batches.Balance(Counter(done=ACCOUNTS), 0, 0)
    with database.read_session() as session:
        row = session.get_one(Batch, batch)
        assert (row.state, row.worked, row.done) == ("done", ACCOUNTS, ACCOUNTS)
    assert _whole(database)


def test_without_the_writers_lock_two_workers_collide(database, store, site, accounts):
    """The control: both read the same accounts as waiting."""
    batch = batches.make(database, site, accounts(ACCOUNTS))
    found = at_once(batches.workers, [(store.url, "driver", 3, 40)] * 2)
    turns = Counter(turn for one in found for turn in one)
    kept = batches.balance(database, batch)
    clean = kept == batches.Balance(Counter(done=ACCOUNTS), 0, 0)
    assert turns.keys() != {"done"} or not clean or not _whole(database)


def test_a_batch_or_a_single_decision_never_both(database, store, site, accounts, settings):
    names = accounts(PAIRS)
    cases = []
    for name in names:
        with database.transaction() as session:
            case = factories.make_case(session, account=name, now=NOW)
            claim(session, actor=people.AMIR, case_id=case, settings=settings, now=NOW)
            cases.append((case, factories.label_of(session, name).version))
    batch = batches.make(database, site, names)
    _, decided = at_once(
        desk.call,
        [
            (batches.turns, (store.url, "product", people.SYSTEM, cases)),
            (batches.decisions, (store.url, "product", people.AMIR, cases)),
        ],
    )
    with database.read_session() as session:
        items = preview.items_of(session, batch, [*Outcome])
        for item, one in zip(items, decided, strict=True):
            codes = (f"{item.outcome}:{item.code}", one["code"])
            assert codes in {("done:", "label-moved"), ("stale:label-moved", "done")}
            label = session.get_one(Label, item.account_id)
            assert label.version == 2  # moved once
            assert label.state == ("labelled" if item.outcome == "done" else "withheld")
    assert _whole(database)


# -- killed ---------------------------------------------------------------------------------------

MANY, KILLS = 150, 3


@contextlib.contextmanager
def worker(store, folder):
    """`shudi worker` as it is run, killed at the end if it still is."""
    environment = os.environ | {"SHUDI_VAR": str(folder), "SHUDI_DATABASE_URL": store.url}
    with (folder / "worker.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "shudi.cli", "worker"], env=environment, stdout=log,
            stderr=log, cwd=ROOT, start_new_session=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _until(database, batch, wanted, seconds: float = 60) -> Batch:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with database.read_session() as session:
            row = session.get_one(Batch, batch)
        if wanted(row):
            return row
        time.sleep(0.005)
    raise AssertionError(f"the worker stands still at {row.worked}")


def test_a_worker_that_is_killed_loses_and_doubles_nothing(
    database, store, site, accounts, tmp_path
):
    batch = batches.make(database, site, accounts(MANY))
    var, at = tmp_path / "var", 0
    var.mkdir(exist_ok=True)
    for kill in range(KILLS):
        with worker(store, var):
            at = _until(database, batch, lambda row, at=at: row.worked > at).worked
            time.sleep(0.02 * kill)  # into the next accounts
    assert at < MANY, "it was killed on the way"
    with worker(store, var):
        row = _until(database, batch, lambda row: row.state == "done")
    assert (row.worked, row.done) == (MANY, MANY)
    assert batches.balance(database, batch) == batches.Balance(Counter(done=MANY), 0, 0)
    assert _whole(database)


def test_said_in_a_second_transaction_an_account_would_be_lost(
    database, store, site, accounts, settings, vocabulary
):
    """The control: the label moved, and nobody wrote it down."""
    batch = batches.make(database, site, accounts(5))
    with pytest.raises(AssertionError, match="without a word"):
        at_once(batches.dies_between, [(store.url,)])
    with database.transaction() as session:
        running.run_some(session, vocabulary=vocabulary, settings=settings, now=NOW)
    kept = batches.balance(database, batch)
    assert (kept.outcomes, kept.lost) == (Counter(done=4, nothing_to_do=1), 1)
