"""One act on a list of accounts: made, agreed to, run by the worker, tried again, taken back."""

import re
from typing import Any

from tests.model import batching, risks
from tests.model.doors import Answer
from tests.model.items import KINDS, against
from tests.model.playing.dice import Dice
from tests.model.playing.story import Story
from tests.model.risks import Refusals
from tests.model.state import Batch, Item, Person
from tests.model.world import SITE

Wanted = tuple[Person, str]
Whose = tuple[Person, Batch]
_ACTS = (*KINDS, "lift")
_CHANGE = re.compile(r"\b(\d+) accounts? changes?\b")
_WHY = "The carrier routes them through another province."


class Batches(Story):
    """Lists that people write, and what the worker makes of them."""

    def batch(self, dice: Dice) -> bool:
        """Make one. With `aim`, one that changes something."""
        wanted = [(person, act) for person in self.desk.people for act in _ACTS]
        if dice.aim:
            wanted = [one for one in wanted if self._changes(self._meant(one, dice))]

        def can(one: Wanted, _: Dice) -> Refusals:
            return risks.door(one[0])

        def send(one: Wanted) -> Answer:
            meant = self._meant(one, dice)
            form = self._form(meant)
            if dice.agree and meant.by.decides:
                self._foreseen(self.doors.post(meant.by, "/batches/preview", **form), meant)
            answer = self.doors.post(meant.by, "/batches", **form)
            if answer.status == 303 and not dice.sure:
                again = self.doors.post(meant.by, "/batches", **form)
                assert (again.status, again.rows) == (303, []), "a form sent twice is one batch"
            return answer

        def act(one: Wanted) -> None:
            self.desk.batches.append(self._meant(one, dice))

        if not self.play("batch", wanted, can, send, act, dice):
            return False
        return self.batch_work(dice) or True if dice.whom % 2 else True

    def _meant(self, one: Wanted, dice: Dice) -> Batch:
        """The batch that the form would make."""
        person, act = one
        items = self._listed(dice)
        two = batching.second(act, len(items), person, None)
        ends = dice.wish.reverts_itself and act not in ("withhold", "lift")
        days = dice.wish.days if act != "lift" else None
        state = "waiting" if two else "running"
        return Batch(person, act, items, two, state, self.desk.now, days, ends)

    def _listed(self, dice: Dice) -> list[Item]:
        """A few accounts or all, with the versions that were seen."""
        every = self.desk.accounts
        some = [every[which % len(every)] for which, _, _ in dice.sightings]
        chosen = list(dict.fromkeys(every if dice.days == 3 else some))  # each once
        items = [Item(one, one.name, one.version if one.known else None) for one in chosen]
        first = items[0]
        if dice.hours == 0 and first.seen:  # it is not as they have seen it
            first.seen += -1 if first.seen > 1 else 1
        return items if dice.whom % 8 else [*items, Item(None, "nobody-at-all", None)]

    def _form(self, meant: Batch) -> dict[str, Any]:
        lines = [f"{one.name},{one.seen or ''}" for one in meant.items]
        lists = meant.act != "lift"
        return {
            "uid": f"{len(self.desk.batches):032d}",
            "site": SITE,
            "act": meant.act,
            "reason": "carrier_egress" if lists else None,
            "text": _WHY,
            "days": meant.days,
            "at_expiry": ("revert" if meant.reverts_itself else "requeue") if lists else None,
            "accounts": "\n".join(lines),
        }

    def _changes(self, meant: Batch) -> int:
        """How many accounts would be done as things stand now."""
        return sum(not against(self.desk, meant, one) for one in meant.those("waiting"))

    def _foreseen(self, answer: Answer, meant: Batch) -> None:
        """The page before says what would become of each, and does nothing."""
        assert (answer.status, answer.rows) == (200, []), answer.words[:900]
        found = _CHANGE.search(answer.words)
        said = int(found[1]) if found else 0
        assert said == self._changes(meant), f"{meant}: {answer.words[:1500]}"

    def _whose(self) -> list[Whose]:
        return [(person, one) for one in self.batches for person in self.desk.people]

    def batch_word(self, dice: Dice) -> bool:
        """The second person agrees to the whole list, or does not."""
        word = "approve" if dice.agree or dice.days > 1 else "refuse"

        def can(one: Whose, dice: Dice) -> Refusals:
            return risks.door(one[0], senior=True) or batching.answering(
                self.desk, *one, fresh=dice.seen
            )

        def act(one: Whose) -> None:
            (batching.approve if word == "approve" else batching.refuse)(self.desk, *one)

        def send(one: Whose) -> Answer:
            person, batch = one
            if dice.seen and not can(one, dice):
                self._foreseen(self.doors.get(person, f"/batches/{batch.id}/approve"), batch)
            return self._post(word, one, dice)

        return self.play(f"batch_{word}", self._whose(), can, send, act, dice)

    def batch_cancel(self, dice: Dice) -> bool:
        """What is done stays done, the rest is not begun."""

        def can(one: Whose, dice: Dice) -> Refusals:
            return risks.door(one[0]) or batching.cancelling(*one, fresh=dice.seen)

        def send(one: Whose) -> Answer:
            return self._post("cancel", one, dice)

        def act(one: Whose) -> None:
            batching.cancel(self.desk, one[1])

        return self.play("batch_cancel", self._whose(), can, send, act, dice)

    def batch_again(self, dice: Dice) -> bool:
        """Try again what was not reached, had moved or failed."""

        def can(one: Whose, dice: Dice) -> Refusals:
            return risks.door(one[0]) or batching.trying(*one, fresh=dice.seen)

        def seen(batch: Batch) -> dict[int, int]:
            """Of all accounts: those that are done are not done again."""
            listed = [(at, one.account) for at, one in enumerate(batch.items, 1)]
            shown = {at: one.version for at, one in listed if one is not None and one.version}
            return self._older(shown, dice)

        def send(one: Whose) -> Answer:
            return self._post("again", one, dice, seen=_written(seen(one[1])))

        def act(one: Whose) -> None:
            batching.try_again(one[1], seen(one[1]))

        return self.play("batch_again", self._whose(), can, send, act, dice)

    def batch_back(self, dice: Dice) -> bool:
        """Undo the whole, or revert it: a batch of its own."""
        back = "undo" if dice.agree else "revert"

        def can(one: Whose, dice: Dice) -> Refusals:
            person, batch = one
            return risks.door(person) or batching.taking_back(
                self.desk, person, batch, back, fresh=dice.seen
            )

        def seen(batch: Batch) -> dict[int, int]:
            done = [(batch.items.index(one) + 1, one) for one in batch.those("done")]
            versions = {at: one.account.version for at, one in done if one.account is not None}
            return self._older(versions, dice)

        def send(one: Whose) -> Answer:
            uid = f"{len(self.desk.batches):032d}"
            more = {"seen": _written(seen(one[1])), "act": back, "uid": uid}
            return self._post("back", one, dice, **more)

        def act(one: Whose) -> None:
            batching.take_back(self.desk, *one, back, seen(one[1]))

        if not self.play(f"batch_{back}", self._whose(), can, send, act, dice):
            return False
        return self.batch_work(dice) or True if dice.whom % 4 else True

    def _older(self, versions: dict[int, int], dice: Dice) -> dict[int, int]:
        """As they were shown, or as they were before."""
        if dice.label_seen:
            return versions
        return {at: one - 1 if one > 1 else one for at, one in versions.items()}

    def _post(self, step: str, one: Whose, dice: Dice, **more: Any) -> Answer:
        person, batch = one
        version = batch.version if dice.seen else batch.version - 1
        path = f"/batches/{batch.id}/{step}"
        return self.doors.post(person, path, version=version, text="As it is.", **more)

    def batch_work(self, dice: Dice) -> bool:
        """The worker does all that waits, or one account, and is ended there."""
        batch = batching.next_batch(self.desk)
        if batch is None:
            return False
        self.begin()
        done = sum(one.done for one in self.desk.batches)
        if dice.days == 1:
            rows = self.doors.some_of_a_batch(1)
            batching.run_some(self.desk, 1)
        else:
            rows = self.doors.batches()
            batching.run_all(self.desk)
        done = sum(one.done for one in self.desk.batches) - done
        told = [action for action, _ in rows if action.startswith("correction.")]
        assert len(told) >= done, f"{done} accounts left {told}"
        self.counts.steps["batch_work", "done" if done else "nothing"] += 1
        self.comparison.look()
        return True


def _written(seen: dict[int, int]) -> str:
    """As a page's hidden field has it."""
    return " ".join(f"{at}:{version}" for at, version in seen.items())
