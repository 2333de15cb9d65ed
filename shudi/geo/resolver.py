"""Numbers to places over one fixed set of databases, with what was found kept in memory."""

from array import array
from collections.abc import Sequence
from typing import Final

from shudi.geo.addresses import is_special_number
from shudi.geo.gateway import Kind, Reader
from shudi.geo.rules import NOWHERE, Answer, Network, Place, judge
from shudi.regions.rules import Granularity, Vocabulary

_BLOCKS: Final = 1 << 24  # all /24 networks of IPv4
_MOST_PLACES: Final = 0xFFFF  # what an entry of the block table can tell apart
_BLOCK_PREFIX: Final = 24


class Resolver:
    """Look-ups over the readers given; a change of files means a new Resolver.

    `blocks` has a cell for each IPv4 /24: 0 for not yet known or divided, else the number of its
    place in `places`. It takes 32 MiB, is made for the first large batch,
    and says nothing about who asked.
    """

    def __init__(
        self,
        readers: Sequence[tuple[str, Kind, Reader]],
        *,
        vocabulary: Vocabulary,
        granularity: Granularity,
        quorum: int | None,
    ) -> None:
        self._readers = tuple(readers)
        self._finds = tuple(reader.find for _, _, reader in readers)
        self._only = self._finds[0] if len(self._finds) == 1 else None  # the usual, quicker case
        self._vocabulary = vocabulary
        self._granularity = granularity
        self._quorum = quorum
        self._by_facts: dict[tuple[str | None, ...], int] = {}
        self.places: list[Place] = [NOWHERE, NOWHERE]
        self.blocks: array[int] | None = None

    def with_blocks(self) -> "array[int]":
        """The block table, made if it was not there yet."""
        if self.blocks is None:
            self.blocks = array("H", bytes(2 * _BLOCKS))
        return self.blocks

    def find_v4(self, number: int) -> Place:
        """The place of an IPv4 number; remembers its /24 where the whole block is one answer."""
        # Every special range of IPv4 is made of whole /24s.
        at, prefix = (1, 0) if is_special_number(number, 32) else self._find(number, 32)
        if self.blocks is not None and prefix <= _BLOCK_PREFIX and at <= _MOST_PLACES:
            self.blocks[number >> 8] = at
        return self.places[at]

    def find_v6(self, number: int) -> Place:
        """The place of an IPv6 number that wraps no IPv4 address."""
        return (
            NOWHERE if is_special_number(number, 128) else self.places[self._find(number, 128)[0]]
        )

    def place_of(self, facts: tuple[str | None, ...]) -> Place:
        """What it amounts to if the readers say this, in their order."""
        at = self._by_facts.get(facts)
        return self.places[self._add(facts) if at is None else at]

    def _find(self, number: int, bits: int) -> tuple[int, int]:
        """Where the place stands in `places`, and the longest prefix that led to it."""
        if self._only is not None:
            fact, prefix = self._only(number, bits)
            facts: tuple[str | None, ...] = (fact,)
        else:
            found = [find(number, bits) for find in self._finds]
            facts = tuple([fact for fact, _ in found])
            prefix = max([one for _, one in found], default=0)
        at = self._by_facts.get(facts)
        if at is None:
            at = self._add(facts)
        return at, prefix

    def _add(self, facts: tuple[str | None, ...]) -> int:
        """A place for these answers; a number once given out is never reused."""
        answers = []
        kinds = set()
        for (name, kind, reader), fact in zip(self._readers, facts, strict=True):
            if kind == "asn":
                kinds.add(fact)
            else:
                answers.append(
                    Answer(name, fact, reader.build.isoformat() if reader.build else None)
                )
        network: Network | None = (
            "vpn" if "vpn" in kinds else "hosting" if "hosting" in kinds else None
        )
        place = judge(
            tuple(answers),
            network,
            vocabulary=self._vocabulary,
            granularity=self._granularity,
            quorum=self._quorum,
        )
        self.places.append(place)
        # Two threads may add equal places; each number stays right, the first is kept for all.
        return self._by_facts.setdefault(facts, self.places.index(place))
