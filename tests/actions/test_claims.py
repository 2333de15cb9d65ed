"""Claims: one person works on a case, for a visible while."""

from datetime import timedelta

from shudi.cases.actions import claims, upkeep
from shudi.cases.rules import CaseKind
from shudi.cases.store import Claim
from shudi.errors import NotAllowed, NotFound, Refused, Stale
from shudi.staff.actions import disable
from tests.actions.desk import DAY, Desk
from tests.people import ALICE, AMIR, AUDREY, BOB, PLATFORM, SAM, owning

MINUTE = timedelta(minutes=1)
LEASE = 15 * MINUTE


def _case(desk: Desk, account: str = "ann") -> int:
    desk.see((account, "CN-GD"))
    desk.report(account)
    return desk.cases(CaseKind.REPORT, account)[-1].id


def _next(desk: Desk, by=ALICE, **more):
    return desk.act(claims.claim_next, actor=by, settings=desk.settings, **more)


def _renew(desk: Desk, case: int, by=ALICE):
    return desk.act(claims.renew, actor=by, case_id=case, settings=desk.settings)


def _release(desk: Desk, case: int, by=ALICE):
    desk.act(claims.release, actor=by, case_id=case)


def test_a_lease_lasts_a_quarter_of_an_hour_and_is_renewed(desk):
    case = _case(desk)
    with desk.logged(case__claimed=1):
        assert desk.claim(case) == desk.now + LEASE
        desk.now += MINUTE
        assert desk.claim(case) == desk.now + LEASE  # claiming again renews it
        desk.now += LEASE - MINUTE
        assert _renew(desk, case) == desk.now + LEASE
    desk.now += LEASE - MINUTE
    with desk.refused(Stale, "claimed-by-other") as caught:
        desk.claim(case, AMIR)
    assert caught.value.facts == {"staff_id": ALICE.staff_id, "expires_at": desk.now + MINUTE}
    with desk.refused(Stale, "claim-lost"):
        _renew(desk, case, AMIR)
    assert desk.count(Claim, Claim.ended_at.is_(None)) == 1


def test_a_lapsed_lease_is_taken_over(desk):
    case = _case(desk)
    desk.claim(case)
    desk.now += LEASE
    with desk.logged(case__lapsed=1, case__claimed=1):
        desk.claim(case, AMIR)
    assert desk.events(case) == ["opened", "claimed", "lapsed", "claimed"]
    for act in (_renew, _release):
        with desk.refused(Stale, "claim-lost"):
            act(desk, case)
    with desk.refused(Stale, "claimed-by-other"):
        desk.decide("dismiss", case)
    desk.decide("dismiss", case, AMIR)


def test_a_lapsed_lease_that_nobody_took_still_counts(desk):
    case = _case(desk)
    desk.claim(case)
    desk.now += DAY
    desk.decide("dismiss", case)


def test_the_worker_ends_leases_that_ran_out(desk):
    case = _case(desk)
    desk.claim(case)
    desk.now += LEASE - MINUTE
    assert desk.act(upkeep.release_leases) == 0
    desk.now += MINUTE
    with desk.logged(case__lapsed=1):
        assert desk.act(upkeep.release_leases) == 1
        assert desk.act(upkeep.release_leases) == 0
    assert desk.events(case) == ["opened", "claimed", "lapsed"]
    with desk.refused(Refused, "not-claimed"):
        desk.decide("dismiss", case)


def test_the_worker_frees_what_somebody_held_who_works_here_no_longer(desk):
    case = _case(desk)
    desk.claim(case)
    desk.act(disable, actor=BOB, staff_id=ALICE.staff_id)
    assert desk.act(upkeep.release_leases) == 1  # the lease would run on
    desk.claim(case, AMIR)
    assert desk.act(upkeep.release_leases) == 0


def test_releasing_gives_it_back(desk):
    case = _case(desk)
    desk.claim(case)
    with desk.logged(case__released=1):
        _release(desk, case)
    with desk.refused(Stale, "claim-lost"):
        _release(desk, case)
    desk.claim(case, AMIR)


def test_who_may_claim_what(desk):
    case = _case(desk)
    mine = owning(ALICE, desk.id("ann"))
    for who, code in ((AUDREY, "role"), (BOB, "role"), (PLATFORM, "role"), (mine, "own-account")):
        with desk.refused(NotAllowed, code):
            desk.claim(case, who)
    with desk.refused(NotFound, "case-unknown"):
        desk.claim(999)
    desk.claim(case)
    proposal = desk.correct("ann", "replace", "US", case=case)
    with desk.refused(Refused, "case-awaiting"):
        desk.claim(case, AMIR)
    desk.approve(proposal.id)
    with desk.refused(Refused, "case-closed"):
        desk.claim(case, AMIR)


def test_the_next_case_is_the_most_severe_then_the_most_urgent(desk):
    accounts = ("other", "wrong", "harmful", "later", "mine")
    desk.see(*[(account, "CN-GD") for account in accounts])
    desk.report("other", kind="other")
    desk.report("wrong")
    desk.now += MINUTE
    desk.report("later")
    desk.report("harmful", kind="harmful_label")
    desk.report("mine", kind="harmful_label")
    desk.report("later", kind="outdated_label")
    cases = {account: desk.cases(CaseKind.REPORT, account)[0].id for account in accounts}
    alice = owning(ALICE, desk.id("mine"))
    order = [_next(desk, alice) for _ in range(5)]
    assert order == [cases[name] for name in ("harmful", "wrong", "later", "other")] + [None]
    assert _next(desk, AMIR, site_id=desk.site + 1) is None
    assert _next(desk, AMIR, site_id=desk.site) == cases["mine"]
    assert _next(desk, SAM) is None
    desk.now += LEASE
    assert _next(desk, SAM) == cases["harmful"]  # its lease lapsed
    assert desk.events(cases["harmful"]) == ["opened", "claimed", "lapsed", "claimed"]


def test_the_next_case_is_none_that_one_may_not_decide(desk):
    desk.see(("ann", "CN-GD"))
    desk.correct("ann", "withhold")
    contest = desk.contest("ann")
    assert _next(desk) is None
    assert _next(desk, AMIR) == contest


def test_an_account_declared_as_own_after_the_claim_is_not_worked_on_any_longer(desk):
    case = _case(desk)
    desk.claim(case)
    with desk.refused(NotAllowed, "own-account"):
        _renew(desk, case, by=owning(ALICE, desk.id("ann")))
