"""The pure part: addresses, what wraps them, what has no place, and agreement."""

import ipaddress
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shudi.errors import Invalid
from shudi.geo.addresses import is_special, parse_ip, unwrap
from shudi.geo.meaning import network_meaning, place_meaning, xdb_meaning
from shudi.geo.rules import NOWHERE, Answer, agree, judge, wider
from shudi.regions.codec import load_vocabulary
from shudi.regions.rules import GRANULARITIES

VOCABULARY = load_vocabulary()

MALFORMED = [
    "", " ", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.04", "1.2.3.4 ", " 1.2.3.4",
    "1.2.3.4\n", "0x1.2.3.4", "16909060", "1.2.3.4/24", "::1/64", "1::2::3", ":::", "g::1",
    "12345::", "::ffff:1.2.3", "١.٢.٣.٤", "１.2.3.4", "1.2.3.4\0", "localhost", "-1.2.3.4",
    "1,2.3.4", "2001:db8:0:0:0:0:0:0:1", "\ud800", "::ffff:01.2.3.4",
]  # fmt: skip
REFUSED = [
    *[(text, "ip-malformed") for text in MALFORMED],
    ("fe80::1%eth0", "ip-zone"), ("fe80::1%", "ip-zone"), ("1.2.3.4%1", "ip-zone"),
    ("1.2.3.4:80", "ip-port"), ("[::1]:80", "ip-port"), ("[2001:db8::1]", "ip-port"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code"), REFUSED)
def test_what_is_no_address_is_refused_without_echo(text, code):
    with pytest.raises(Invalid) as refusal:
        parse_ip(text)
    assert refusal.value.code == code
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__
    assert not text.strip() or text not in str(refusal.value)


def test_something_that_is_no_text_is_refused():
    with pytest.raises(Invalid):
        parse_ip(None)
    with pytest.raises(Invalid):
        parse_ip(16909060)


@given(st.ip_addresses())
def test_every_address_is_parsed(ip):
    assert parse_ip(str(ip)) == ip


@pytest.mark.parametrize(
    ("text", "inner"),
    [
        ("::ffff:8.8.4.4", "8.8.4.4"),
        ("2002:0808:0404::1", "8.8.4.4"),
        ("64:ff9b::808:404", "8.8.4.4"),
        ("2001:0:4136:e378:8000:63bf:f7f7:fbfb", "8.8.4.4"),
        ("64:ff9b:1::808:404", "64:ff9b:1::808:404"),
        ("2001:4860::1", "2001:4860::1"),
        ("::8.8.4.4", "::8.8.4.4"),
        ("8.8.4.4", "8.8.4.4"),
        ("2002:c0a8:0101::1", "192.168.1.1"),
    ],
)
def test_transition_addresses_are_unwrapped(text, inner):
    assert str(unwrap(parse_ip(text))) == str(ipaddress.ip_address(inner))


SPECIAL = [
    "0.0.0.0", "0.255.255.255", "10.0.0.1", "100.64.0.0", "100.127.255.255", "127.0.0.1",
    "169.254.1.1", "172.16.0.1", "172.31.255.255", "192.0.0.9", "192.0.2.1", "192.88.99.1",
    "192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.255", "224.0.0.1",
    "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1", "::8.8.4.4", "64:ff9b:1::1",
    "100::1", "2001:2::1", "2001:10::1", "2001:20::1", "2001:1ff::1", "2001:db8::1",
    "2001:db8:ffff::", "3fff::1", "3fff:fff::1", "4000::1", "5f00::1", "fc00::1", "fd00::1",
    "fe80::1", "fec0::1", "ff02::1", "1fff::1",
]  # fmt: skip
ORDINARY = [
    "1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.0.0.1",
    "128.0.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.0.3.0", "192.167.255.255",
    "192.169.0.0", "198.17.255.255", "198.20.0.0", "203.0.112.255", "203.0.114.0",
    "223.255.255.255", "2000::", "2001:200::", "2001:db7::", "2001:db9::", "2400:3200::1",
    "2a00::1", "3ffe::1", "3fff:1000::",
]  # fmt: skip


@pytest.mark.parametrize("text", SPECIAL)
def test_special_ranges_have_no_place(text):
    assert is_special(parse_ip(text))


@pytest.mark.parametrize("text", ORDINARY)
def test_the_ranges_beside_them_are_ordinary(text):
    assert not is_special(parse_ip(text))


@given(st.ip_addresses())
def test_whatever_the_standard_library_calls_private_is_special(ip):
    ours = unwrap(ip)
    if ours.is_private or ours.is_multicast or ours.is_reserved or ours.is_link_local:
        assert is_special(ours)


# agreement


@pytest.mark.parametrize(
    ("regions", "quorum", "state", "region"),
    [
        ([], None, "none", None),
        (["CN-GD"], None, "labelled", "CN-GD"),
        (["US"], None, "labelled", "US"),
        (["CN"], None, "labelled", "CN"),
        (["CN-GD", "CN-GD"], None, "labelled", "CN-GD"),
        (["CN-GD", "CN"], None, "labelled", "CN"),
        (["CN-GD", "CN"], 1, "labelled", "CN-GD"),
        (["CN-GD", "CN-ZJ"], None, "uncertain", "CN"),
        (["CN-GD", "CN-ZJ"], 1, "uncertain", "CN"),
        (["CN-GD", "HK"], None, "uncertain", None),
        (["CN", "TW"], None, "uncertain", None),
        (["CN", "MO"], 1, "uncertain", None),
        (["US", "FR"], None, "uncertain", None),
        (["CN-GD", "CN-GD", "CN-ZJ"], 2, "labelled", "CN-GD"),
        (["CN-GD", "CN-GD", "CN-ZJ"], None, "uncertain", "CN"),
        (["CN-GD", "CN-GD", "US"], 2, "labelled", "CN-GD"),
        (["CN-GD", "CN-GD", "HK"], None, "uncertain", None),
        (["CN-GD", "CN-ZJ", "CN-BJ"], 2, "uncertain", "CN"),
        (["CN-GD", "CN-ZJ", "US"], 2, "uncertain", "CN"),
        (["CN-GD", "CN", "US"], 2, "labelled", "CN"),
        (["HK", "HK", "CN-GD"], 2, "labelled", "HK"),
        (["US", "FR", "DE"], 2, "uncertain", None),
        (["CN-GD"], 2, "uncertain", "CN"),
        (["US"], 2, "uncertain", None),
        (["CN-GD", "CN-GD", "CN-ZJ", "CN-ZJ"], 2, "uncertain", "CN"),
    ],
)
def test_the_finest_region_that_enough_sources_support(regions, quorum, state, region):
    assert agree(regions, quorum, VOCABULARY) == (state, region)


def place(regions, network=None, granularity="subdivision", quorum=None):
    answers = tuple(Answer(f"s{at}", one, "2026-01-02") for at, one in enumerate(regions))
    return judge(answers, network, vocabulary=VOCABULARY, granularity=granularity, quorum=quorum)


@pytest.mark.parametrize("network", ["hosting", "vpn"])
@pytest.mark.parametrize(
    ("regions", "region"),
    [(["CN-GD"], "CN"), (["CN-GD", "CN-ZJ"], "CN"), (["US"], None), (["HK"], None), (["CN"], None)],
)
def test_a_hosting_or_vpn_network_widens_to_the_parent(network, regions, region):
    found = place(regions, network)
    assert (found.state, found.region, found.network) == ("uncertain", region, network)


def test_a_network_without_any_region_is_no_place():
    assert place([None], "vpn").state == "none"
    assert place([None, None]).region is None


def test_coarse_granularity_lets_provinces_of_one_country_agree():
    found = place(["CN-GD", "CN-ZJ"], granularity="country")
    assert (found.state, found.region) == ("labelled", "CN")
    assert [one.region for one in found.answers] == ["CN", "CN"]
    assert place(["CN-GD"], "vpn", "country").region == "CN"


def test_a_source_without_an_answer_is_kept_as_evidence_but_has_no_vote():
    found = place(["CN-GD", None])
    assert (found.state, found.region) == ("labelled", "CN-GD")
    assert found.answers[1].region is None


def test_evidence_is_short_stable_json():
    found = place(["CN-GD", "CN-ZJ"])
    assert json.loads(found.evidence_json()) == {
        "network": None,
        "region": "CN",
        "sources": [["s0", "CN-GD", "2026-01-02"], ["s1", "CN-ZJ", "2026-01-02"]],
        "state": "uncertain",
    }
    assert found.evidence_json() is found.evidence_json()
    assert place(["CN-GD", "CN-ZJ"]).evidence_json() == found.evidence_json()
    assert json.loads(NOWHERE.evidence_json())["state"] == "none"


answers = st.lists(st.none() | st.sampled_from(VOCABULARY.codes), max_size=5)


@given(
    answers,
    st.sampled_from([None, "hosting", "vpn"]),
    st.sampled_from(GRANULARITIES),
    st.none() | st.integers(1, 4),
)
def test_the_output_is_in_the_vocabulary_and_never_finer(regions, network, granularity, quorum):
    found = place(regions, network, granularity, quorum)
    for region in (found.region, *(one.region for one in found.answers)):
        assert region is None or region in VOCABULARY
        assert granularity == "subdivision" or VOCABULARY.precision(region) != "subdivision"
    assert (found.state == "none") == (not any(regions))
    assert found.state != "labelled" or found.region is not None
    assert found.state != "labelled" or network is None
    told = [one for one in regions if one]
    if found.region is not None:  # never a place that no source pointed to
        assert any(found.region in (one, VOCABULARY.parent(one)) for one in told)


@given(st.lists(st.sampled_from(["CN-GD", "CN-ZJ", "CN", "HK", "US"]), max_size=5), st.randoms())
def test_the_order_of_sources_does_not_matter(regions, random):
    shuffled = random.sample(regions, len(regions))
    for quorum in (None, 1, 2, 3):
        assert agree(regions, quorum, VOCABULARY) == agree(shuffled, quorum, VOCABULARY)


@given(st.lists(st.sampled_from(VOCABULARY.codes), max_size=5))
def test_wider_is_never_finer_than_a_country(regions):
    region = wider(regions, VOCABULARY)
    assert region is None or VOCABULARY.precision(region) == "country"


# what records mean


@pytest.mark.parametrize(
    ("record", "region"),
    [
        ({"country": {"iso_code": "CN"}, "subdivisions": [{"names": {"en": "Shaanxi"}}]}, "CN-SN"),
        ({"country": {"iso_code": "CN"}, "subdivisions": [{"iso_code": "SX"}]}, "CN-SX"),
        ({"country": {"iso_code": "CN"}, "subdivisions": [{"names": {"en": "Atlantis"}}]}, "CN"),
        ({"country": {"iso_code": "CN"}, "subdivisions": [{"iso_code": "HK"}]}, "HK"),
        ({"country": {"iso_code": "HK"}, "subdivisions": [{"names": {"en": "Eastern"}}]}, "HK"),
        ({"country": {"iso_code": "TW"}, "subdivisions": [{"names": {"en": "Fukien"}}]}, "TW"),
        ({"country": {"iso_code": "US"}, "subdivisions": [{"iso_code": "GD"}]}, "US"),
        ({"country_code": "CN", "state1": "Guangdong"}, "CN-GD"),
        ({"country": "CN", "region": "Zhejiang"}, "CN-ZJ"),
        ({"country": {"iso_code": "XK"}}, None),
        ({"country": {"iso_code": "ZZ"}}, None),
        ({"country": {}}, None),
        ({"country": 7}, None),
        ({}, None),
    ],
)
def test_mmdb_records(record, region):
    assert place_meaning(VOCABULARY)(record) == region


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("中国|广东省|深圳市|电信|CN", "CN-GD"),
        ("中国|0|广东省|深圳市|电信", "CN-GD"),
        ("中国|华南|广东省|深圳市|电信", "CN-GD"),
        ("中国|陕西省|西安市|移动|CN", "CN-SN"),
        ("中国|内蒙古自治区|0|联通|CN", "CN-NM"),
        ("中国|内蒙古|0|联通|CN", "CN-NM"),
        ("中国|香港|0|0|HK", "HK"),
        ("中国|0|香港|0|0", "HK"),
        ("中国|0|台湾省|彰化县|中华电信", "TW"),
        ("中国|台湾省|0|0|TW", "TW"),
        ("中国|0|澳门|0|0", "MO"),
        ("中国|0|0|0|0", "CN"),
        ("中国|0|0|0|CN", "CN"),
        ("中国|台湾省undefined|0|0|0", "CN"),
        ("美国|0|加利福尼亚|旧金山|Cloudflare", "US"),
        ("United States|California|0|0|US", "US"),
        ("0|0|0|内网IP|内网IP", None),
        ("Reserved|Reserved|Reserved|0|0", None),
        ("", None),
    ],
)
def test_ip2region_texts(text, region):
    assert xdb_meaning(VOCABULARY, text) == region


@pytest.mark.parametrize(
    ("record", "network"),
    [
        ({"autonomous_system_number": 16509, "autonomous_system_organization": "x"}, "hosting"),
        ({"asn": "AS37963"}, "hosting"),
        ({"autonomous_system_number": 39351}, "vpn"),
        ({"autonomous_system_number": 4134, "autonomous_system_organization": "Chinanet"}, None),
        ({"autonomous_system_number": 1, "autonomous_system_organization": "Foo VPN Ltd"}, "vpn"),
        (
            {"autonomous_system_number": 1, "autonomous_system_organization": "Bar Hosting"},
            "hosting",
        ),
        ({"asn": "AS1", "name": "Some Data Center"}, "hosting"),
        ({"is_anonymous_vpn": True}, "vpn"),
        ({"is_hosting_provider": True}, "hosting"),
        ({"is_tor_exit_node": True, "is_hosting_provider": True}, "vpn"),
        ({}, None),
    ],
)
def test_kinds_of_network(record, network):
    assert network_meaning(record) == network
