"""One story: a copy of the world and the model beside it. Rules of every noun stand on this."""

import contextlib
import dataclasses
import json
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from hypothesis import note
from hypothesis.stateful import RuleBasedStateMachine

from console.messages import ERROR
from shudi.audit.queries import verify
from tests.model.comparison import Comparison
from tests.model.doors import Answer, Doors
from tests.model.playing.dice import Dice
from tests.model.risks import GONE, ROLE, Refusals
from tests.model.state import Account, Batch, Case, Correction, Decision, Desk, Person
from tests.model.world import World, turned

Found = TypeVar("Found")
_PAGES = ("case-moved", "label-moved")  # these show both values instead of words
_BRAKE = "decided on the brake's own page"  # such a case says this, whatever else is the matter


@dataclasses.dataclass
class Counts:
    """What was played: steps by rule and by what became of them."""

    steps: Counter[tuple[str, str]] = dataclasses.field(default_factory=Counter)
    stories: int = 0

    def of(self, name: str, outcome: str = "") -> int:
        """How often the rule was played, or ended in `outcome`."""
        return sum(
            count
            for (rule, ended), count in self.steps.items()
            if rule == name and outcome in ("", ended)
        )

    def told(self) -> str:
        """All of it, a rule a line."""
        lines = [f"{self.stories} stories, {sum(self.steps.values())} acts"]
        for rule in sorted({rule for rule, _ in self.steps}):
            ends = sorted((end, n) for (name, end), n in self.steps.items() if name == rule)
            lines.append(f"{rule:16}" + ", ".join(f"{end} {n}" for end, n in ends))
        return "\n".join(lines)


class Story(RuleBasedStateMachine):
    """The ground of the machine. `world` and `counts` are set on the class that is played."""

    world: World
    counts: Counts

    def __init__(self) -> None:
        super().__init__()
        self._stack = contextlib.ExitStack()
        self.time = self._stack.enter_context(turned(self.world.start))
        place = self._stack.enter_context(self.world.place())
        self.desk: Desk = place.desk(self.time.now)
        self.doors = Doors(place, self.time)
        self.comparison = Comparison(self.desk, self.doors)
        self.skipped: dict[tuple[Case, Person], Any] = {}
        self.counts.stories += 1

    def teardown(self) -> None:
        """The whole log verifies at the end of each story."""
        try:
            with self.doors.place.database.read_session() as session:
                assert verify(session).ok
        finally:
            self._stack.close()

    # -- choosing ---------------------------------------------------------------------------------

    def play(
        self,
        name: str,
        options: Sequence[Found],
        can: Callable[[Found, Dice], Refusals],
        send: Callable[[Found], Answer],
        act: Callable[[Found], object],
        dice: Dice,
        *,
        least: int = 1,
    ) -> bool:
        """Do it with one of the options, and hold the answer against the model. False where there
        is none that would be worth it.
        """
        self.begin()
        options = self._worth(options, can, dice)
        if not options:
            return False
        chosen = dice.picked(options)
        if dice.aim and dice.days == 1:
            self._wrong_person(name, chosen, can, send, dice)
        refusals = can(chosen, dice)
        note(f"{name}: {chosen}")
        self.end(name, send(chosen), refusals, lambda: act(chosen), least=least)
        return True

    def _wrong_person(
        self,
        name: str,
        right: Any,
        can: Callable[[Any, Dice], Refusals],
        send: Callable[[Any], Answer],
        dice: Dice,
    ) -> None:
        """Before the right person does it, one who is barred by nothing but who they are tries."""
        if not isinstance(right, tuple):
            return
        others = [(person, right[1]) for person in self.desk.people]
        found = [(one, can(one, dice)) for one in others]
        barred = [one for one in found if len(one[1]) == 1 and one[1] not in (ROLE, GONE)]
        barred = [one for one in barred if {status for status, _ in one[1]} == {403}]
        if barred:
            pair, refusals = barred[dice.whom % len(barred)]
            note(f"{name}, not theirs: {pair}")
            self.end(name, send(pair), refusals, lambda: None)

    def _worth(
        self, options: Sequence[Found], can: Callable[[Found, Dice], Refusals], dice: Dice
    ) -> Sequence[Found]:
        """With `aim`, those with which everything is right but perhaps for what was seen before;
        else, mostly, those that one thing alone stands against.
        """
        well = dataclasses.replace(dice, seen=True, label_seen=True)
        against = [(one, can(one, well)) for one in options]
        if dice.aim:
            return [one for one, found in against if not found]
        near = [(one, found) for one, found in against if len(found) == 1]
        near = [(one, found) for one, found in near if found not in (ROLE, GONE)]
        people = [one for one, [(status, _)] in near if status == 403]
        # two in four: it is the wrong person; one: it is the wrong moment; one: whatever comes
        return (options, [one for one, _ in near], people, people)[dice.whom % 4] or options

    @property
    def accounts(self) -> list[Account]:
        return self.desk.accounts

    @property
    def cases(self) -> list[Case]:
        """The ones that a person would look at: those that closed long ago are left alone."""
        open_ = [one for one in self.desk.cases if one.state != "closed"]
        return open_ + [one for one in self.desk.cases if one.state == "closed"][-2:]

    @property
    def corrections(self) -> list[Correction]:
        live = [
            one
            for one in self.desk.corrections
            if one.state in ("proposed", "scheduled", "in_force")
        ]
        rest = [one for one in self.desk.corrections if one not in live]
        return live + rest[-2:]

    @property
    def decisions(self) -> list[Decision]:
        return self.desk.decisions[-6:]

    @property
    def batches(self) -> list[Batch]:
        return self.desk.batches[-5:]

    # -- doing ------------------------------------------------------------------------------------

    def begin(self) -> None:
        """A second goes by before each act."""
        self.time.now += timedelta(seconds=1)
        self.desk.now = self.time.now

    def end(
        self,
        name: str,
        answer: Answer,
        refusals: Refusals,
        act: Callable[[], object],
        *,
        least: int = 1,
        right: int = 303,
    ) -> None:
        """Hold the answer against what stands against the act; where nothing does, do it to the
        model. `least` is how many audit rows it writes at least.
        """
        if refusals:
            self._refused(name, answer, refusals)
        else:
            self.counts.steps[name, "done"] += 1
            assert answer.status == right, (
                f"{name}: {answer.status}, and nothing stands against it: {answer.words[:1500]}"
            )
            assert len(answer.rows) >= least, f"{name} left {len(answer.rows)} audit rows"
            assert not [one for one in answer.rows if one[0] == "access.denied"]
            act()
        self.comparison.look()

    def _refused(self, name: str, answer: Answer, refusals: Refusals) -> None:
        self.counts.steps[name, str(answer.status)] += 1
        codes = {code for status, code in refusals if status == answer.status}
        assert codes, f"{name}: {answer.status} instead of one of {refusals}: {answer.words[:900]}"
        if answer.status == 403:
            denied = [json.loads(after)["code"] for action, after in answer.rows]
            assert refusals == GONE or (len(denied) == 1 and denied[0] in codes), (
                f"{name}: {denied} on record instead of one of {codes}"
            )
            assert refusals != GONE or not answer.rows
            return
        assert not answer.rows, f"{name} was refused and left {answer.rows}"
        words = [self._words(code) for code in codes if code in ERROR and code not in _PAGES]
        if words and not codes & set(_PAGES) and _BRAKE not in answer.words:
            assert any(one in answer.words for one in words), (
                f"{name}: none of {words} in {answer.words[:900]}"
            )

    def _words(self, code: str) -> str:
        with self.doors.place.console.test_request_context():
            return str(ERROR[code])
