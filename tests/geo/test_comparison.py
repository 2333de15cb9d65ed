"""Databases walked whole: what they say of each stretch, and what another one changes."""

import ipaddress
import random

import pytest

from shudi.geo.addresses import is_special_number, public_blocks, unwrap_v6
from shudi.geo.comparison import compare
from shudi.geo.gateway import load
from shudi.geo.spans import UNIT_BITS, merged, overlaid
from tests.fixtures.geo_mmdb import dbip, mmdb_bytes, write_mmdb
from tests.fixtures.geo_xdb import write_xdb
from tests.geo.databases import BUILD, RECORDS, VOCABULARY

WIDE = 1 << 64
PROVINCES = ("Guangdong", "Zhejiang", "Beijing", None)


def _read(path, kind="mmdb"):
    return load(kind, path, VOCABULARY)


def _compare(old, new, **more):
    settings = {"vocabulary": VOCABULARY, "granularity": "subdivision", "quorum": None} | more
    return compare(old, new, **settings)


def _named(*readers):
    return [(f"s{at}", "mmdb", reader) for at, reader in enumerate(readers)]


@pytest.mark.parametrize("bits", [32, 128])
def test_the_public_blocks_are_what_is_neither_special_nor_wrapped(bits):
    draw = random.Random(bits)
    blocks = public_blocks(bits)
    edges = [start for start, _ in blocks]
    edges += [start + (1 << bits - prefix) - 1 for start, prefix in blocks]
    edges += [draw.randrange(1 << bits) for _ in range(2000)]
    edges += [int(ipaddress.ip_address("2002:2401:203::1"))] if bits == 128 else []
    for number in edges:
        wrapped = bits == 128 and unwrap_v6(number) is not None
        inside = [one for one in blocks if one[0] <= number < one[0] + (1 << bits - one[1])]
        assert len(inside) == (0 if is_special_number(number, bits) or wrapped else 1)


@pytest.mark.parametrize("record_size", [24, 28, 32])
@pytest.mark.parametrize("seed", range(3))
def test_walking_a_tree_says_what_looking_up_says(tmp_path, record_size, seed):
    draw = random.Random(seed)
    records = dict(RECORDS)
    for _ in range(60):
        prefix = draw.randrange(9, 25)
        start = draw.randrange(20 << 24, 60 << 24) >> (32 - prefix) << (32 - prefix)
        network = ipaddress.ip_network((start, prefix))
        if not any(
            network.overlaps(ipaddress.ip_network(one)) for one in records if ":" not in one
        ):
            records[str(network)] = dbip("CN", draw.choice(PROVINCES))
    image = _read(write_mmdb(tmp_path / "db.mmdb", records, record_size=record_size, build=BUILD))
    for bits, units in (
        (32, range(20 << 16, 60 << 16, 7)),
        (128, [0x24003200 << 16, 0x2A00 << 32]),
    ):
        said = {}
        for first, after, fact in merged(image.spans(bits), WIDE):
            assert said == {} or first >= max(said)
            said[first] = fact
            said[after] = None
        starts = sorted(said)
        for unit in units:
            number = unit << UNIT_BITS[bits]
            at = max((one for one in starts if one <= unit), default=None)
            found = None if at is None else said[at]
            assert found == (
                None if is_special_number(number, bits) else image.find(number, bits)[0]
            )


def test_an_xdb_file_is_walked_alike(tmp_path):
    rows = [
        ("36.1.0.0", "36.1.255.255", "中国|广东省|深圳市|电信|CN"),
        ("36.2.0.0", "36.2.3.127", "中国|浙江省|杭州市|电信|CN"),
        ("36.2.3.128", "36.2.255.255", "中国|陕西省|西安市|电信|CN"),
        ("203.0.112.0", "203.0.114.255", "美国|俄亥俄|0|0|US"),
    ]
    image = _read(write_xdb(tmp_path / "db.xdb", rows), "ip2region")
    base = 36 << 16
    assert list(merged(image.spans(32), WIDE)) == [
        (base + 0x100, base + 0x200, "CN-GD"),
        (base + 0x200, base + 0x204, "CN-ZJ"),  # the divided /24 counts as its first part
        (base + 0x204, base + 0x300, "CN-SN"),
        ((203 << 16) + 0x70, (203 << 16) + 0x71, "US"),  # without the documentation range
        ((203 << 16) + 0x72, (203 << 16) + 0x73, "US"),
    ]
    assert list(image.spans(128)) == []
    six = [("2400:3200::", "2400:3200:1:ffff:ffff:ffff:ffff:ffff", "中国|北京|北京市|0|CN")]
    image = _read(write_xdb(tmp_path / "six.xdb", six, version=6), "ip2region")
    first = 0x24003200 << 16
    assert list(merged(image.spans(128), WIDE)) == [(first, first + 2, "CN-BJ")]


def test_a_tree_that_does_not_end_is_refused(tmp_path):
    data = bytearray(mmdb_bytes({"36.1.0.0/16": dbip("CN")}, 24, 4, BUILD))
    nodes = 16
    for node in range(1, nodes):  # each node leads to itself, twice
        data[node * 6 : node * 6 + 6] = bytes([0, 0, node, 0, 0, node])
    path = tmp_path / "loop.mmdb"
    path.write_bytes(data)
    with pytest.raises(ValueError, match="does not end"):
        overlaid([_read(path)], 32)


def test_fillers_count_for_nobody(tmp_path):
    records = {"2a00::/12": dbip("CH"), "2400:3200::/32": dbip("CN", "Beijing")}
    image = _read(write_mmdb(tmp_path / "db.mmdb", records, build=BUILD))
    assert overlaid([image], 128) == {("CN-BJ",): 1 << 16}


def test_what_goes_where(tmp_path):
    old = _read(write_mmdb(tmp_path / "a.mmdb", RECORDS, build=BUILD))
    changed = {
        **RECORDS,
        "36.1.0.0/16": dbip("CN", "Hunan"),
        "36.7.0.0/16": dbip("XK"),
        "99.0.0.0/16": dbip("JP"),
        "2400:3200::/32": dbip("CN", "Shanghai"),
    }
    new = _read(write_mmdb(tmp_path / "b.mmdb", changed, build=BUILD))
    found = _compare(_named(old), _named(new))
    moved = {pair: units for pair, units in found.v4.items() if pair[0] != pair[1]}
    assert moved == {("CN-GD", "CN-HN"): 256, ("TW", ""): 256, ("", "JP"): 256}
    assert found.v4["US", "US"] == 1 << 16
    assert found.v6 == {("CN-BJ", "CN-SH"): 1 << 16}
    assert _compare(_named(old), _named(new), granularity="country").v6 == {("CN", "CN"): 1 << 16}
    same = _compare(_named(old), _named(old))
    assert all(before == after for before, after in (*same.v4, *same.v6))


def test_sources_are_weighed_together(tmp_path):
    """A second source that disagrees makes what both answer uncertain."""
    one = _read(write_mmdb(tmp_path / "a.mmdb", {"36.1.0.0/16": dbip("CN", "Hunan")}))
    half = {"36.1.0.0/17": dbip("CN", "Zhejiang"), "11.0.0.0/16": dbip("US")}
    two = _read(write_mmdb(tmp_path / "b.mmdb", half))
    found = _compare(_named(one), _named(one, two))
    assert found.v4 == {
        ("CN-HN", "CN?"): 128, ("CN-HN", "CN-HN"): 128, ("", "US"): 256,
    }  # fmt: skip


def test_a_source_that_says_nothing_is_named(tmp_path):
    good = _read(write_mmdb(tmp_path / "a.mmdb", RECORDS))
    foreign = _read(write_mmdb(tmp_path / "b.mmdb", {"36.0.0.0/8": {"asn": 4134}}))
    empty = _read(write_mmdb(tmp_path / "c.mmdb", {}))
    assert _compare(_named(good), _named(good, foreign, empty)).silent == ("s1", "s2")
    assert _compare(_named(good), _named(good)).silent == ()
