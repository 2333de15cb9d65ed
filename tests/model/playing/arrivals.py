"""What comes from outside: activity, reports, account information, holders, time."""

from tests.model import acting, arriving, batching, reversing, showing, weighing
from tests.model.arriving import Sighting
from tests.model.doors import nobody_named
from tests.model.playing.dice import Dice
from tests.model.playing.story import Story
from tests.model.state import Account
from tests.model.world import MINUTE, SITE


class Arrivals(Story):
    """What nobody of the desk does."""

    def activity(self, dice: Dice) -> bool:
        """A few accounts publish, or sign in."""
        self.begin()
        publishes = bool(dice.whom % 4)
        self.see(
            "activity",
            [
                Sighting(
                    self.desk.accounts[which % len(self.desk.accounts)],
                    place,
                    self.desk.now + ago * MINUTE / 10,
                    publishes,
                )
                for which, place, ago in dice.sightings
            ],
        )
        return True

    def flood(self, dice: Dice) -> bool:
        """A proxy's own address arrives as everybody's."""
        self.begin()
        batch = [Sighting(one, dice.place, self.desk.now) for one in self.desk.accounts]
        self.see("flood", batch)
        return True

    def see(self, name: str, batch: list[Sighting]) -> None:
        """Send it as the platform does."""
        lines = [
            (
                one.account.name,
                one.place,
                one.at.isoformat(),
                "post" if one.publishes else "sign_in",
            )
            for one in batch
        ]
        answer = self.doors.sightings(lines)

        def act() -> None:
            accepted = arriving.see(self.desk, batch)
            taken = answer.json["accepted"], answer.json["rejected"]
            assert taken == (accepted, len(batch) - accepted), answer.page

        self.end(name, answer, set(), act, right=200)

    def report(self, dice: Dice) -> bool:
        """A reader's report; of an account that nobody knows it looks the same."""
        self.begin()
        known = [*self.desk.accounts, None]
        account: Account | None = dice.picked(known)
        there = account is not None and not account.deleted
        name = account.name if account else "nobody-at-all"
        body = {"site": SITE, "account": name, "kind": dice.kind, "text": "Not there."}
        answer = self.doors.api("POST", "/reports", keyed=False, json=body)

        def act() -> None:
            if there:
                showing.open_case(self.desk, "report", account)

        self.end("report", answer, set(), act, right=202, least=int(there))
        return True

    def protect(self, dice: Dice) -> bool:
        """The platform says that an account is one to protect, or no longer."""
        self.begin()
        alive = [one for one in self.desk.accounts if not one.deleted]
        account: Account = dice.picked(alive)
        hidden = not account.hidden
        body = {
            "handle": f"{account.name}-handle",
            "name": account.name.title(),
            "protection": "minor" if hidden else "none",
        }
        answer = self.doors.api("PUT", f"/sites/{SITE}/accounts/{account.name}", json=body)
        assert answer.json["verdict"] == "accepted", answer.page

        def act() -> None:
            arriving.protect(self.desk, account, hidden)

        self.end("protect", answer, set(), act, right=200, least=0)
        return True

    def delete(self, dice: Dice) -> bool:
        """One account goes at most, late, so that there is enough left to tell of."""
        account: Account = self.desk.accounts[1]
        if account.deleted or len(self.desk.decisions) < 4:
            return False
        self.begin()
        answer = self.doors.api("DELETE", f"/sites/{SITE}/accounts/{account.name}")
        assert answer.json == {"deleted": True}

        def act() -> None:
            arriving.delete(self.desk, account)

        self.end("delete", answer, set(), act, right=200)
        return True

    def time_passes(self, dice: Dice) -> bool:
        """And the worker does what is due."""
        self.time.now += dice.span
        reversing.pass_time(self.desk, dice.span)
        batching.run_all(self.desk)
        self.doors.worker()
        self.counts.steps["time_passes", "done"] += 1
        self.comparison.look()
        return True

    def contest(self, dice: Dice) -> bool:
        """The holder opens their page by a fresh link, reads it and contests the label."""
        options = self.desk.accounts
        if dice.aim:
            options = [
                one for one in options if not weighing.contesting(self.desk, one, fresh=True)
            ]
        if not options:
            return False
        self.begin()
        account: Account = dice.picked(options)
        door = self.doors.holder(account.name)
        assert (door is None) == account.deleted
        if door is None:
            self.counts.steps["contest", "404"] += 1
            return True
        page = door.look()
        assert page.status == 200
        assert nobody_named(page.page), "the holder's page names somebody of the desk"
        assert page.words.count("WORDS FOR THE HOLDER") == self._answered(account), page.words
        refusals = weighing.contesting(self.desk, account, fresh=dice.seen)
        answer = door.contest(account.version if dice.seen else account.version + 1)
        assert nobody_named(answer.page)
        if answer.status == 403:  # the page had no form, and so no token
            assert {code for _, code in refusals} - {"label-moved"}, answer.words
            self.counts.steps["contest", "403"] += 1
            self.comparison.look()
        else:
            self.end("contest", answer, refusals, lambda: acting.contest(self.desk, account))
        return True

    def _answered(self, account: Account) -> int:
        """How many of the holder's contests have been answered."""
        return sum(
            one.account is account and one.kind == "contest" and one.answered_version is not None
            for one in self.desk.cases
        )
