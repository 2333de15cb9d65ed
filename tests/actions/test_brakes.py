"""Brakes: what is too large to pass by itself waits for a person."""

import json

import pytest
import sqlalchemy as sa

from shudi.audit.store import AuditRow
from shudi.cases.actions import brakes, upkeep
from shudi.cases.rules import CaseKind
from shudi.cases.store import Claim
from shudi.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from shudi.labels.store import Brake, DroppedResult, HeldResult, Moves, Tally
from shudi.sites.store import Site
from tests import factories
from tests.actions.desk import DAY, HOUR, SECOND, Desk
from tests.conftest import NOW
from tests.people import ALICE, AUDREY, BOB, PLATFORM, SAM, SONJA, owning

NAMES = [f"user-{at}" for at in range(10)]


@pytest.fixture
def busy(make_desk) -> Desk:
    """Ten accounts in CN-GD. More than two that move within an hour are too many."""
    desk = make_desk(brake_minimum=3, brake_share=0.2, brake_region=12)
    assert desk.see(*[(name, "CN-GD") for name in NAMES]).accepted == 10
    desk.now += 2 * HOUR
    return desk


def _held(desk) -> Brake | None:
    found = desk.rows(sa.select(Brake).where(Brake.state == "held"))
    assert len(found) <= 1
    return found[0] if found else None


def _decide(desk, act, by=SAM, **more):
    brake = _held(desk)
    values = {"brake_id": brake.id, "version": brake.version} | more
    return desk.act(getattr(brakes, act), actor=by, **values)


def _trip(desk, count=3, place="US"):
    desk.see(*[(name, place) for name in NAMES[:count]])
    return _held(desk)


def _regions(desk, count=10):
    labels = desk.labels()
    return [labels[name] for name in NAMES[:count]]


def test_a_large_share_stops(busy):
    desk = busy
    assert _trip(desk, 2) is None
    desk.now += 2 * HOUR
    with desk.logged(sightings__taken=1, case__opened=1):
        brake = _trip(desk, 3, "GB")
    assert (brake.rule, brake.origin, brake.state) == ("share", "sightings", "held")
    assert brake.diff == {"moves": [["US", "GB", 2], ["CN-GD", "GB", 1]], "accounts": 3}
    assert _regions(desk) == ["US", "US", *["CN-GD"] * 8]
    assert desk.count(HeldResult) == 3
    [case] = desk.cases(CaseKind.BRAKE)
    assert (case.brake_id, case.account_id, case.severity) == (brake.id, None, 4)
    row = desk.rows(sa.select(AuditRow).where(AuditRow.action == "sightings.taken"))[-1]
    assert json.loads(row.after) == {"accepted": 3, "rejected": 0, "changed": 0, "held": 3}


def test_portions_within_the_hour_add_up(busy):
    desk = busy
    for name in NAMES[:2]:
        desk.see((name, "US"))
        desk.now += HOUR / 3
    desk.see((NAMES[2], "US"))
    assert _held(desk).rule == "share"
    assert _regions(desk, 3) == ["US", "US", "CN-GD"]


def test_an_hour_later_the_count_is_forgotten(busy):
    desk = busy
    for at in range(3):
        desk.see((NAMES[2 * at], "US"), (NAMES[2 * at + 1], "US"))
        desk.now += HOUR
    assert _held(desk) is None


def test_below_the_minimum_the_share_says_nothing(make_desk):
    desk = make_desk(brake_minimum=5, brake_share=0.01)
    desk.see(*[(name, "CN-GD") for name in NAMES])
    desk.see(*[(name, "US") for name in NAMES[:4]])
    assert _held(desk) is None
    desk.see((NAMES[4], "US"))
    assert _held(desk).rule == "share"


def test_first_labels_count_towards_one_region_only(make_desk):
    desk = make_desk(brake_minimum=1, brake_share=0.01, brake_region=5)
    assert desk.see(*[(name, "CN-GD") for name in NAMES[:5]]).accepted == 5
    assert _held(desk) is None  # no share of anything, and five are not more than five
    desk.see(*[(name, "US") for name in NAMES[5:9]])
    assert _held(desk) is None
    desk.see((NAMES[9], "CN-GD"))
    assert _held(desk).rule == "region"
    assert NAMES[9] not in desk.labels()
    assert desk.place(NAMES[9]) == ("none", None, "none", False)
    assert _decide(desk, "accept", waive_hours=0).changed == 1
    assert desk.place(NAMES[9]) == ("labelled", "CN-GD", "activity", False)


def test_moves_without_a_place_fill_no_region(make_desk, doubting):
    desk = make_desk(doubting, brake_region=3)
    desk.see(*[(name, "US?") for name in NAMES])
    assert _held(desk) is None


def test_while_it_is_held_all_changes_wait_in_one_brake(busy):
    desk = busy
    brake = _trip(desk)
    desk.see(("newcomer", "HK"), (NAMES[9], "HK"), (NAMES[0], "GB"), (NAMES[8], "CN-GD"))
    assert _held(desk).id == brake.id
    assert len(desk.cases(CaseKind.BRAKE)) == 1
    assert "newcomer" not in desk.labels()
    assert desk.latest_at(NAMES[8]) == desk.now  # no change: nothing to hold
    assert desk.count(Tally, Tally.region == "HK") == 2  # what was seen is kept all the same
    released = _decide(desk, "accept", waive_hours=0)
    assert (released.changed, released.overtaken) == (5, 0)
    expected = {"newcomer": "HK", NAMES[9]: "HK", NAMES[0]: "GB", NAMES[1]: "US", NAMES[3]: "CN-GD"}
    assert expected.items() <= desk.labels().items()


def test_another_site_goes_on(busy):
    desk = busy
    with desk.database.transaction() as session:
        factories.make_site(session, now=NOW, key="other")
    _trip(desk)
    desk.take(("ann", "US"), site="other")
    assert desk.labels()["ann"] == "US"


def test_accepting_applies_the_latest_unless_overtaken(busy):
    desk = busy
    _trip(desk, 5)
    before = desk.label(NAMES[4]).version
    desk.see((NAMES[0], "GB"))  # held later: the latest counts
    desk.take((NAMES[1], "HK", desk.now - 30 * SECOND))  # held earlier: it does not
    desk.see((NAMES[2], "CN-GD"))  # moved back: held no longer
    assert desk.count(HeldResult) == 4
    desk.correct(NAMES[3], "withhold")  # a correction outranks it
    desk.put(NAMES[4], protection="minor")
    with desk.logged(brake__accepted=1):
        released = _decide(desk, "accept", waive_hours=0)
    assert (released.changed, released.overtaken) == (2, 1)
    assert _regions(desk, 5) == ["GB", "US", "CN-GD", "withheld", "none"]
    [dropped] = desk.rows(sa.select(DroppedResult))
    assert dropped.region == "US"
    desk.put(NAMES[4])
    assert desk.place(NAMES[4])[:2] == ("labelled", "US")
    assert desk.label(NAMES[4]).version == before + 2  # hidden and shown, no more
    assert desk.count(HeldResult) == 0


def test_rejecting_keeps_the_old_labels(busy):
    desk = busy
    _trip(desk)
    brake = _held(desk)
    desk.see(("newcomer", "HK"))
    with desk.logged(brake__rejected=1):
        _decide(desk, "reject")
    assert set(desk.labels().values()) == {"CN-GD"}
    assert desk.count(HeldResult) == 0
    done = desk.read(Brake, brake.id)
    assert (done.state, done.decided_by) == ("rejected", SAM.staff_id)
    assert [case.state.value for case in desk.cases(CaseKind.BRAKE)] == ["closed"]


def test_what_was_rejected_does_not_count_again(busy):
    desk = busy
    _trip(desk, 10)
    desk.see(("newcomer", "HK"))
    _decide(desk, "reject")
    for name in NAMES[:2]:
        desk.see((name, "GB"))
        assert _held(desk) is None
    desk.see((NAMES[2], "GB"))  # smaller portions move no more than the limit in an hour
    assert _held(desk) is not None
    assert _regions(desk, 3) == ["GB", "GB", "CN-GD"]
    _decide(desk, "reject")
    desk.see((NAMES[2], "GB"))  # what readers saw move still counts
    assert _held(desk) is not None
    _decide(desk, "reject")
    desk.now += 2 * HOUR
    desk.see((NAMES[2], "GB"))
    assert _regions(desk, 3) == ["GB", "GB", "GB"]


def test_who_decides_on_a_brake(busy):
    desk = busy
    brake = _trip(desk)
    for who in (ALICE, BOB, AUDREY, PLATFORM):
        for act, more in (("accept", {"waive_hours": 0}), ("reject", {})):
            with desk.refused(NotAllowed, "role"):
                _decide(desk, act, who, **more)
    for hours in (-1, 73):
        with desk.refused(Invalid, "waive-range"):
            _decide(desk, "accept", waive_hours=hours)
    with desk.refused(NotFound, "brake-unknown"):
        _decide(desk, "reject", brake_id=999)
    with desk.refused(Stale, "brake-decided"):
        _decide(desk, "reject", version=brake.version + 1)
    _decide(desk, "accept", SONJA, waive_hours=0)
    for act, more in (("accept", {"waive_hours": 0}), ("reject", {})):
        with desk.refused(Stale, "brake-decided"):
            desk.act(
                getattr(brakes, act), actor=SAM, brake_id=brake.id, version=brake.version, **more
            )
    assert desk.verified()


def test_nobody_decides_on_a_brake_that_holds_an_account_of_their_own(busy):
    desk = busy
    _trip(desk)
    sam = owning(SAM, desk.id(NAMES[0]), desk.id(NAMES[9]))
    for act, more in (("accept", {"waive_hours": 0}), ("reject", {})):
        with desk.refused(NotAllowed, "own-account-held"):
            _decide(desk, act, sam, **more)
    _decide(desk, "accept", owning(SONJA, desk.id(NAMES[9])), waive_hours=0)  # it does not move


def test_a_waiver_lets_more_pass_for_its_hours(busy):
    desk = busy
    _trip(desk)
    _decide(desk, "accept", waive_hours=2)
    start = desk.now
    assert desk.read(Site, desk.site).brake_waived_until == start + 2 * HOUR
    desk.see(*[(name, "GB") for name in NAMES])
    assert set(_regions(desk)) == {"GB"}
    desk.now = start + 2 * HOUR - SECOND * 2
    desk.see(*[(name, "HK") for name in NAMES])
    assert set(_regions(desk)) == {"HK"}
    desk.now = start + 2 * HOUR
    desk.see(*[(name, "TW") for name in NAMES])
    assert _held(desk) is not None
    assert set(_regions(desk)) == {"HK"}


def test_a_brakes_case_is_decided_on_its_own_page(busy):
    desk = busy
    _trip(desk)
    [case] = desk.cases(CaseKind.BRAKE)
    desk.claim(case.id, SAM)
    for act in ("keep", "dismiss"):
        with desk.refused(Refused, "brake-case"):
            desk.decide(act, case.id, SAM)
    _decide(desk, "reject")
    assert desk.count(Claim, Claim.ended_at.is_(None)) == 0  # its claim ends with it
    assert desk.events(case.id) == ["opened", "claimed", "closed"]


def test_the_counts_are_purged(busy):
    desk = busy
    assert desk.count(Moves) > 0
    desk.now += DAY
    while desk.act(upkeep.purge, settings=desk.settings):
        pass
    assert desk.count(Moves) == 0
