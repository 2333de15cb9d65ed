"""Second looks: a decision taken again by somebody who does not know how it was taken."""

from tests.model import looking, risks
from tests.model.doors import Answer
from tests.model.playing.claims import Claims, Pair
from tests.model.playing.dice import Dice
from tests.model.risks import Refusals
from tests.model.world import DECIDING


class Looks(Claims):
    """What was drawn."""

    def _looks(self) -> list[Pair]:
        looks = [one for one in self.cases if one.kind == "second_look"]
        return [(person, one) for one in looks for person in self.desk.people]

    def look(self, dice: Dice) -> bool:
        """Give the second verdict, or take such a case first where nobody holds one."""
        pairs = self._looks()
        if dice.aim and not any(one.holder for _, one in pairs):
            return self.take(pairs, dice)
        finding: looking.Finding = (_verdict(dice), dice.wish)

        def can(pair: Pair, dice: Dice) -> Refusals:
            return risks.door(pair[0]) or looking.looking(*pair, fresh=dice.seen)

        def act(pair: Pair) -> None:
            looking.look(self.desk, *pair, finding)

        def send(pair: Pair) -> Answer:
            self._blind(pair)
            return self._give(pair, finding, dice)

        return self.play("look", pairs, can, send, act, dice)

    def _give(self, pair: Pair, finding: looking.Finding, dice: Dice) -> Answer:
        person, case = pair
        verdict, wish = finding
        corrects = verdict == "correct" and wish is not None
        return self.doors.post(
            person,
            f"/second-looks/{case.id}/look",
            version=case.version if dice.seen else case.version - 1,
            verdict=verdict,
            keep_reason="evidence_agrees",
            kind=wish.kind if corrects and wish else None,
            region=wish.region if corrects and wish else None,
            reason="travel",
            text="As I see it.",
        )

    def _blind(self, pair: Pair) -> None:
        """The second person reads neither who decided nor why."""
        person, case = pair
        if not person.decides or case.looked is not None or case.first is None:
            return
        page = self.doors.get(person, f"/second-looks/{case.id}")
        assert page.status == 200
        assert DECIDING not in page.page, "the second person reads why the first decided so"
        if case.first.by is not person:
            assert case.first.by.name not in page.page, "the second person reads who decided"

    def settle(self, dice: Dice) -> bool:
        """A senior who gave neither verdict says whose is right."""
        settled = "first" if dice.agree else "second"

        def can(pair: Pair, dice: Dice) -> Refusals:
            person, case = pair
            early = risks.door(person, senior=True)
            return early or looking.settling(person, case, fresh=dice.seen)

        def send(pair: Pair) -> Answer:
            person, case = pair
            version = case.version if dice.seen else case.version - 1
            path = f"/second-looks/{case.id}/settle"
            return self.doors.post(person, path, version=version, settled=settled, text="So it is.")

        def act(pair: Pair) -> None:
            looking.settle(self.desk, pair[1], settled)

        return self.play("settle", self._looks(), can, send, act, dice)


def _verdict(dice: Dice) -> str:
    """Mostly what people decide most."""
    return ("keep", "correct", "dismiss", "lift", "correct", "correct")[dice.which % 6]
