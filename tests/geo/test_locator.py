"""Locators over small databases that the tests write themselves."""

import ipaddress
import itertools
from datetime import date

import pytest

from shudi.errors import Invalid
from shudi.geo.actions import lookup_report
from shudi.geo.rules import NOWHERE
from tests.fixtures.geo_mmdb import dbip, write_mmdb
from tests.fixtures.geo_xdb import write_xdb
from tests.geo.databases import BUILD, EXPECTED, RECORDS, locator_over
from tests.rules.test_geo import ORDINARY, REFUSED, SPECIAL


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
