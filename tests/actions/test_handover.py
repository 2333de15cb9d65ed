"""Handing a case to somebody, passing it over, and being there."""

from datetime import timedelta

import sqlalchemy as sa

from shudi.cases.actions import claims, handover, presence, skips, upkeep, views
from shudi.cases.queries import queue, tabs
from shudi.cases.queries.presence import present
from shudi.cases.queries.queue import Filter
from shudi.cases.queries.timeline import timeline
from shudi.cases.queries.views import views_of
from shudi.cases.rules import HANDED_FOR, PRESENT_FOR, SKIPPED_FOR, VIEWS_MOST, CaseKind
from shudi.cases.store import Claim, Excluded
from shudi.cases.store.queue import Handover, Presence, SavedView, Skip
from shudi.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from shudi.staff.store import OwnAccount
from tests.actions.desk import Desk
from tests.people import ALICE, AMIR, AUDREY, BOB, SAM, SONJA, owning

MINUTE = timedelta(minutes=1)


def _case(desk: Desk, account: str = "ann") -> int:
    desk.see((account, "CN-GD"))
    desk.report(account)
    return desk.cases(CaseKind.REPORT, account)[-1].id


def _claim(desk: Desk, case: int) -> Claim | None:
    query = sa.select(Claim).where(Claim.case_id == case, Claim.ended_at.is_(None))
    return next(iter(desk.rows(query)), None)


def _assign(desk: Desk, case: int, to, by=ALICE, **more):
    active = _claim(desk, case)
    seen = {"seen_claim": active.id if active else 0, "text": ""} | more
    return desk.act(handover.assign, actor=by, case_id=case, to=to.staff_id, **seen)


def _skip(desk: Desk, case: int, by=ALICE, reason="language", text=""):
    return desk.act(skips.skip, actor=by, case_id=case, reason=reason, text=text)


def test_who_holds_a_case_gives_it_to_another(desk):
    case = _case(desk)
    desk.claim(case)
    with desk.logged(case__assigned=1):
        assert _assign(desk, case, AMIR, text="Ask the operator") == desk.now + HANDED_FOR
    assert desk.events(case) == ["opened", "claimed", "assigned"]
    assert _claim(desk, case).staff_id == AMIR.staff_id
    with desk.database.read_session() as session:
        lines = timeline(session, case_id=case, account_id=desk.id("ann")).entries
    assert [one.receiver for one in lines if one.case_id == case] == ["amir", None, None]
    given = desk.rows(sa.select(Handover))[0]
    assert (given.given_by, given.given_at) == (ALICE.staff_id, desk.now)
    with desk.refused(Stale, "claimed-by-other"):
        desk.decide("dismiss", case)
    desk.decide("dismiss", case, AMIR)


def test_what_was_given_comes_first_among_ones_own_and_keeps_its_time(desk):
    own, given = _case(desk, "ann"), _case(desk, "ben")
    desk.claim(own, AMIR)
    desk.claim(given)
    _assign(desk, given, AMIR)
    with desk.database.read_session() as session:
        rows = queue.mine(session, staff_id=AMIR.staff_id, now=desk.now)
        lines = tabs.held(session, staff_id=AMIR.staff_id, now=desk.now)
    assert [row.id for row in rows] == [line.id for line in lines] == [given, own]
    assert [line.given_by for line in lines] == ["alice", None]
    until = desk.act(claims.renew, actor=AMIR, case_id=given, settings=desk.settings)
    assert until == desk.now + HANDED_FOR
    assert desk.claim(given, AMIR) == desk.now + HANDED_FOR


def test_only_a_senior_gives_what_they_do_not_hold(desk):
    case = _case(desk)
    with desk.refused(NotAllowed, "role"):
        _assign(desk, case, AMIR)
    with desk.logged(case__assigned=1):
        _assign(desk, case, AMIR, by=SAM)
    with desk.refused(NotAllowed, "role"):
        _assign(desk, case, SONJA)
    with desk.logged(case__assigned=1):
        _assign(desk, case, SONJA, by=SAM)
    assert _claim(desk, case).staff_id == SONJA.staff_id
    assert desk.count(Claim, Claim.ended_at.is_(None)) == 1


def test_to_whom_a_case_is_not_given(desk):
    case = _case(desk)
    desk.claim(case)
    for person in (BOB, AUDREY):
        with desk.refused(Refused, "receiver-role"):
            _assign(desk, case, person)
    with desk.refused(Refused, "receiver-holds"):
        _assign(desk, case, ALICE)
    with desk.refused(NotFound, "staff-unknown"):
        desk.act(
            handover.assign,
            actor=ALICE,
            case_id=case,
            to=999,
            seen_claim=_claim(desk, case).id,
            text="",
        )
    with desk.database.transaction() as session:
        session.add(
            OwnAccount(staff_id=AMIR.staff_id, account_id=desk.id("ann"), declared_at=desk.now)
        )
        session.add(Excluded(case_id=case, staff_id=SONJA.staff_id))
    for person in (AMIR, SONJA):
        with desk.refused(Refused, "receiver-barred"):
            _assign(desk, case, person)
    with desk.refused(Invalid, "text-too-long"):
        _assign(desk, case, SAM, text="x" * 501)


def test_who_does_not_give_a_case(desk):
    case = _case(desk)
    for who, code in ((AUDREY, "role"), (owning(SAM, desk.id("ann")), "own-account")):
        with desk.refused(NotAllowed, code):
            _assign(desk, case, AMIR, by=who)
    with desk.database.transaction() as session:
        session.add(Excluded(case_id=case, staff_id=SAM.staff_id))
    with desk.refused(NotAllowed, "own-decision"):
        _assign(desk, case, AMIR, by=SAM)
    desk.claim(case)
    desk.decide("dismiss", case)
    with desk.refused(Refused, "case-closed"):
        _assign(desk, case, AMIR, by=SONJA)


def test_an_old_page_gives_nothing_away(desk):
    case = _case(desk)
    desk.claim(case)
    seen = _claim(desk, case).id
    _assign(desk, case, AMIR)
    for stale in (seen, 0):
        with desk.refused(Stale, "claim-moved"):
            _assign(desk, case, SONJA, by=SAM, seen_claim=stale)


def test_a_skipped_case_leaves_ones_own_list_for_a_day(desk):
    case, other = _case(desk, "ann"), _case(desk, "ben")
    desk.claim(case)
    with desk.logged(case__skipped=1):
        assert _skip(desk, case) == desk.now + SKIPPED_FOR
    assert desk.events(case) == ["opened", "claimed", "skipped"]
    assert _claim(desk, case) is None

    def listed(who, **changes):
        wanted = Filter(staff_id=who.staff_id, **changes)
        with desk.database.read_session() as session:
            rows, _ = queue.page(session, wanted=wanted, now=desk.now)
            return [row.id for row in rows], tabs.counts(session, wanted=wanted, now=desk.now)

    assert listed(ALICE)[0] == [other]
    assert listed(ALICE)[1].skipped == 1
    assert listed(ALICE, skipped=True)[0] == [case]
    assert listed(AMIR)[0] == [case, other]
    take = {"settings": desk.settings}
    assert desk.act(claims.claim_next, actor=ALICE, **take) == other
    assert desk.act(claims.claim_next, actor=ALICE, **take) is None
    desk.now += SKIPPED_FOR + MINUTE
    assert listed(ALICE)[0] == [case, other]


def test_taking_up_or_being_given_a_skipped_case_ends_the_skip(desk):
    case = _case(desk)
    _skip(desk, case)
    _skip(desk, case, reason="other", text="Later")
    desk.claim(case)
    assert desk.count(Skip) == 0
    _skip(desk, case, by=AMIR)
    _assign(desk, case, AMIR)
    assert desk.count(Skip) == 0


def test_skipping_needs_a_reason_and_a_case_that_is_open(desk):
    case = _case(desk)
    with desk.refused(Invalid, "reason-needed"):
        _skip(desk, case, reason="dull")
    with desk.refused(Invalid, "text-needed"):
        _skip(desk, case, reason="other")
    with desk.refused(NotAllowed, "role"):
        _skip(desk, case, by=AUDREY)
    desk.claim(case)
    desk.decide("dismiss", case)
    with desk.refused(Refused, "case-closed"):
        _skip(desk, case)


def test_somebody_elses_claim_stays_when_one_skips(desk):
    case = _case(desk)
    desk.claim(case, AMIR)
    _skip(desk, case)
    assert _claim(desk, case).staff_id == AMIR.staff_id


def test_presence_is_over_a_good_minute_after_the_last_beat(desk):
    case = _case(desk)

    def seen(but=ALICE):
        with desk.database.read_session() as session:
            return present(session, case_ids=[case], but=but.staff_id, now=desk.now)

    with desk.logged():
        desk.act(presence.arrive, actor=AMIR, case_id=case)
        desk.act(presence.arrive, actor=AUDREY, case_id=case)
    assert seen() == {case: ["amir", "audrey"]}
    assert seen(AMIR) == {case: ["audrey"]}
    with desk.database.transaction() as session:
        presence.leave(session, actor=AUDREY, case_id=case)
    assert seen() == {case: ["amir"]}
    desk.now += PRESENT_FOR - MINUTE / 4
    desk.act(presence.arrive, actor=AMIR, case_id=case)
    desk.now += PRESENT_FOR
    assert seen() == {}
    with desk.refused(NotFound, "case-unknown"):
        desk.act(presence.arrive, actor=AMIR, case_id=999)
    with desk.refused(NotAllowed, "role"):
        desk.act(presence.arrive, actor=BOB, case_id=case)


def test_the_worker_forgets_presence_and_skips_that_are_over(desk):
    case = _case(desk)
    desk.act(presence.arrive, actor=AMIR, case_id=case)
    _skip(desk, case)
    desk.act(upkeep.purge, settings=desk.settings)
    assert (desk.count(Presence), desk.count(Skip)) == (1, 1)
    desk.now += SKIPPED_FOR + MINUTE
    desk.act(upkeep.purge, settings=desk.settings)
    assert (desk.count(Presence), desk.count(Skip)) == (0, 0)


def test_views_are_kept_by_person_and_name(desk):
    def save(name, query="holder=mine", by=ALICE):
        return desk.act(views.save_view, actor=by, name=name, query=query)

    with desk.logged(view__saved=3):
        first = save(" Mine ")
        assert save("Mine", "overdue=1") == first
        save("Mine", by=AUDREY)
    with desk.database.read_session() as session:
        kept = views_of(session, staff_id=ALICE.staff_id)
    assert [(one.name, one.query) for one in kept] == [("Mine", "overdue=1")]
    for name, code in ((" ", "text-needed"), ("x" * 61, "text-too-long"), ("\x07", "text-invalid")):
        with desk.refused(Invalid, code):
            save(name)
    with desk.refused(NotFound, "view-unknown"):
        desk.act(views.remove_view, actor=AMIR, view_id=first)
    with desk.logged(view__removed=1):
        desk.act(views.remove_view, actor=ALICE, view_id=first)
    for at in range(VIEWS_MOST):
        save(f"View {at}")
    with desk.refused(Refused, "views-full"):
        save("One more")
    save("View 1", "")
    assert desk.count(SavedView, SavedView.staff_id == ALICE.staff_id) == VIEWS_MOST
