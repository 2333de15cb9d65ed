"""When a change is too large to pass by itself, and how much of it is looked at first. Pure."""

import dataclasses
import enum
import math
from collections.abc import Mapping

SAMPLE_SHARE = 0.05
SAMPLE_LEAST, SAMPLE_MOST = 20, 200  # accounts


class Sampled(enum.StrEnum):
    """What came of an account that a brake let go first. `quiet`: written, but a correction or
    protection hides it. `kept`: the change was dropped, but something later had spoken.
    """

    CHANGED = "changed"
    QUIET = "quiet"
    OVERTAKEN = "overtaken"
    REVERTED = "reverted"
    KEPT = "kept"


def sample_size(held: int) -> int:
    """How many of `held` accounts a brake lets go to be looked at first; 0 where that would be
    more than half of them: a sample that is the change itself tells nothing about the rest.
    """
    size = max(SAMPLE_LEAST, min(SAMPLE_MOST, math.ceil(held * SAMPLE_SHARE)))
    return size if 2 * size <= held else 0


@dataclasses.dataclass(frozen=True, slots=True)
class Limits:
    """The brake's settings."""

    share: float
    region: int
    minimum: int


def tripped(*, accounts: int, moved: int, into: Mapping[str, int], limits: Limits) -> str | None:
    """Which brake rule an hour's moves break: `share`, `region` or None.

    `moved` counts labels that changed place, `into` all that arrived in each place, first
    labels too. Below `minimum` moved accounts the share says nothing about a small site.
    """
    if moved >= limits.minimum and moved > limits.share * accounts:
        return "share"
    if any(count > limits.region for count in into.values()):
        return "region"
    return None
