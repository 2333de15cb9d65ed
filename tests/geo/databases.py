"""The small databases that the tests of geo write themselves, and locators over them."""

from datetime import UTC, date, datetime

from shudi.geo.actions import Locator
from shudi.geo.gateway import Source, SourceSpec
from shudi.regions.codec import load_vocabulary
from tests.fixtures.geo_mmdb import dbip, geolite

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
EXPECTED = [
    ("11.1.2.3", "US"), ("36.1.2.3", "CN-GD"), ("36.2.3.4", "CN-ZJ"), ("36.2.3.200", "CN-SN"),
    ("36.4.1.1", "CN"), ("36.5.1.1", None), ("36.6.1.1", "CN-SX"), ("36.7.1.1", "TW"),
    ("99.1.1.1", None), ("2400:3200::1", "CN-BJ"), ("2a00::1", None), ("2002:2401:0203::1", "CN-GD"),
    ("::ffff:36.1.2.3", "CN-GD"), ("64:ff9b::2401:203", "CN-GD"),
    ("2001:0:4136:e378:8000:63bf:dbfe:fdfc", "CN-GD"), ("2002:0a00:0001::1", None),
]  # fmt: skip


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
