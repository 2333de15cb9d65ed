"""How many labels a change of geo databases would move, estimated from the address space. Pure."""

import dataclasses
import enum
from collections import Counter
from collections.abc import Mapping

from shudi.labels.rules.brakes import Limits, tripped

TRIAL_MOST = 500  # accounts looked up in both while a database is tried
_Shares = dict[str, dict[str, float]]  # of each place, which part of its space goes where
_Units = Mapping[tuple[str, str], int]


class Family(enum.StrEnum):
    V4 = "v4"
    V6 = "v6"


@dataclasses.dataclass(frozen=True, slots=True)
class Expected:
    """What is to be expected of a site's labels, place by place (Place.code): at least and at
    most, according to whether its accounts use IPv4 or IPv6. `rule` is what of the brake's the
    higher figure breaks.
    """

    low: int
    high: int
    moves: list[tuple[str, str, int, int]]
    rule: str | None


def shares(units: _Units) -> _Shares:
    """Which part of each place's space goes where. What loses its place moves no label."""
    whole: Counter[str] = Counter()
    for (old, _), count in units.items():
        whole[old] += count
    found: _Shares = {old: {} for old in whole if old}
    for (old, new), count in units.items():
        if old and new and new != old:
            found[old][new] = count / whole[old]
    return found


def expected(
    labels: Mapping[str, int], v4: _Shares, v6: _Shares, *, accounts: int, limits: Limits
) -> Expected:
    """The estimate for a site with so many `labels` in each place. Where one family has no
    address of a place, the other speaks for it.
    """
    low: Counter[tuple[str, str]] = Counter()
    high: Counter[tuple[str, str]] = Counter()
    totals = [0.0, 0.0]
    for old, count in labels.items():
        parts = (v4.get(old, v6.get(old, {})), v6.get(old, v4.get(old, {})))
        for at, part in enumerate(parts):
            totals[at] += count * sum(part.values())
        for new in {**parts[0], **parts[1]}:
            both = [round(count * part.get(new, 0.0)) for part in parts]
            low[old, new], high[old, new] = min(both), max(both)
    into: Counter[str] = Counter()
    for (_, new), count in high.items():
        into[new] += count
    most = round(max(totals))
    moves = [(old, new, low[old, new], n) for (old, new), n in high.most_common() if n]
    rule = tripped(accounts=accounts, moved=most, into=into, limits=limits)
    return Expected(round(min(totals)), most, moves, rule)
