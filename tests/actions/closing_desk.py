"""A desk with two sites and two admins, and what is done to end the first of them."""

from shudi.cases.actions import holders
from shudi.cases.actions.batches import life
from shudi.cases.actions.site_closing import close_site
from shudi.cases.actions.site_erasure import erase_some
from shudi.cases.rules.batches import BatchAct, Listed, Terms
from shudi.sites.actions import closing
from shudi.staff.rules import Actor, Role
from tests.people import ALICE, AMIR, BOB, SAM, SONJA

WORDS = "Words that must go"
WHY = "The community moved elsewhere."
SECOND = Actor.staff(SONJA.staff_id, name="sonja", role=Role.ADMIN)


def propose(desk, by=BOB, **more):
    values = {"site_id": desk.site, "key": "forum", "reason": WHY}
    return desk.act(closing.propose, actor=by, **(values | more))


def close(desk, by=SECOND, number=None):
    return desk.act(close_site, actor=by, closing_id=number or propose(desk))


def erase(desk, **more):
    """Until nothing is left; returns in how many transactions."""
    for turn in range(500):
        if not desk.act(erase_some, **more):
            return turn
    raise AssertionError("erasing does not end")


def lived(desk, account):
    """An account with a bit of everything."""
    desk.put(account, name="Ann Example", handle=f"{account}-e", bio=WORDS)
    desk.see((account, "CN-GD"))
    correction = desk.correct(account, "withhold", evidence=WORDS)
    desk.see((account, "US"))  # a result that is held back
    desk.lift(correction.id, SAM, WORDS)
    desk.correct(account, "mark_uncertain", evidence=WORDS)
    desk.contest(account, WORDS)
    desk.report(account, WORDS)
    desk.act(holders.open_link, token=desk.link(account))
    desk.link(account)
    desk.correct(account, "replace", "HK", by=AMIR, evidence=WORDS)


def withhold_some(desk, *accounts):
    return desk.act(
        life.create,
        actor=ALICE,
        uid="u" * 32,
        site_id=desk.site,
        terms=Terms(act=BatchAct.WITHHOLD, reason="protection", text=WORDS),
        listed=[Listed(one) for one in accounts],
        settings=desk.settings,
    )
