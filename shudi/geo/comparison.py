"""What a change of databases does to the address space: how much of each place goes where.

No address of anybody is needed for it, and none is there.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from shudi.geo.gateway import Kind, Reader
from shudi.geo.resolver import Resolver
from shudi.geo.spans import overlaid
from shudi.regions.rules import Granularity, Vocabulary

Named = tuple[str, Kind, Reader]
Units = Counter[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Shift:
    """How many units go from one place to another or stay (Place.code): /24 of IPv4, /48 of
    IPv6. `silent` are the new sources that say nothing, of any address.
    """

    v4: Units
    v6: Units
    silent: tuple[str, ...] = ()


def compare(
    old: Sequence[Named],
    new: Sequence[Named],
    *,
    vocabulary: Vocabulary,
    granularity: Granularity,
    quorum: int | None,
) -> Shift:
    """The shift from one set of databases to the other. Takes seconds for each large database;
    ValueError for one that cannot be walked.
    """
    readers = list({id(reader): reader for _, _, reader in (*old, *new)}.values())
    places = [
        Resolver(named, vocabulary=vocabulary, granularity=granularity, quorum=quorum)
        for named in (old, new)
    ]
    at = [[readers.index(reader) for _, _, reader in named] for named in (old, new)]

    heard: set[int] = set()

    def shift(bits: int) -> Units:
        units: Units = Counter()
        for facts, count in overlaid(readers, bits).items():
            heard.update(number for number, fact in enumerate(facts) if fact is not None)
            before, after = (
                resolver.place_of(tuple(facts[number] for number in numbers)).code
                for resolver, numbers in zip(places, at, strict=True)
            )
            units[before, after] += count
        return units

    v4, v6 = shift(32), shift(128)
    silent = [name for (name, *_), number in zip(new, at[1], strict=True) if number not in heard]
    return Shift(v4, v6, tuple(silent))
