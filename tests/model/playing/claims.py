"""Who works on what: claims, leases, handing over, passing over, notes."""

import re

from tests.model import acting, risks, weighing
from tests.model.doors import Answer
from tests.model.playing.dice import Dice
from tests.model.playing.story import Story
from tests.model.risks import Refusals
from tests.model.state import Case, Person
from tests.model.world import DAY

Pair = tuple[Person, Case]


class Claims(Story):
    """Whose case it is."""

    def pairs(self) -> list[Pair]:
        """Everybody with every case."""
        return [(person, case) for case in self.cases for person in self.desk.people]

    def claim(self, dice: Dice) -> bool:
        """Take a case, or keep it for longer."""
        return self.take(self.pairs(), dice)

    def take(self, pairs: list[Pair], dice: Dice) -> bool:
        """Claim one of these."""

        def can(pair: Pair, _: Dice) -> Refusals:
            return risks.door(pair[0]) or weighing.claiming(self.desk, *pair)

        def act(pair: Pair) -> None:
            acting.claim(self.desk, *pair)
            self.skipped.pop((pair[1], pair[0]), None)

        def send(pair: Pair) -> Answer:
            return self.doors.post(pair[0], f"/cases/{pair[1].id}/claim")

        free = [one for one in pairs if one[1].holder is not one[0]]
        return self.play("claim", free, can, send, act, dice)

    def renew(self, dice: Dice) -> bool:
        """Keep a case that one holds."""

        def can(pair: Pair, _: Dice) -> Refusals:
            lost = pair[1].holder is not pair[0]
            return risks.door(pair[0]) or ({(409, "claim-lost")} if lost else set())

        def send(pair: Pair) -> Answer:
            act = "renew" if dice.agree or dice.whom % 2 else "claim"  # claiming again renews
            act = act if pair[1].holder is pair[0] else "renew"
            return self.doors.post(pair[0], f"/cases/{pair[1].id}/{act}")

        def act(pair: Pair) -> None:
            acting.claim(self.desk, *pair)

        return self.play("renew", self.pairs(), can, send, act, dice, least=0)

    def release(self, dice: Dice) -> bool:
        """Give it back."""

        def can(pair: Pair, _: Dice) -> Refusals:
            lost: Refusals = {(409, "claim-lost")} if pair[1].holder is not pair[0] else set()
            return risks.door(pair[0]) or risks.at_case(*pair) | lost

        def send(pair: Pair) -> Answer:
            return self.doors.post(pair[0], f"/cases/{pair[1].id}/release")

        return self.play("release", self.pairs(), can, send, lambda pair: pair[1].release(), dice)

    def take_next(self, dice: Dice) -> bool:
        """The queue gives the first case that is nobody's: one of those that may be theirs."""
        self.begin()
        person = dice.picked(self.desk.people)
        refusals = risks.door(person)
        if refusals and dice.aim:
            return False
        free = [one for one in self.desk.cases if self._free(person, one)] if not refusals else []
        answer = self.doors.post(person, "/queue/take")

        def act() -> None:
            taken = [one for one in free if re.search(rf"/cases/{one.id}\b", answer.page)]
            assert len(taken) == bool(free), f"{answer.words}: one of {[one.id for one in free]}"
            for one in taken:
                acting.claim(self.desk, person, one)

        self.end("take_next", answer, refusals, act, least=1 if free else 0)
        return True

    def _free(self, person: Person, case: Case) -> bool:
        taken = case.holder is not None and case.until is not None and case.until > self.desk.now
        until = self.skipped.get((case, person))
        skipped = until is not None and until > self.desk.now
        theirs = case.kind != "brake" and not weighing.claiming(self.desk, person, case)
        return theirs and not taken and not skipped

    def skip(self, dice: Dice) -> bool:
        """Pass it over, with a reason."""

        def can(pair: Pair, dice: Dice) -> Refusals:
            found = risks.at_case(*pair) | weighing.still_open(pair[1])
            if not dice.reason:
                found.add((422, "reason-needed"))
            return risks.door(pair[0]) or found

        def send(pair: Pair) -> Answer:
            path = f"/cases/{pair[1].id}/skip"
            return self.doors.post(pair[0], path, reason=dice.reason, text="Why.")

        def act(pair: Pair) -> None:
            person, case = pair
            if case.holder is person:
                case.release()
            self.skipped[case, person] = self.desk.now + DAY

        return self.play("skip", self.pairs(), can, send, act, dice)

    def hand_over(self, dice: Dice) -> bool:
        """Give it to a named person."""
        to = self.desk.people[dice.whom % len(self.desk.people)]

        def can(pair: Pair, dice: Dice) -> Refusals:
            return risks.door(pair[0]) or weighing.assigning(self.desk, *pair, to, fresh=dice.seen)

        def send(pair: Pair) -> Answer:
            claim = pair[1].claim if dice.seen else pair[1].claim + 1
            path = f"/cases/{pair[1].id}/assign"
            return self.doors.post(pair[0], path, to=to.id, claim=claim, text="Yours.")

        def act(pair: Pair) -> None:
            acting.hand_over(self.desk, pair[1], to)
            self.skipped.pop((pair[1], to), None)

        return self.play("hand_over", self.pairs(), can, send, act, dice)

    def note(self, dice: Dice) -> bool:
        """Whoever writes one had a part in the case."""

        def can(pair: Pair, _: Dice) -> Refusals:
            return risks.door(pair[0]) or risks.at_case(*pair)

        def send(pair: Pair) -> Answer:
            return self.doors.post(pair[0], f"/cases/{pair[1].id}/note", text="Looked at it.")

        return self.play(
            "note", self.pairs(), can, send, lambda pair: pair[1].part.add(pair[0]), dice
        )
