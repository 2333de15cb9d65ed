"""The machine that is played: what happens next, how often, and a look around."""

import os
from collections.abc import Callable

import hypothesis
import hypothesis.strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from tests.model.arriving import Sighting
from tests.model.playing.arrivals import Arrivals
from tests.model.playing.batches import Batches
from tests.model.playing.decisions import Decisions
from tests.model.playing.dice import DICE, Dice
from tests.model.playing.looks import Looks
from tests.model.playing.second import Second
from tests.model.playing.seniors import Seniors
from tests.model.playing.story import Counts
from tests.model.world import World

_READERS = ("moderator", "senior", "auditor")
# How often each deed is drawn. What cannot be done in a story's state gives way to the next one, so
# that what seldom can be is drawn often.
OFTEN = {
    "correct": 20,  # the first of the list comes somewhat more often than its share
    "claim": 12,
    "activity": 2,
    "answer_end": 8,
    "approve": 6,
    "batch": 8,
    "batch_again": 5,
    "batch_back": 6,
    "batch_cancel": 1,
    "batch_word": 7,
    "batch_work": 3,
    "brake": 8,
    "cancel": 7,
    "change_role": 1,
    "contest": 6,
    "delete": 1,
    "disable": 1,
    "dismiss": 3,
    "flood": 2,
    "hand_over": 2,
    "keep": 6,
    "lift": 5,
    "lift_expired": 12,
    "look": 10,
    "look_around": 1,
    "note": 1,
    "plan": 4,
    "protect": 1,
    "refuse": 3,
    "release": 1,
    "renew": 1,
    "report": 3,
    "restore": 12,
    "revert": 7,
    "settle": 12,
    "skip": 1,
    "take_next": 2,
    "time_passes": 6,
    "undo": 6,
    "withdraw": 2,
}
# What counts are kept of, and what of it the desk refuses to somebody.
_NAMED = {
    "answer_end": ("approve_end", "refuse_end"),
    "batch_back": ("batch_undo", "batch_revert"),
    "batch_word": ("batch_approve", "batch_refuse"),
    "brake": ("brake_accept", "brake_reject"),
    "look_around": (),
}
DEEDS = tuple(one for name in OFTEN for one in _NAMED.get(name, (name,)))
_ALWAYS = ("activity", "change_role", "delete", "disable", "flood", "protect", "report")
REFUSABLE = tuple(one for one in DEEDS if one not in (*_ALWAYS, "batch_work", "time_passes"))
_deeds = st.sampled_from([name for name, often in OFTEN.items() for _ in range(often)])


PHASES = [hypothesis.Phase.generate]
if os.environ.get("SHUDI_MODEL_SHRINK"):
    PHASES.append(hypothesis.Phase.shrink)


class Machine(Arrivals, Batches, Decisions, Looks, Second, Seniors):
    """Everything that happens at the desk."""

    @initialize(
        places=st.lists(st.sampled_from(("CN-GD", "US", "split")), min_size=3, max_size=4),
        looks=st.sampled_from((True, True, True, False)),
    )
    def opens(self, places: list[str], looks: bool) -> None:
        """Labels on most accounts; in most stories, a second look at all that may have one."""
        self.desk.looks = looks
        self.doors.draw(1.0 if looks else 0.0)
        for account, place in zip(self.desk.accounts, places, strict=False):
            self.begin()
            self.see("activity", [Sighting(account, place, self.desk.now)])

    # One rule and not one a deed: the machine would leave whole deeds out of most stories, and a
    # case's life needs nearly all of them.
    @rule(deeds=st.lists(_deeds, min_size=8, max_size=8), dice=DICE)
    def happens(self, deeds: list[str], dice: Dice) -> None:
        """The first of these that can be."""
        for name in deeds:
            if getattr(self, name)(dice):
                return

    def look_around(self, dice: Dice) -> bool:
        """Pages open for whoever may read, whatever has happened."""
        person = dice.picked(self.desk.people)
        answer = self.doors.get(person, self._address(dice.page, dice.whom))
        self.counts.steps["look_around", str(answer.status)] += 1
        if not person.active:
            assert answer.status == 303
        elif person.role in _READERS:
            assert answer.status in (200, 303), answer.words[:900]
        return True

    def _address(self, page: str, which: int) -> str:
        found = [
            "/",
            "/queue",
            "/approvals",
            "/corrections",
            "/corrections?show=planned",
            "/batches",
            "/brakes",
            "/statistics",
        ]
        if page == "case":
            found = [f"/cases/{one.id}" for one in self.desk.cases] or found
        elif page == "batch":
            found = [f"/batches/{one.id}" for one in self.desk.batches] or found
        elif page == "correction" and self.desk.corrections:
            nouns = ("corrections", "approvals")
            found = [f"/{noun}/{one.id}" for one in self.desk.corrections for noun in nouns]
        elif page == "decision":
            found = [f"/decisions/{one.id}" for one in self.desk.decisions] or found
        return found[which % len(found)]


def play(world: World, *, stories: int, steps: int, seed: int) -> Counts:
    """Play that many stories; returns what was played. A divergence is an AssertionError.

    It is told as it was met. With SHUDI_MODEL_SHRINK set a shorter story is looked for, which
    takes minutes.
    """
    counts = Counts()

    def story() -> RuleBasedStateMachine:
        played = type("Played", (Machine,), {"world": world, "counts": counts})
        return played()  # type: ignore[no-any-return]

    factory: Callable[[], RuleBasedStateMachine] = hypothesis.seed(seed)(story)
    run_state_machine_as_test(
        factory,
        settings=hypothesis.settings(
            max_examples=stories,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            phases=PHASES,
            report_multiple_bugs=False,
            suppress_health_check=list(hypothesis.HealthCheck),
        ),
    )
    return counts
