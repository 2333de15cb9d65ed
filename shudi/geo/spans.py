"""What databases say of the whole address space, in stretches of /24 (IPv4) or /48 (IPv6).

A unit that a database divides counts as its first part says.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, Protocol

UNIT_BITS: Final = {32: 8, 128: 80}  # how far an address is shifted to be a unit
# Wider than any network was ever given (a /8, a /19): such an entry fills what belongs to nobody.
WIDEST: Final = {32: 1 << 16, 128: 1 << 29}
Span = tuple[int, int, str | None]  # first unit, the one after the last, what is said of them
Facts = tuple[str | None, ...]
_END: Final = 1 << 128


class Spanned(Protocol):
    """What can be walked."""

    def spans(self, bits: int) -> Iterator[Span]: ...


def merged(spans: Iterator[Span], widest: int) -> Iterator[Span]:
    """The same with neighbours of one meaning as one, without overlaps, fillers and silence."""
    first, after, fact = 0, 0, None
    for start, end, said in spans:
        if end - start > widest:
            continue
        if start < after:
            start = after  # noqa: PLW2901 - a unit that was divided
            if start >= end:
                continue
        if said == fact and start == after:
            after = end
            continue
        if fact is not None:
            yield first, after, fact
        first, after, fact = start, end, said
    if fact is not None:
        yield first, after, fact


def overlaid(sources: Sequence[Spanned], bits: int) -> Counter[Facts]:
    """How many units there are of which the sources say the same, by what each says."""
    runs = [merged(source.spans(bits), WIDEST[bits]) for source in sources]
    heads: list[Span] = [next(run, (_END, _END, None)) for run in runs]
    units: Counter[Facts] = Counter()
    at = min(head[0] for head in heads)
    while at < _END:
        facts, upto = [], _END
        for number, run in enumerate(runs):
            if heads[number][1] <= at:
                heads[number] = next(run, (_END, _END, None))
            first, after, fact = heads[number]
            if first <= at:
                facts.append(fact)
                upto = min(upto, after)
            else:
                facts.append(None)
                upto = min(upto, first)
        if upto < _END:
            units[tuple(facts)] += upto - at
        at = upto
    del units[(None,) * len(sources)]
    return units
