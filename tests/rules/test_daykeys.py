"""Keys of a day: they lead forward, never back, and machines agree on them."""

import logging
import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest

from shudi import daykeys
from shudi.daykeys import DayKeys

DAY = date(2026, 3, 14)
NEXT = DAY + timedelta(days=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "pseudonym-key"


def test_a_day_has_one_key_and_each_day_another(path: Path) -> None:
    keys = DayKeys(path)
    found = [keys.key(DAY + timedelta(days=n)) for n in range(400)]
    assert len(set(found)) == 400
    assert all(len(key) == 32 for key in found)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_yesterdays_key_is_still_there_and_no_older_one(path: Path) -> None:
    keys = DayKeys(path)
    first, second = keys.key(DAY), keys.key(NEXT)
    assert keys.key(DAY) == first
    keys.key(NEXT + timedelta(days=1))
    assert keys.key(NEXT) == second
    assert DayKeys(path).key(DAY) != first
    assert first.hex() not in path.read_text()


def test_machines_that_began_with_the_same_file_agree(path: Path, tmp_path: Path) -> None:
    here = DayKeys(path)
    here.key(DAY)
    there = DayKeys(Path(shutil.copy(path, tmp_path / "copy")))
    later = DAY + timedelta(days=40)
    for n in range(40):
        here.key(DAY + timedelta(days=n))
    assert here.key(later) == there.key(later)


def test_many_that_begin_together_agree(path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: DayKeys(path).key(DAY), range(16)))
    assert len(set(found)) == 1


def test_whoever_is_late_puts_no_old_key_back(path: Path) -> None:
    late = DayKeys(path)
    late.key(DAY)
    DayKeys(path).key(DAY + timedelta(days=9))
    kept = path.read_text()
    assert late.key(DAY + timedelta(days=3)) != b""
    assert path.read_text() == kept


def test_a_key_that_cannot_be_written_is_said_and_tried_again(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    before = DayKeys(path).key(DAY)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, caplog.at_level(logging.ERROR):
        patch.setattr(daykeys, "_replace", full)
        later = DayKeys(path).key(NEXT + timedelta(days=1))
    assert "could not be written" in caplog.text
    assert DayKeys(path).key(DAY) == before
    assert DayKeys(path).key(NEXT + timedelta(days=1)) == later
    assert before.hex() not in path.read_text()
