"""Database files that go wrong while we run; settings."""

import os
import threading
from datetime import date

import pytest

from shudi.geo import gateway
from shudi.geo.actions import open_locator
from shudi.geo.gateway import parse_sources
from tests.fixtures.geo_mmdb import dbip, write_mmdb
from tests.geo.databases import BUILD, EXPECTED, RECORDS, VOCABULARY, Clock, locator_over, records

# files that go wrong while we run


def test_a_missing_file_gives_no_labels_and_is_told(tmp_path):
    found = locator_over([("mmdb", tmp_path / "absent.mmdb")])
    assert found.locate("36.1.2.3").state == "none"
    status = found.status()[0]
    assert (status.health, status.build, status.file) == ("missing", None, "absent.mmdb")
    assert found.attributions() == ()


def test_a_file_that_appears_is_used(tmp_path):
    clock = Clock()
    found = locator_over([("mmdb", tmp_path / "late.mmdb")], clock=clock)
    assert found.locate("36.1.2.3").state == "none"
    write_mmdb(tmp_path / "late.mmdb", RECORDS, build=BUILD)
    assert found.locate("36.1.2.3").state == "none"  # looked at most every two seconds
    clock.ticks += 2
    assert found.locate("36.1.2.3").region == "CN-GD"
    assert found.status()[0].health == "ok"


def test_a_swapped_file_is_read_anew_and_nothing_old_is_remembered(city):
    clock = Clock()
    found = locator_over([("mmdb", city)], clock=clock)
    ips = ["36.1.2.3", "2400:3200::1"] * 200
    before = found.locate_many(ips)[:2]
    write_mmdb(city, records(**{"36.1.0.0/16": dbip("CN", "Hunan")}), build=BUILD + 86400)
    clock.ticks += 2
    after = found.locate_many(ips)[:2]
    assert [one.region for one in before] == ["CN-GD", "CN-BJ"]
    assert [one.region for one in after] == ["CN-HN", "CN-BJ"]
    assert after[0].answers[0].build == "2026-03-02"
    assert found.status()[0].health == "ok"


def test_another_kind_of_database_in_its_place_is_not_used(city):
    clock = Clock()
    found = locator_over([("mmdb", city)], clock=clock)
    assert found.locate("36.1.2.3").region == "CN-GD"
    write_mmdb(city, {"36.0.0.0/8": dbip("US")}, kind="Another-Database")
    clock.ticks += 2
    assert found.locate("36.1.2.3").region == "CN-GD"
    assert found.status()[0].health == "swapped"


@pytest.mark.parametrize("kept", [0, 1, 100, 0.5, -1])
def test_a_file_cut_short_in_place_keeps_the_old_answers(city, kept):
    clock = Clock()
    found = locator_over([("mmdb", city)], clock=clock)
    assert found.locate("36.1.2.3").region == "CN-GD"
    size = city.stat().st_size
    os.truncate(city, int(size * kept) if isinstance(kept, float) else kept % size)
    clock.ticks += 2
    assert found.locate("36.1.2.3").region == "CN-GD"
    assert found.locate("11.9.9.9").region == "US"
    assert found.status()[0].health == "truncated"
    write_mmdb(city, RECORDS, build=BUILD)
    clock.ticks += 2
    assert found.status()[0].health == "ok"


def test_a_file_that_vanishes_keeps_the_old_answers(city):
    clock = Clock()
    found = locator_over([("mmdb", city)], clock=clock)
    found.locate("36.1.2.3")
    city.unlink()
    clock.ticks += 2
    assert found.locate("11.1.1.1").region == "US"
    assert found.status()[0].health == "missing"


@pytest.mark.parametrize("kind", ["mmdb", "asn", "ip2region"])
@pytest.mark.parametrize("content", [b"", b"not a database" * 50_000, b"\xab\xcd\xefMaxMind.com"])
def test_rubbish_is_no_database(tmp_path, kind, content):
    path = tmp_path / "rubbish"
    path.write_bytes(content)
    found = locator_over([(kind, path)])
    assert found.locate("36.1.2.3").region is None
    assert found.status()[0].health == "truncated"


def test_damaged_records_say_nothing(city):
    good = city.read_bytes()
    tree = good.index(bytes(16))
    for at in range(tree + 16, len(good) - 250, 5):
        city.write_bytes(good[:at] + b"\xff\xee" + good[at + 2 :])
        found = locator_over([("mmdb", city)])
        assert all(
            isinstance(one.state, str) for one in found.locate_many([ip for ip, _ in EXPECTED])
        )


def test_an_old_database_is_used_and_said_to_be_old(city):
    found = locator_over([("mmdb", city)], today=date(2026, 8, 29))
    assert found.locate("36.1.2.3").region == "CN-GD"
    status = found.status()[0]
    assert (status.health, status.age_days) == ("outdated", 181)
    assert locator_over([("mmdb", city)], today=date(2026, 8, 28)).status()[0].health == "ok"


def test_one_broken_source_does_not_silence_the_others(city, tmp_path):
    found = locator_over([("mmdb", tmp_path / "absent.mmdb"), ("mmdb", city)])
    place = found.locate("36.1.2.3")
    assert (place.state, place.region) == ("labelled", "CN-GD")
    assert [one.name for one in place.answers] == ["s1"]


def test_threads_may_share_a_locator_while_its_file_is_swapped(city):
    clock, wrong = Clock(), []
    found = locator_over([("mmdb", city)], clock=clock)
    found.locate("11.0.0.1")

    def look():
        for _ in range(300):
            clock.ticks += 1
            places = found.locate_many(["36.1.2.3", "36.2.3.200", "11.1.1.1", "10.0.0.1"])
            seen = [one.region for one in places]
            if seen[0] not in ("CN-GD", "CN-HN") or seen[1:] != ["CN-SN", "US", None]:
                wrong.append(seen)

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for turn in range(20):
        name = "Hunan" if turn % 2 else "Guangdong"
        write_mmdb(city, records(**{"36.1.0.0/16": dbip("CN", name)}), build=BUILD + turn)
    for thread in threads:
        thread.join()
    assert wrong == []


def test_nobody_is_told_nothing_while_the_first_database_is_being_read(city, monkeypatch):
    reading, go_on, load = threading.Event(), threading.Event(), gateway.load

    def slowly(*arguments):
        reading.set()
        assert go_on.wait(10)
        return load(*arguments)

    monkeypatch.setattr(gateway, "load", slowly)
    found, seen = locator_over([("mmdb", city)]), []
    threads = [
        threading.Thread(target=lambda: seen.append(found.locate("36.1.2.3").region))
        for _ in range(3)
    ]
    threads[0].start()
    assert reading.wait(10)
    for thread in threads[1:]:
        thread.start()
    go_on.set()
    for thread in threads:
        thread.join()
    assert seen == ["CN-GD"] * 3


# settings


def test_sources_are_listed_in_a_setting():
    specs = parse_sources(
        "local=ip2region:/data/v4.xdb, asn=asn:C:/x/asn.mmdb\ncity-a=mmdb:/a.mmdb"
    )
    assert [(one.name, one.kind, one.path.as_posix()) for one in specs] == [
        ("local", "ip2region", "/data/v4.xdb"),
        ("asn", "asn", "C:/x/asn.mmdb"),
        ("city-a", "mmdb", "/a.mmdb"),
    ]
    assert parse_sources("bundled")[0].path == gateway.bundled_path()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no database of regions"),
        ("a=asn:/x", "no database of regions"),
        ("/data/x.mmdb", "source 1: write name=kind:path"),
        ("bundled,b=tar:/x", "source 2: write name=kind:path"),
        ("a=mmdb:", "source 1"),
        ("=mmdb:/x", "source 1"),
        ("a=mmdb:/x,a=mmdb:/y", "same name"),
    ],
)
def test_a_setting_that_means_nothing_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        open_locator(text, VOCABULARY)


def test_other_settings_are_checked_too():
    with pytest.raises(ValueError, match="quorum"):
        open_locator("bundled", VOCABULARY, quorum=-1)
    with pytest.raises(ValueError, match="granularity"):
        open_locator("bundled", VOCABULARY, "city")
