"""Databases that are kept as in use: what is written down, and how a locator follows it."""

import dataclasses
import os

import pytest

from shudi.geo import kept
from shudi.geo.actions import open_locator
from shudi.geo.following import Following
from shudi.geo.gateway import Source, SourceSpec, bundled_path
from shudi.geo.kept import InUse
from tests.fixtures.geo_mmdb import dbip, write_mmdb
from tests.geo.databases import BUILD, VOCABULARY, Clock, records


@pytest.fixture
def folder(tmp_path):
    with kept.locked(tmp_path / "geo"):
        pass
    return tmp_path / "geo"


@pytest.fixture
def spec(city):
    return SourceSpec("city", "mmdb", city)


def _use(folder, spec, **more):
    one = kept.put(folder, spec)
    kept.write(folder, InUse((one,), kept.seen([spec]), **more))
    return one


def test_what_is_in_use_is_written_down_and_read_again(folder, spec, tmp_path):
    assert kept.read(folder) is None
    one = _use(folder, spec, trial_of=7, faults={"city": "waiting"})
    found = kept.read(folder)
    assert found.sources == (one,)
    assert (found.trial_of, found.faults) == (7, {"city": "waiting"})
    assert found.seen == kept.seen([spec])
    again = dataclasses.replace(found, trial=(one,))
    kept.write(folder, again)
    assert kept.read(folder) == again
    assert oct(folder.stat().st_mode)[-3:] == "700"


def test_a_copy_stays_what_it_was_whatever_becomes_of_the_file(folder, spec, city):
    before = city.read_bytes()
    one = kept.put(folder, spec)
    assert one.size == len(before)
    with city.open("r+b") as file:  # as `cp` does: the same inode, other content
        file.write(b"something else")
    assert (folder / one.file).read_bytes() == before
    assert kept.put(folder, spec).file != one.file
    with pytest.raises(OSError, match="absent"):
        kept.put(folder, SourceSpec("x", "mmdb", city.with_name("absent")))
    assert len(list(folder.iterdir())) == 3  # two databases and the lock: nothing is left over


def test_the_installed_database_takes_no_second_room(folder):
    one = kept.put(folder, SourceSpec("bundled", "mmdb", bundled_path()))
    linked = (folder / one.file).stat()
    if linked.st_dev == bundled_path().stat().st_dev:
        assert linked.st_ino == bundled_path().stat().st_ino
    assert one.size == bundled_path().stat().st_size


def test_sweeping_leaves_what_is_needed(folder, spec, city):
    one = _use(folder, spec)
    write_mmdb(city, {"36.0.0.0/8": dbip("US")})
    kept.put(folder, spec)
    (folder / ".left-over").write_bytes(b"cut off")
    kept.sweep(folder, [one])
    assert {path.name for path in folder.iterdir()} == {one.file, "in-use.json", "lock"}


def _locator(city, folder):
    return open_locator(f"city=mmdb:{city}", VOCABULARY, folder=folder)


def test_without_anything_kept_the_configured_file_answers(city, folder):
    found = _locator(city, folder)
    assert found.locate("36.1.2.3").region == "CN-GD"
    assert found.trial_of == 0


def test_the_kept_database_answers_whatever_the_configured_file_says(city, folder, spec):
    _use(folder, spec)
    write_mmdb(city, records(**{"36.1.0.0/16": dbip("CN", "Hunan")}), build=BUILD + 86400)
    assert _locator(city, folder).locate("36.1.2.3").region == "CN-GD"
    city.unlink()
    found = _locator(city, folder)
    assert found.locate("36.1.2.3").region == "CN-GD"
    [status] = found.status()
    assert (status.file, status.build.isoformat()) == ("city.mmdb", "2026-03-01")


def _following(city, folder, clock):
    source = Source(SourceSpec("city", "mmdb", city), VOCABULARY, ticks=clock)
    return Following([source], VOCABULARY, folder, ticks=clock)


def test_what_is_taken_into_use_is_followed_and_what_stays_is_not_read_again(city, folder, spec):
    clock = Clock()
    found = _following(city, folder, clock)
    found.refresh()
    assert found.sources[0].spec.path == city
    one = _use(folder, spec)
    found.refresh()
    assert found.sources[0].spec.path == city  # looked at most every two seconds
    clock.ticks += 2
    found.refresh()
    [first] = found.sources
    assert first.spec.path == folder / one.file
    write_mmdb(city, {"36.0.0.0/8": dbip("US")}, build=BUILD + 86400)
    other = kept.put(folder, spec)
    kept.write(folder, InUse((one,), {}, trial=(other,), trial_of=3))
    clock.ticks += 2
    found.refresh()
    assert found.sources[0] is first
    assert (found.trial_of, found.trial[0].spec.path.name) == (3, other.file)
    tried = found.trial[0]
    kept.write(folder, InUse((other,), {}, faults={"city": "missing"}))
    clock.ticks += 2
    found.refresh()
    assert found.sources[0] is tried
    assert found.sources[0].told == "missing"
    assert (found.trial, found.trial_of) == ((), 0)


def test_a_copy_that_was_lost_leaves_the_configured_file(city, folder, spec):
    one = _use(folder, spec)
    (folder / one.file).unlink()
    assert _locator(city, folder).locate("36.1.2.3").region == "CN-GD"


def test_both_are_looked_up_while_a_database_is_tried(city, folder, spec):
    one = kept.put(folder, spec)
    write_mmdb(city, records(**{"36.1.0.0/16": dbip("CN", "Hunan")}))
    kept.write(folder, InUse((one,), {}, trial=(kept.put(folder, spec),), trial_of=5))
    found = _locator(city, folder)
    ips = ["36.1.2.3", "11.1.1.1", "10.0.0.1", "nonsense"]
    assert [one if isinstance(one, str) else one.region for one in found.locate_many(ips)] == [
        "CN-GD", "US", None, "ip-malformed",
    ]  # fmt: skip
    assert found.trial_of == 5
    assert [one if isinstance(one, str) else one.region for one in found.try_many(ips)] == [
        "CN-HN", "US", None, "ip-malformed",
    ]  # fmt: skip


def test_a_manifest_is_never_seen_half_written(folder, spec):
    _use(folder, spec)
    before = kept.manifest(folder).stat().st_ino
    _use(folder, spec)
    assert kept.manifest(folder).stat().st_ino != before
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []
    assert os.access(kept.manifest(folder), os.R_OK)
