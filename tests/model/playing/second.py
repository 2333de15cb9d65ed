"""The second person's word, ending corrections, and taking decisions back."""

from typing import Any

from tests.model import acting, reversing, risks, weighing
from tests.model.doors import Answer
from tests.model.playing.dice import Dice
from tests.model.playing.story import Story
from tests.model.risks import Refusals
from tests.model.state import Correction, Decision, Person

Made = tuple[Person, Correction]
Taken = tuple[Person, Decision]


class Second(Story):
    """What others proposed, decided or made."""

    def made(self) -> list[Made]:
        """Everybody with every correction."""
        return [(person, one) for one in self.corrections for person in self.desk.people]

    def taken(self) -> list[Taken]:
        """Everybody with every decision of late."""
        return [(person, one) for one in self.decisions for person in self.desk.people]

    def approve(self, dice: Dice) -> bool:
        """Agree to a proposal."""

        def can(pair: Made, dice: Dice) -> Refusals:
            person, correction = pair
            return risks.door(person, senior=True) or (
                weighing.agreeing(self.desk, person, correction, fresh=dice.seen)
                | weighing.approving(self.desk, correction, label_fresh=dice.label_seen)
            )

        def act(pair: Made) -> None:
            acting.approve(self.desk, *pair)

        return self.play("approve", self.made(), can, self._word("approve", dice), act, dice)

    def refuse(self, dice: Dice) -> bool:
        """Do not agree to it."""

        def can(pair: Made, dice: Dice) -> Refusals:
            return risks.door(pair[0], senior=True) or weighing.agreeing(
                self.desk, *pair, fresh=dice.seen
            )

        def act(pair: Made) -> None:
            acting.refuse(self.desk, *pair)

        return self.play("refuse", self.made(), can, self._word("refuse", dice), act, dice)

    def withdraw(self, dice: Dice) -> bool:
        """Take one's own proposal back."""

        def can(pair: Made, dice: Dice) -> Refusals:
            return risks.door(pair[0]) or weighing.withdrawing(*pair, fresh=dice.seen)

        def act(pair: Made) -> None:
            acting.withdraw(self.desk, *pair)

        return self.play("withdraw", self.made(), can, self._word("withdraw", dice), act, dice)

    def answer_end(self, dice: Dice) -> bool:
        """A second person's word on ending a correction."""

        def can(pair: Made, dice: Dice) -> Refusals:
            return risks.door(pair[0], senior=True) or weighing.agreeing_to_end(
                self.desk, *pair, fresh=dice.seen
            )

        def act(pair: Made) -> None:
            (acting.approve_end if dice.agree else acting.refuse_end)(self.desk, *pair)

        word = "approve-lift" if dice.agree else "refuse-lift"
        name = "approve_end" if dice.agree else "refuse_end"
        return self.play(name, self.made(), can, self._word(word, dice), act, dice)

    def _word(self, act: str, dice: Dice) -> Any:
        def send(pair: Made) -> Answer:
            person, correction = pair
            label = correction.account.version
            return self.doors.post(
                person,
                f"/approvals/{correction.id}/{act}",
                version=correction.version if dice.seen else correction.version - 1,
                label_version=label if dice.label_seen else label - 1,
                text="As it is.",
            )

        return send

    def lift(self, dice: Dice) -> bool:
        """End a correction before its time, or propose to."""

        def can(pair: Made, dice: Dice) -> Refusals:
            moved: Refusals = set() if dice.seen else {(409, "correction-moved")}
            return risks.door(pair[0]) or moved | risks.ending(self.desk, *pair, restore=False)

        def act(pair: Made) -> None:
            acting.lift(self.desk, *pair)

        return self.play("lift", self.made(), can, self._end("lift", dice), act, dice)

    def cancel(self, dice: Dice) -> bool:
        """A planned correction will not begin."""

        def can(pair: Made, dice: Dice) -> Refusals:
            return risks.door(pair[0]) or weighing.cancelling(self.desk, *pair, fresh=dice.seen)

        def act(pair: Made) -> None:
            acting.cancel(self.desk, *pair)

        return self.play("cancel", self.made(), can, self._end("cancel", dice), act, dice)

    def _end(self, act: str, dice: Dice) -> Any:
        def send(pair: Made) -> Answer:
            person, correction = pair
            version = correction.version if dice.seen else correction.version - 1
            path = f"/corrections/{correction.id}/{act}"
            return self.doors.post(person, path, version=version, text="It is over.")

        return send

    def undo(self, dice: Dice) -> bool:
        """As if it had not been."""

        def can(pair: Taken, dice: Dice) -> Refusals:
            return risks.door(pair[0]) or weighing.undoing(self.desk, *pair, fresh=dice.seen)

        def act(pair: Taken) -> None:
            reversing.undo(self.desk, pair[1])

        return self.play("undo", self.taken(), can, self._back("undo", dice), act, dice)

    def revert(self, dice: Dice) -> bool:
        """Another decision restores what was before."""

        def can(pair: Taken, dice: Dice) -> Refusals:
            return risks.door(pair[0]) or weighing.reverting(
                self.desk, *pair, fresh=dice.seen, label_fresh=dice.label_seen
            )

        def act(pair: Taken) -> None:
            reversing.revert(self.desk, *pair)

        return self.play("revert", self.taken(), can, self._back("revert", dice), act, dice)

    def _back(self, act: str, dice: Dice) -> Any:
        def send(pair: Taken) -> Answer:
            person, decision = pair
            label = decision.case.account.version if decision.case.account else 0
            return self.doors.post(
                person,
                f"/decisions/{decision.id}/{act}",
                version=decision.version if dice.seen else decision.version - 1,
                label_version=label if dice.label_seen else label - 1,
                text="It was wrong.",
            )

        return send
