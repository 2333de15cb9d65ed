"""Acceptance test 42 at both doors: a database goes wrong while the process runs, and at a start.

Labels stay, nothing crashes, the console says so. A process that had read the database goes on
with what it read; one that starts without a good file gives new accounts no label.
"""

import copy
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest

import console
import extension_api
from shudi import clock
from shudi.geo.actions import open_locator
from tests import factories, people
from tests.architecture.doors import Doors
from tests.console.desk import words_of
from tests.fixtures.geo_mmdb import write_mmdb

FILES_ARE_LOOKED_AT = 2.1  # seconds


def _built(days_ago: int) -> int:
    return int((clock.now() - timedelta(days=days_ago)).timestamp())


FAULTS = {
    "File is missing": Path.unlink,
    "File is damaged": lambda path: os.truncate(path, path.stat().st_size // 2),
    "File is not the expected database": lambda path: write_mmdb(
        path, factories.NETWORKS, kind="Another-Database", build=_built(1)
    ),
    "Out of date": lambda path: write_mmdb(path, factories.NETWORKS, build=_built(400)),
}
# What a process that starts with such a file can place.
USABLE = ("File is not the expected database", "Out of date")


@pytest.fixture
def city(tmp_path: Path) -> Path:
    return write_mmdb(tmp_path / "city.mmdb", factories.NETWORKS, build=_built(1))


@pytest.fixture
def doors(sqlite_database, settings, vocabulary, city) -> Doors:
    return Doors(
        sqlite_database, settings, open_locator(f"city=mmdb:{city}", vocabulary), vocabulary
    )


def restarted(doors: Doors, city: Path) -> Doors:
    """The same store behind new processes."""
    parts = {
        "database": doors.database,
        "vocabulary": doors.vocabulary,
        "locator": open_locator(f"city=mmdb:{city}", doors.vocabulary),
    }
    new = copy.copy(doors)
    new.console = console.create_app(doors.settings, **parts)
    new.api = extension_api.create_app(doors.settings, **parts)
    return new


def post(doors: Doors, account: str, place: str) -> None:
    line = {"site": "forum", "account": account, "ip": factories.ADDRESSES[place], "kind": "post"}
    answer = doors.program(
        "POST",
        "/api/v1/sightings",
        json={"sightings": [line | {"at": clock.now().isoformat()}]},
    )
    assert (answer.status_code, answer.json["accepted"]) == (200, 1)


def region(doors: Doors, account: str) -> tuple[str, str | None]:
    answer = doors.program("GET", f"/api/v1/labels?site=forum&account={account}")
    [row] = answer.json["labels"]
    return row["state"], row["region"]


def said(doors: Doors, path: str) -> str:
    answer = doors.person(people.SAM, "GET", path)
    assert answer.status_code == 200
    return words_of(answer.text)


@pytest.mark.parametrize("fault", FAULTS)
def test_labels_stay_and_the_console_says_what_is_wrong(doors: Doors, city: Path, fault: str):
    old = doors.found.names[0]
    assert region(doors, old) == ("labelled", "CN-GD")
    assert fault not in said(doors, "/system")
    FAULTS[fault](city)
    time.sleep(FILES_ARE_LOOKED_AT)

    post(doors, "while-running", "US")
    assert region(doors, old) == ("labelled", "CN-GD")
    assert region(doors, "while-running") == ("labelled", "US")  # from what was read before

    started = restarted(doors, city)
    post(started, old, "US")
    post(started, "after-a-start", "US")
    usable = fault in USABLE
    assert region(started, old) == ("labelled", "US" if usable else "CN-GD")
    assert region(started, "after-a-start") == (("labelled", "US") if usable else ("none", None))

    for each in (doors, started) if fault != "File is not the expected database" else (doors,):
        assert fault in said(each, "/system")
        overview = said(each, "/")
        assert "days old" in overview if fault == "Out of date" else fault in overview
