"""Brakes, which seniors decide, and who works here, which the administrator does."""

from shudi.staff.actions import standing as staff
from shudi.staff.rules import Actor, Role
from tests.model import arriving, risks, weighing
from tests.model.doors import Answer
from tests.model.playing.dice import Dice
from tests.model.playing.story import Story
from tests.model.risks import Refusals
from tests.model.state import Person

_OPERATOR = Actor.system("test")


class Seniors(Story):
    """Rarer things."""

    def brake(self, dice: Dice) -> bool:
        """Let through what a brake holds, or drop it."""
        if not self.desk.brakes:
            return False
        brake = self.desk.brakes[-1]
        held = {one.name for one in brake.held}

        def can(person: Person, dice: Dice) -> Refusals:
            return risks.door(person, senior=True) or weighing.braking(
                person, held, fresh=dice.seen, holds=brake.state == "held"
            )

        def send(person: Person) -> Answer:
            return self.doors.post(
                person,
                f"/brakes/{brake.id}/{'reject' if dice.hours is None else 'accept'}",
                version=brake.version if dice.seen else brake.version - 1,
                waive_hours=dice.hours,
            )

        def act(_: Person) -> None:
            arriving.decide_brake(self.desk, brake, dice.hours)

        name = "brake_reject" if dice.hours is None else "brake_accept"
        return self.play(name, self.desk.people, can, send, act, dice)

    def change_role(self, dice: Dice) -> bool:
        """A moderator becomes a senior, or the other way round; they sign in again."""
        people = [one for one in self.desk.people if one.decides]
        person = dice.picked(people)
        role = "moderator" if person.role == "senior" else "senior"
        self.begin()
        self.doors.browser(person)  # in which they have signed in
        with self.doors.place.database.transaction() as session:
            staff.set_role(
                session, actor=_OPERATOR, staff_id=person.id, role=Role(role), now=self.time.now
            )
        self._signed_out("change_role", person)
        person.role = role
        self.doors.sign_in_again(person)
        self.comparison.look()
        return True

    def disable(self, dice: Dice) -> bool:
        """Somebody leaves; what they hold is free once the worker has been by."""
        if any(not one.active for one in self.desk.people) or len(self.desk.decisions) < 3:
            return False
        person = self.desk.people[dice.which % 4]
        self.begin()
        self.doors.browser(person)
        with self.doors.place.database.transaction() as session:
            staff.disable(session, actor=_OPERATOR, staff_id=person.id, now=self.time.now)
        self._signed_out("disable", person)
        person.active = False
        self.comparison.look()
        return True

    def _signed_out(self, name: str, person: Person) -> None:
        """The session that was open is no key any more."""
        assert len(self.doors.hear()) == 1
        gone = self.doors.post(person, "/queue/take")
        assert (gone.status, gone.rows) == (403, [])
        self.counts.steps[name, "done"] += 1
