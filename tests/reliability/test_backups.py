"""Acceptance test 15: a backup made under load is whole and holds what was acknowledged before."""

import dataclasses
import os
import signal
import time
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from shudi import clock
from shudi.audit.codec import audit_key, checkpoints_path
from shudi.audit.store import AuditRow
from shudi.backups.actions import making
from shudi.backups.codec import archive
from shudi.cases.actions.erasure import delete_account
from shudi.cases.actions.upkeep import BATCH
from shudi.db import connect
from shudi.errors import Refused, Unavailable
from shudi.settings import Settings
from shudi.sites.store import Site
from shudi.worker import Worker, tidying
from tests.conftest import Store
from tests.people import PLATFORM
from tests.reliability import work
from tests.reliability.backups import (
    CANARY,
    OPERATOR,
    backup,
    elsewhere,
    empty,
    here,
    moved,
    opened,
    restored,
    whole,
)
from tests.reliability.harness import _CONTEXT

__all__ = ["empty", "here"]
UNFINISHED = ".shudi-unfinished-"

# -- 15: under load -------------------------------------------------------------------------------


def _writing(url: str, site_id: int, acknowledged) -> None:
    database = connect(url)
    while True:
        with database.transaction() as session:
            work.edit(session, site_id)
        with acknowledged.get_lock():
            acknowledged.value += 1


@pytest.mark.parametrize("copies", [2, pytest.param(50, marks=pytest.mark.long)])
def test_a_copy_made_under_load_holds_what_was_acknowledged(
    database, settings, store: Store, site, empty, tmp_path, copies
):
    acknowledged = _CONTEXT.Value("i", 0)
    writers = [
        _CONTEXT.Process(target=_writing, args=(store.url, site, acknowledged), daemon=True)
        for _ in range(4)
    ]
    for writer in writers:
        writer.start()
    try:
        made = []
        for number in range(copies):
            while acknowledged.value < 20 * (number + 1):
                time.sleep(0.005)
            before = acknowledged.value
            path = tmp_path / f"{number}.zip"
            making.make(settings, database, path=path, actor=OPERATOR, now=clock.now())
            made.append((path, before))
    finally:
        for writer in writers:
            writer.kill()
            writer.join()
    for path, before in made:
        into = empty()
        restored(into, path, accept_lost=True)
        whole(into)
        with opened(into) as found, found.read_session() as session:
            edits = session.scalar(
                sa.select(sa.func.count()).where(AuditRow.action == "test.edited")
            )
            assert session.scalar(sa.select(Site.account_count).where(Site.id == site)) == edits
        assert before <= (edits or 0) <= acknowledged.value + len(writers)


# -- what is in it, and what is not ---------------------------------------------------------------


def bytes_of(path: Path) -> bytes:
    with zipfile.ZipFile(path) as bundle:
        return b"".join(bundle.read(name) for name in bundle.namelist())


def test_no_key_and_nothing_deleted_is_in_it(here):
    """SQLite's bytes as they lie; the control finds the name before it is deleted."""
    here.put("ann", name=CANARY)
    assert CANARY.encode() in bytes_of(backup(here, "before.zip"))
    here.act(delete_account, actor=PLATFORM, site_id=here.site, account="ann")
    found = bytes_of(backup(here, "after.zip"))
    assert CANARY.encode() not in found
    audit_key(here.settings)
    for secret in (here.settings.secret_key, (here.settings.var / "audit-key").read_text().strip()):
        assert secret.encode() not in found


def test_later_checkpoints_are_kept_aside(here, tmp_path):
    Worker(here.settings, here.database, here.vocabulary)._checkpoint(here.now)
    path = backup(here)
    into = elsewhere(tmp_path)
    moved(here, into)
    checkpoints_path(into).write_text("later\n")
    restored(into, path)
    assert checkpoints_path(into).read_text() == checkpoints_path(here.settings).read_text()
    [aside] = into.var.glob("audit-checkpoints-until-*.txt")
    assert aside.read_text() == "later\n"
    whole(into)


# -- what goes wrong ------------------------------------------------------------------------------


def test_a_damaged_archive_is_refused_and_fills_nothing(here, tmp_path):
    path = backup(here)
    good = path.read_bytes()
    into = elsewhere(tmp_path)
    moved(here, into)
    spoilt = tmp_path / "spoilt.zip"
    middle = len(good) // 2
    for bad in (
        good[:middle],
        good[:middle] + bytes([good[middle] ^ 1]) + good[middle + 1 :],
        b"",
        b"no archive",
    ):
        spoilt.write_bytes(bad)
        with pytest.raises(Refused):
            restored(into, spoilt)
    restored(into, path)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"layout": 2}, "backup-layout"),
        ({"dialect": "other"}, "backup-dialect"),
        ({"revision": "9999"}, "backup-revision"),
    ],
)
def test_what_cannot_be_taken_in_says_why(here, tmp_path, change, code):
    path = backup(here)
    with archive.opened(path) as (manifest, bundle), archive.made(tmp_path / "b.zip") as other:
        other.writestr(archive.STORE, bundle.read(archive.STORE))
        archive.add_manifest(other, dataclasses.replace(manifest, **change))
    into = elsewhere(tmp_path)
    with pytest.raises(Refused) as refusal:
        restored(into, tmp_path / "b.zip")
    assert refusal.value.code == code


def test_a_file_that_is_there_is_not_written_over(here):
    path = backup(here)
    before = path.read_bytes()
    with pytest.raises(Refused):
        backup(here)
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir() if one.name.startswith(".")] == []


def _backing_up(settings: Settings, path: Path) -> None:
    database = connect(settings.database_url)
    while True:
        making.make(settings, database, path=path, actor=OPERATOR, now=clock.now())
        path.unlink()


def test_killed_on_the_way_it_leaves_a_whole_file_or_none(here, tmp_path):
    for account in range(3 * BATCH):
        if account % BATCH == 0:
            here.take(*[(f"a{account + n}", "US") for n in range(BATCH)])
    path = tmp_path / "killed.zip"
    for pause in (0.3, 0.5, 0.7):
        process = _CONTEXT.Process(target=_backing_up, args=(here.settings, path))
        process.start()
        time.sleep(pause)
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
        if path.exists():
            assert archive.made_at(path) is not None
            path.unlink()


def _begun(folder: Path) -> bool:
    try:
        return any(one.stat().st_size for one in folder.glob(f"{UNFINISHED}*/*"))
    except FileNotFoundError:
        return False


def test_what_others_put_there_stops_nothing(here, tmp_path):
    folder, elsewhere = tmp_path / "b", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    (elsewhere / "theirs").write_text("kept")
    (folder / f"{UNFINISHED}file").write_text("no folder")
    (folder / f"{UNFINISHED}link").symlink_to(elsewhere)
    (folder / f"{UNFINISHED}old").mkdir()
    later = clock.now() + timedelta(days=2)
    making.make(here.settings, here.database, path=folder / "one.zip", actor=OPERATOR, now=later)
    left = {one.name for one in folder.iterdir()}
    assert left == {"one.zip", f"{UNFINISHED}file", f"{UNFINISHED}link"}
    assert (elsewhere / "theirs").read_text() == "kept"


@pytest.mark.parametrize("who", ["the worker", "the next backup"])
def test_what_a_killed_one_left_is_gone_a_day_later(here, tmp_path, who):
    """Beside the store, where a restore works, and beside backups."""
    settings, folder = here.settings, here.settings.var if who == "the worker" else tmp_path / "b"
    folder.mkdir(exist_ok=True)
    process = _CONTEXT.Process(target=_backing_up, args=(settings, folder / "killed.zip"))
    process.start()
    while not _begun(folder):
        assert process.is_alive()
        time.sleep(0.001)
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join()

    def tidy(now):
        if who == "the worker":
            tidying.strays(settings, here.database, now)
        else:
            path = folder / f"{now:%Y%m%d%H}.zip"
            making.make(settings, here.database, path=path, actor=OPERATOR, now=now)
        return sorted(folder.glob(f"{UNFINISHED}*"))

    assert tidy(clock.now() + timedelta(hours=23)) != []  # it may be under way
    assert tidy(clock.now() + timedelta(hours=25)) == []


def test_a_store_that_does_not_answer_leaves_no_file(here, tmp_path):
    gone = dataclasses.replace(
        here.settings,
        database_url="sqlite:////nowhere/at/all.db",
        migrate_database_url="sqlite:////nowhere/at/all.db",
    )
    path = tmp_path / "none.zip"
    with pytest.raises(Unavailable):
        making.make(gone, here.database, path=path, actor=OPERATOR, now=here.now)
    assert not path.exists()


def test_a_backup_past_its_time_is_refused_and_pruned(here, tmp_path):
    here.now = clock.now() - timedelta(days=91)
    old = backup(here, "old.zip")
    here.now = clock.now()
    fresh = backup(here, "fresh.zip")
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as strange:
        strange.writestr("manifest.json", "{}")
    into = elsewhere(tmp_path)
    moved(here, into)
    with pytest.raises(Refused) as refusal:
        restored(into, old)
    assert refusal.value.code == "backup-old"
    assert making.prune(tmp_path, now=clock.now(), days=90) == [old]
    assert fresh.exists()
    assert other.exists()
