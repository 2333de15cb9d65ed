"""What chance decides about one deed: everything any of them asks for, drawn at once."""

import dataclasses
from datetime import timedelta
from typing import Any

import hypothesis.strategies as st

from tests.model.arriving import PLACES
from tests.model.risks import Wish
from tests.model.world import DAY, HOUR, MINUTE

# Mostly what was seen is still so.
_mostly = st.sampled_from((True,) * 9 + (False,))
_number = st.integers(0, 2**16)
_wishes = st.builds(
    Wish,
    kind=st.sampled_from(("coarsen", "coarsen", "withhold", "mark_uncertain", "replace")),
    region=st.sampled_from(("CN-GD", "CN-ZJ", "US", "HK", "XX")),
    days=st.sampled_from((None, 1, 1, 10)),
    reverts_itself=st.sampled_from((False, False, True)),
)
_SPANS = (MINUTE, 4 * MINUTE, 11 * MINUTE, 20 * MINUTE, 2 * HOUR, 13 * HOUR, 2 * DAY, 8 * DAY)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Dice:
    """`aim`: among what can be done, if anything can; else whatever comes. `seen` and
    `label_seen`: whether what the person saw is still so. `sure`: whether they have confirmed.
    """

    which: int
    whom: int
    aim: bool
    seen: bool
    label_seen: bool
    sure: bool
    agree: bool
    wish: Wish
    days: int
    span: timedelta
    place: str
    sightings: list[tuple[int, str, int]]
    kind: str
    reason: str
    hours: int | None
    page: str

    def picked(self, options: Any) -> Any:
        """One of the options."""
        return options[self.which % len(options)]


DICE = st.builds(
    Dice,
    which=_number,
    whom=_number,
    aim=st.sampled_from((True,) * 4 + (False,)),
    seen=_mostly,
    label_seen=_mostly,
    sure=_mostly,
    agree=st.booleans(),
    wish=_wishes,
    days=st.integers(1, 3),
    span=st.sampled_from((*_SPANS, 40 * DAY)),
    place=st.sampled_from(sorted(PLACES)),
    sightings=st.lists(
        st.tuples(_number, st.sampled_from(sorted(PLACES)), st.integers(-30, 0)),
        min_size=1,
        max_size=3,
    ),
    kind=st.sampled_from(("wrong_label", "harmful_label", "other")),
    reason=st.sampled_from(("language", "other", "")),
    hours=st.sampled_from((None, 0, 2)),
    page=st.sampled_from(("batch", "case", "correction", "decision", "list")),
)
