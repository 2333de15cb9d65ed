"""Locators over small databases that the tests write themselves."""

import ipaddress
import itertools
import os
import threading
from datetime import UTC, date, datetime

import pytest

from shudi.errors import Invalid
from shudi.geo import gateway
from shudi.geo.actions import Locator, lookup_report, open_locator
from shudi.geo.gateway import Source, SourceSpec, install_source, parse_sources
from shudi.geo.rules import NOWHERE
from shudi.regions.codec import load_vocabulary
from tests.fixtures.geo_mmdb import dbip, geolite, write_mmdb
from tests.fixtures.geo_xdb import write_xdb
from tests.rules.test_geo import ORDINARY, REFUSED, SPECIAL

VOCABULARY = load_vocabulary()
BUILD = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp())
RECORDS = {
    "11.0.0.0/8": dbip("US", "Ohio"),
    "36.1.0.0/16": dbip("CN", "Guangdong"),
    "36.2.3.0/25": dbip("CN", "Zhejiang"),
    "36.2.3.128/25": dbip("CN", "Shaanxi"),
    "36.4.0.0/16": dbip("CN", "Atlantis"),
    "36.5.0.0/16": dbip("XK"),
    "36.6.0.0/16": geolite("CN", "SX"),
    "36.7.0.0/16": dbip("TW", "Fukien"),
    "2400:3200::/32": dbip("CN", "Beijing"),
    "0.0.0.0/8": dbip("US"),
    "10.0.0.0/8": dbip("US"),
    "203.0.113.0/24": dbip("US"),
    "2001:db8::/32": dbip("US"),
}


def records(**changes):
    return RECORDS | {name: record for name, record in changes.items() if record}


class Clock:
    """Ticks that a test moves."""

    def __init__(self):
        self.ticks = 0.0

    def __call__(self):
        return self.ticks


def locator_over(paths, *, granularity="subdivision", quorum=None, clock=None, today=None):
    sources = [
        Source(SourceSpec(f"s{at}", kind, path), VOCABULARY, ticks=clock or Clock())
        for at, (kind, path) in enumerate(paths)
    ]
    return Locator(
        sources,
        vocabulary=VOCABULARY,
        granularity=granularity,
        quorum=quorum,
        max_age_days=180,
        today=lambda: today or date(2026, 3, 14),
    )


@pytest.fixture
def city(tmp_path):
    return write_mmdb(tmp_path / "city.mmdb", RECORDS, build=BUILD)


@pytest.fixture
def locator(city):
    return locator_over([("mmdb", city)])


EXPECTED = [
    ("11.1.2.3", "US"), ("36.1.2.3", "CN-GD"), ("36.2.3.4", "CN-ZJ"), ("36.2.3.200", "CN-SN"),
    ("36.4.1.1", "CN"), ("36.5.1.1", None), ("36.6.1.1", "CN-SX"), ("36.7.1.1", "TW"),
    ("99.1.1.1", None), ("2400:3200::1", "CN-BJ"), ("2a00::1", None), ("2002:2401:0203::1", "CN-GD"),
    ("::ffff:36.1.2.3", "CN-GD"), ("64:ff9b::2401:203", "CN-GD"),
    ("2001:0:4136:e378:8000:63bf:dbfe:fdfc", "CN-GD"), ("2002:0a00:0001::1", None),
]  # fmt: skip


@pytest.mark.parametrize("record_size", [24, 28, 32])
def test_addresses_are_located_in_every_layout(tmp_path, record_size):
    path = write_mmdb(tmp_path / "db.mmdb", RECORDS, record_size=record_size, build=BUILD)
    found = locator_over([("mmdb", path)])
    ips = [ip for ip, _ in EXPECTED]
    for times in (1, 1, 100, 100):  # one by one, from memory, through the block table
        places = found.locate_many(ips * times)
        assert [(ip, one.region) for ip, one in zip(ips, places, strict=False)] == EXPECTED


def test_a_database_of_ipv4_only_says_nothing_of_ipv6(tmp_path):
    four = {net: record for net, record in RECORDS.items() if ":" not in net}
    path = write_mmdb(tmp_path / "db.mmdb", four, ip_version=4, build=BUILD)
    found = locator_over([("mmdb", path)])
    assert found.locate("36.1.2.3").region == "CN-GD"
    assert found.locate("::ffff:36.1.2.3").region == "CN-GD"
    assert found.locate("2400:3200::1").state == "none"
    assert found.status()[0].ip_versions == (4,)


def test_coarse_granularity_is_kept_everywhere(city):
    found = locator_over([("mmdb", city)], granularity="country")
    place = found.locate("36.1.2.3")
    assert (place.state, place.region) == ("labelled", "CN")
    assert [one.region for one in place.answers] == ["CN"]


@pytest.mark.parametrize("ip", SPECIAL)
def test_special_ranges_have_no_place_even_if_a_source_knows_one(locator, ip):
    assert locator.locate(ip) is NOWHERE
    assert locator.locate_many([ip, ip]) == [NOWHERE, NOWHERE]


def test_special_ranges_have_no_place_in_a_large_batch(locator):
    assert set(locator.locate_many(SPECIAL * 20)) == {NOWHERE}


def test_the_block_table_marks_nothing_ordinary_as_special(city):
    everywhere = {"0.0.0.0/1": dbip("US"), "128.0.0.0/1": dbip("US"), "2000::/3": dbip("US")}
    found = locator_over([("mmdb", write_mmdb(city, everywhere, build=BUILD))])
    both = [ip for pair in itertools.zip_longest(SPECIAL, ORDINARY) for ip in pair if ip] * 10
    for ip, place in zip(both, found.locate_many(both), strict=True):
        assert (place.region == "US") == (ip in ORDINARY), ip


@pytest.mark.parametrize(("text", "code"), REFUSED)
def test_what_is_no_address_is_refused_without_echo(locator, text, code):
    assert locator.locate_many([text]) == [code]
    with pytest.raises(Invalid) as refusal:
        locator.locate(text)
    assert refusal.value.code == code
    assert not text.strip() or text not in str(refusal.value)


def test_many_never_raises_and_keeps_the_order(locator):
    lines = ["36.1.2.3", "nonsense", None, 7, b"36.1.2.3", "36.1.9.9"]
    for found in (locator.locate_many(lines), locator.locate_many(lines * 100)[:6]):
        assert found[0] is found[5]
        assert found[1:5] == ["ip-malformed"] * 4
    assert locator.locate_many([]) == []


def test_equal_places_are_one_object(locator):
    a, b = locator.locate_many(["36.2.3.4", "36.2.3.5"])
    assert a is b
    assert a is locator.locate("36.2.3.6")
    assert all(one is a for one in locator.locate_many(["36.2.3.7"] * 300))


def test_many_agrees_with_one_by_one(locator, city):
    ips = [str(ipaddress.ip_address(0x24000000 + step * 4099)) for step in range(2000)]
    fresh = locator_over([("mmdb", city)])
    assert locator.locate_many(ips) == [fresh.locate(ip) for ip in ips]


def test_the_report_of_a_look_up(locator):
    assert lookup_report(locator.locate("36.1.2.3")) == {
        "region": "CN-GD",
        "state": "labelled",
        "sources": [{"name": "s0", "region": "CN-GD", "build": "2026-03-01"}],
    }
    assert lookup_report(locator.locate("10.1.2.3")) == {
        "region": None, "state": "none", "sources": [],
    }  # fmt: skip


# several sources


@pytest.fixture
def three(tmp_path):
    return [
        ("mmdb", write_mmdb(tmp_path / "a.mmdb", {"36.0.0.0/8": dbip("CN", "Guangdong")})),
        ("mmdb", write_mmdb(tmp_path / "b.mmdb", {"36.0.0.0/8": dbip("CN", "Guangdong")})),
        (
            "mmdb",
            write_mmdb(
                tmp_path / "c.mmdb",
                {
                    "36.1.0.0/16": dbip("CN", "Guangdong"),
                    "36.2.0.0/16": dbip("CN", "Zhejiang"),
                    "36.3.0.128/25": dbip("HK", "Eastern"),
                },
            ),
        ),
    ]


@pytest.mark.parametrize(
    ("quorum", "expected"),
    [
        (
            None,
            [
                ("labelled", "CN-GD"),
                ("uncertain", "CN"),
                ("labelled", "CN-GD"),
                ("uncertain", None),
            ],
        ),
        (2, [("labelled", "CN-GD")] * 4),
    ],
)
def test_sources_must_agree_up_to_the_quorum(three, quorum, expected):
    found = locator_over(three, quorum=quorum)
    places = found.locate_many(["36.1.0.1", "36.2.0.1", "36.3.0.1", "36.3.0.200"])
    assert [(one.state, one.region) for one in places] == expected
    assert len(places[1].answers) == 3


def test_a_network_kind_makes_a_label_uncertain(tmp_path, city):
    asn = {
        "36.1.0.0/17": {"autonomous_system_number": 37963},
        "11.0.0.0/9": {"autonomous_system_number": 1, "autonomous_system_organization": "A VPN"},
        "36.2.0.0/16": {"autonomous_system_number": 4134, "autonomous_system_organization": "CT"},
    }
    path = write_mmdb(tmp_path / "asn.mmdb", asn, kind="Test-ASN")
    found = locator_over([("mmdb", city), ("asn", path)])
    seen = [found.locate(ip) for ip in ("36.1.0.1", "11.0.0.1", "36.2.3.4", "36.1.200.1")]
    assert [(one.state, one.region, one.network) for one in seen] == [
        ("uncertain", "CN", "hosting"),
        ("uncertain", None, "vpn"),
        ("labelled", "CN-ZJ", None),
        ("labelled", "CN-GD", None),
    ]
    assert [one.name for one in seen[0].answers] == ["s0"]


# ip2region


@pytest.mark.parametrize("structure", [2, 3])
def test_ip2region_files_of_both_layouts(tmp_path, structure):
    path = write_xdb(
        tmp_path / "v4.xdb",
        [
            ("36.1.0.0", "36.1.1.255", "中国|0|广东省|深圳市|电信"),
            ("36.1.2.0", "36.1.2.127", "中国|陕西省|西安市|移动|CN"),
            ("36.1.2.128", "36.1.255.255", "中国|0|香港|0|0"),
        ],
        structure=structure,
        created=BUILD,
    )
    found = locator_over([("ip2region", path)])
    ips = ["36.1.0.1", "36.1.2.127", "36.1.2.128", "36.1.255.255", "36.2.0.1", "8.8.8.8", "2a00::1"]
    assert [found.locate(ip).region for ip in ips] == [
        "CN-GD",
        "CN-SN",
        "HK",
        "HK",
        None,
        None,
        None,
    ]
    status = found.status()[0]
    assert (status.health, status.build, status.ip_versions) == ("ok", date(2026, 3, 1), (4,))
    assert "ip2region" in status.attribution


def test_an_ip2region_file_for_ipv6_beside_an_mmdb(tmp_path, city):
    path = write_xdb(
        tmp_path / "v6.xdb",
        [("2400:3200::", "2400:3200:ffff::", "中国|浙江省|杭州市|阿里云|CN")],
        version=6,
    )
    found = locator_over([("mmdb", city), ("ip2region", path)])
    place = found.locate("2400:3200::1")
    assert (place.state, place.region) == ("uncertain", "CN")
    assert found.locate("36.1.2.3").region == "CN-GD"


def test_a_damaged_ip2region_file_says_nothing_and_echoes_nothing(tmp_path):
    path = write_xdb(tmp_path / "v4.xdb", [("36.1.0.0", "36.1.255.255", "中国|广东省|0|0|CN")])
    content = bytearray(path.read_bytes())
    at = 256 + 36 * 2048 + 8
    content[at : at + 8] = b"\xff" * 8
    path.write_bytes(content)
    assert locator_over([("ip2region", path)]).locate("36.1.2.3").region is None


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


# settings and installing


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


def test_installing_puts_a_checked_copy_in_place(tmp_path, city):
    target = tmp_path / "geo" / "db.mmdb"
    installed = install_source(city, target, "mmdb", VOCABULARY)
    assert installed.build == date(2026, 3, 1)
    assert target.read_bytes() == city.read_bytes()
    assert [one.name for one in target.parent.iterdir()] == ["db.mmdb"]


def test_installing_an_incomplete_file_leaves_the_present_one(tmp_path, city):
    broken = tmp_path / "broken.mmdb"
    broken.write_bytes(city.read_bytes()[:-30])
    before = city.read_bytes()
    with pytest.raises(ValueError, match="complete"):
        install_source(broken, city, "mmdb", VOCABULARY)
    with pytest.raises(OSError, match="absent"):
        install_source(tmp_path / "absent", city, "mmdb", VOCABULARY)
    assert city.read_bytes() == before
    assert {one.name for one in tmp_path.iterdir()} == {"broken.mmdb", "city.mmdb"}
