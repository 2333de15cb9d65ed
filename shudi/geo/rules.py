"""What several sources' answers mean together."""

import enum
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Literal

from shudi.regions.rules import Granularity, Vocabulary

State = Literal["labelled", "uncertain", "none"]
Network = Literal["hosting", "vpn"]


class UpdateState(enum.StrEnum):
    """What became of new databases. `applied` without a word, since they move little;
    `replaced`: newer ones came while they waited.
    """

    HELD = "held"
    APPLIED = "applied"
    ACCEPTED = "accepted"
    STOPPED = "stopped"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one source says: a region code or None, and the day its data was built (ISO) or None."""

    name: str
    region: str | None
    build: str | None


def coded(state: str, region: str | None) -> str:
    """The word of Place.code for a state and a region as they are stored."""
    if state == "none":
        return ""
    return f"{region or ''}?" if state == "uncertain" else region or "?"


@dataclass(frozen=True)
class Place:
    """Where an address is taken to be. Equal places from one Locator are one object."""

    state: State
    region: str | None = None
    network: Network | None = None
    answers: tuple[Answer, ...] = ()

    @property
    def code(self) -> str:
        """State and region in one word: `CN-GD`, `CN?` or `?` where uncertain, empty for none."""
        return coded(self.state, self.region)

    @cached_property
    def _evidence(self) -> str:
        facts = {
            "network": self.network,
            "region": self.region,
            "sources": [[one.name, one.region, one.build] for one in self.answers],
            "state": self.state,
        }
        return json.dumps(facts, ensure_ascii=False, separators=(",", ":"), sort_keys=True)

    def evidence_json(self) -> str:
        """A short, stable JSON text for storage: `sources` are [name, region, build]."""
        return self._evidence


NOWHERE = Place("none")


def agree(
    regions: Sequence[str], quorum: int | None, vocabulary: Vocabulary
) -> tuple[State, str | None]:
    """State and region out of the answers (those that said nothing left out).

    Labelled: the finest region that `quorum` answers (None: all) support, where a division supports
    its country too. Uncertain, with the nearest common parent: answers that exclude each other, or
    too few. A source that only knows the country does not contradict one that knows the province.
    """
    if not regions:
        return "none", None
    needed = quorum or len(regions)
    for level in (True, False):
        backed = [code for code, n in _support(regions, vocabulary, level).items() if n >= needed]
        if len(backed) > 1:
            break
        if backed:
            rivals = {one for one in regions if vocabulary.parent(one) == backed[0]}
            certain = level or len(rivals) <= 1
            return ("labelled" if certain else "uncertain"), backed[0]
    return "uncertain", wider(regions, vocabulary)


def _support(regions: Sequence[str], vocabulary: Vocabulary, subdivisions: bool) -> dict[str, int]:
    """How many answers support each subdivision, or each country."""
    counts: dict[str, int] = {}
    for region in regions:
        parent = vocabulary.parent(region)
        code = region if subdivisions else parent or region
        if not subdivisions or parent is not None:
            counts[code] = counts.get(code, 0) + 1
    return counts


def wider(regions: Sequence[str], vocabulary: Vocabulary) -> str | None:
    """The nearest place that holds all answers and is coarser than a single one; None if none."""
    different = list(dict.fromkeys(regions))
    if len(different) == 1:
        return vocabulary.parent(different[0])

    def join(a: str | None, b: str | None) -> str | None:
        return None if a is None or b is None else vocabulary.common_parent(a, b)

    first: str | None = different[0] if different else None
    return reduce(join, different[1:], first)


def judge(
    answers: tuple[Answer, ...],
    network: Network | None,
    *,
    vocabulary: Vocabulary,
    granularity: Granularity,
    quorum: int | None,
) -> Place:
    """The place that all answers and the kind of network amount to, no finer than granularity."""
    told = [one.region for one in answers if one.region is not None]
    seen = tuple(
        Answer(one.name, one.region and vocabulary.coarsen(one.region, granularity), one.build)
        for one in answers
    )
    if network is not None and told:
        region = wider(told, vocabulary)
        state: State = "uncertain"
    else:
        at_granularity = [vocabulary.coarsen(one, granularity) for one in told]
        state, region = agree(at_granularity, quorum, vocabulary)
    if region is not None:
        region = vocabulary.coarsen(region, granularity)
    return Place(state, region, network, seen)
