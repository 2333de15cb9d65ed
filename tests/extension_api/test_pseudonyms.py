"""Acceptance test 31: what stands for an address says nothing once its day's key is gone."""

import hashlib
import ipaddress
import random
import re
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from shudi import clock
from shudi.cases.store.queue import CaseReport
from shudi.clients.rules import pseudonym
from shudi.daykeys import DayKeys
from shudi.worker import Worker
from tests.console.conftest import Turnable
from tests.extension_api.conftest import sighting
from tests.extension_api.test_people import report

TRUE = [f"198.51.100.{n}" for n in range(1, 6)]
PURPOSES = ("sender", "report")
LONG = (pytest.mark.long, pytest.mark.timeout(1200))


@pytest.fixture
def time(now: datetime, monkeypatch: pytest.MonkeyPatch) -> Turnable:
    turnable = Turnable(now)
    monkeypatch.setattr(clock, "now", turnable)
    return turnable


def send(public, address: str) -> None:
    answer = report(public, environ_overrides={"REMOTE_ADDR": address})
    assert answer.status_code == 202


def senders(database) -> list[str]:
    with database.read_session() as session:
        return list(session.scalars(sa.select(CaseReport.sender).order_by(CaseReport.id)))


def guesses(count: int) -> Iterator[str]:
    """The true addresses among as many others as `count`."""
    drawn = random.Random(31)
    yield from TRUE
    yield from (str(ipaddress.IPv4Address(drawn.getrandbits(32))) for _ in range(count))


def recovered(keys: DayKeys, days: list, kept: set[str], count: int) -> set[str]:
    """Addresses that somebody finds who has the store, every file and every secret."""
    under = [(keys.key(day), purpose, day) for day in days for purpose in PURPOSES]
    return {
        guess
        for guess in guesses(count)
        for key, purpose, day in under
        if pseudonym(key, ipaddress.ip_address(guess), purpose=purpose, day=day) in kept
    }


def test_equal_within_a_day_and_unlinkable_across(program, public, database, time):
    program.sighted(sighting("ada"))
    send(public, TRUE[0])
    send(public, TRUE[0])
    time.turn(days=1)
    send(public, TRUE[0])
    first, again, next_day = senders(database)
    assert first == again != next_day


@pytest.mark.parametrize("count", [2_000, pytest.param(1_000_000, marks=LONG)])
def test_nobody_recovers_an_address_once_the_key_is_gone(
    program, public, database, settings, vocabulary, time, tmp_path, count
):
    program.sighted(sighting("ada"))
    for address in TRUE:
        send(public, address)
    day = time.now.date()
    kept_aside = Path(shutil.copy(settings.var / "pseudonym-key", tmp_path / "aside"))
    time.turn(days=2)
    [job] = [one for one in Worker(settings, database, vocabulary).jobs if one.name == "retention"]
    job.run(time.now)
    kept = set(senders(database))
    assert len(kept) == len(TRUE)  # the reports are still there, and may be set aside together
    days = [day, time.now.date()]
    assert recovered(DayKeys(settings.var / "pseudonym-key"), days, kept, count) == set()
    # control: with the key of that day the same search finds every one
    assert recovered(DayKeys(kept_aside), [day], kept, 10) == set(TRUE)


def test_no_key_is_in_the_store_or_a_copy_of_it(program, public, database, store, settings, time):
    program.sighted(sighting("ada"))
    send(public, TRUE[0])
    [_, key] = (settings.var / "pseudonym-key").read_text().split()
    today = DayKeys(settings.var / "pseudonym-key").key(time.now.date())
    secret = settings.secret_key
    with database.read_session() as session:
        tables = sa.inspect(session.connection()).get_table_names()
        text = "\n".join(
            str(row)
            for table in tables
            for row in session.execute(sa.text(f"SELECT * FROM {table}"))
        )
    for word in (key, today.hex(), secret, hashlib.sha256(secret.encode()).hexdigest()):
        assert not re.search(re.escape(word), text)
    assert "sender:" in text  # what was searched is the store that holds the pseudonyms
