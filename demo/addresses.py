"""Addresses to pretend with: real address space, drawn by chance and placed by the geo source.

They live in memory while a store is seeded, and are kept as little as anybody's: not at all.
"""

import random
from collections.abc import Iterable, Sequence

from shudi.errors import Refused
from shudi.geo.actions import Locator
from shudi.geo.rules import Answer, Place, judge
from shudi.regions.rules import Granularity, Vocabulary

_DRAWN = 60_000
_MOST = 60  # of one region
_UNICAST = range(1, 224)
# Blocks that mostly serve eastern Asia, so that each division of CN is found.
_EASTERN = (1, 14, 27, 36, 39, 42, 49, 58, 59, 60, 61, 101, 103, 106, *range(110, 126))
_EASTERN += (171, 175, 180, 182, 183, 202, 203, 210, 211, *range(218, 224))


def sample(locator: Locator, regions: Iterable[str]) -> dict[str, list[str]]:
    """Some addresses for each of `regions` that the source knows; the same ones each time."""
    chance = random.Random("teahouse addresses")
    drawn = [_draw(chance, _UNICAST if at % 3 else _EASTERN) for at in range(_DRAWN)]
    found: dict[str, list[str]] = {region: [] for region in regions}
    for ip, place in zip(drawn, locator.locate_many(drawn), strict=True):
        if isinstance(place, str) or place.state != "labelled" or place.region not in found:
            continue
        if len(found[place.region]) < _MOST:
            found[place.region].append(ip)
    found = {region: ips for region, ips in found.items() if ips}
    if not found:
        raise Refused("geo-empty", "The geo sources place no address: see shudi geo status.")
    return found


def _draw(chance: random.Random, first: Sequence[int]) -> str:
    rest = chance.getrandbits(24)
    return f"{chance.choice(first)}.{rest >> 16}.{rest >> 8 & 255}.{rest & 255}"


class SecondOpinion(Locator):
    """The store's own sources and one invented source beside them, judged by the usual rules.

    A store with one source has no disagreements to show. `says` is what the invented source
    answers (None: nothing), `network` what kind of network it takes every address for.
    """

    def __init__(
        self,
        own: Locator,
        vocabulary: Vocabulary,
        granularity: Granularity,
        *,
        says: str | None,
        hosting: bool = False,
    ) -> None:
        self._own, self._names, self._finest = own, vocabulary, granularity
        self._says, self._hosting = says, hosting

    @property
    def trial_of(self) -> int:
        """No other databases are tried beside it."""
        return 0

    def locate_many(self, ips: Sequence[str]) -> list[Place | str]:
        """As `Locator.locate_many`."""
        return [self._second(place) for place in self._own.locate_many(ips)]

    def _second(self, place: Place | str) -> Place | str:
        if isinstance(place, str):
            return place
        answers = place.answers
        if self._says is not None:
            answers += (Answer("demo-second-source", self._says, "2026-01-01"),)
        return judge(
            answers,
            "hosting" if self._hosting else None,
            vocabulary=self._names,
            granularity=self._finest,
            quorum=None,
        )
