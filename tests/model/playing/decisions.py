"""What becomes of a case: keep, dismiss, correct, plan, lift, restore."""

import dataclasses
from typing import Any

from hypothesis import note

from tests.model import acting, risks, showing, weighing
from tests.model.doors import Answer
from tests.model.playing.claims import Claims, Pair
from tests.model.playing.dice import Dice
from tests.model.risks import Refusals, Wish
from tests.model.world import DAY, DECIDING, MINUTE

WORDS = "WORDS FOR THE HOLDER"


class Decisions(Claims):
    """Deciding a case that one holds."""

    def keep(self, dice: Dice) -> bool:
        """The label is right."""

        def can(pair: Pair, dice: Dice) -> Refusals:
            return self._deciding(pair, dice) or weighing.keeping(
                self.desk, *pair, label_fresh=dice.label_seen
            )

        def act(pair: Pair) -> None:
            acting.keep(self.desk, *pair)

        return self.play("keep", self.pairs(), can, self._sender("keep", dice), act, dice)

    def dismiss(self, dice: Dice) -> bool:
        """There is nothing to decide."""

        def can(pair: Pair, dice: Dice) -> Refusals:
            return self._deciding(pair, dice) or weighing.dismissing(pair[1])

        def act(pair: Pair) -> None:
            showing.decide(self.desk, pair[1], pair[0], "dismiss")

        return self.play("dismiss", self.pairs(), can, self._sender("dismiss", dice), act, dice)

    def correct(self, dice: Dice) -> bool:
        """Show something else, at once or once a second person agrees."""
        return self._correct("correct", dice.wish, dice)

    def plan(self, dice: Dice) -> bool:
        """A correction that begins on a day to come."""
        minute = self.desk.now.replace(second=0, microsecond=0) + MINUTE
        starts = minute + dice.days * DAY
        return self._correct("plan", dataclasses.replace(dice.wish, starts=starts), dice)

    def _correct(self, name: str, wish: Wish, dice: Dice) -> bool:
        def can(pair: Pair, dice: Dice) -> Refusals:
            person, case = pair
            early = self._deciding(pair, dice)
            if early or case.account is None:
                return early
            return weighing.instance(person, case) | risks.correcting(
                self.desk, person, case.account, wish, label_fresh=dice.label_seen
            )

        send = self._sender(
            "correct",
            dice,
            kind=wish.kind,
            region=wish.region,
            reason="travel",
            evidence="The operator confirms it: ticket 4711.",
            days=wish.days,
            at_expiry="revert" if wish.reverts_itself else "requeue",
            starts=wish.starts.strftime("%Y-%m-%dT%H:%M") if wish.starts else None,
            confirmed="1" if dice.sure else None,
        )
        if not dice.sure:
            return self._rehearse(name, wish, can, send, dice)

        def act(pair: Pair) -> None:
            acting.correct(self.desk, *pair, wish)

        return self.play(name, self.pairs(), can, send, act, dice)

    def _rehearse(self, name: str, wish: Wish, can: Any, send: Any, dice: Dice) -> bool:
        """What takes two people, or begins later, is shown first; nothing has happened yet."""
        fitting = [
            pair
            for pair in self.pairs()
            if not can(pair, dice) and (wish.starts or self._risks(pair, wish))
        ]
        if not fitting:
            return False
        self.begin()
        chosen = dice.picked(fitting)
        note(f"{name}, not confirmed: {chosen}, {wish}: {self._risks(chosen, wish)}")
        answer = send(chosen)
        self.counts.steps[name, "asked"] += 1
        said = (answer.status, answer.rows)
        assert said == (200, []), f"{name}, not confirmed: {said}: {answer.words[:900]}"
        self.comparison.look()
        return True

    def _risks(self, pair: Pair, wish: Wish) -> set[str]:
        person, case = pair
        if case.account is None:
            return set()
        appeal = case.kind == "contest"
        return risks.correcting_risks(self.desk, person, case.account, wish, appeal=appeal)

    def lift_expired(self, dice: Dice) -> bool:
        """At a correction's expiry: show again what activity says; a case that nobody holds is
        taken first.
        """
        asked = [one for one in self.pairs() if one[1].kind == "expiry"]
        if dice.aim and not any(one.holder for _, one in asked):
            return self.take(asked, dice)

        def can(pair: Pair, dice: Dice) -> Refusals:
            return self._deciding(pair, dice) or weighing.lifting_expired(self.desk, *pair)

        def act(pair: Pair) -> None:
            acting.lift_expired(self.desk, *pair)

        return self.play("lift_expired", self.pairs(), can, self._sender("lift", dice), act, dice)

    def restore(self, dice: Dice) -> bool:
        """Uphold a contest by ending what it contests."""

        def can(pair: Pair, dice: Dice) -> Refusals:
            return self._deciding(pair, dice) or weighing.restoring(
                self.desk, *pair, label_fresh=dice.label_seen
            )

        def act(pair: Pair) -> None:
            acting.restore(self.desk, *pair)

        return self.play("restore", self.pairs(), can, self._sender("restore", dice), act, dice)

    def _deciding(self, pair: Pair, dice: Dice) -> Refusals:
        return risks.door(pair[0]) or weighing.deciding(*pair, fresh=dice.seen)

    def _sender(self, verdict: str, dice: Dice, **more: Any) -> Any:
        """How the form of the case's page is sent."""

        def send(pair: Pair) -> Answer:
            person, case = pair
            version = case.account.version if case.account else 0
            return self.doors.post(
                person,
                f"/cases/{case.id}/decide",
                version=case.version if dice.seen else case.version - 1,
                label_version=version if dice.label_seen else version - 1,
                verdict=verdict,
                keep_reason="evidence_agrees",
                text=DECIDING,
                answer=WORDS,
                **more,
            )

        return send
