"""A sample of what a brake holds: let go first, looked at, then followed or taken back."""

import json
from collections import Counter

import pytest
import sqlalchemy as sa

from shudi.audit.store import AuditRow
from shudi.cases.actions import brakes, erasure, upkeep
from shudi.cases.rules import CaseKind
from shudi.errors import NotAllowed, Refused, Stale
from shudi.labels.queries import brakes as reading
from shudi.labels.rules.brakes import Sampled
from shudi.labels.store import Brake, DroppedResult, HeldResult, LatestActivity
from shudi.labels.store.samples import BrakeSample
from tests.actions.desk import DAY, HOUR, Desk
from tests.people import ALICE, AUDREY, BOB, PLATFORM, SAM, SONJA, owning

KEY = b"k" * 32
NAMES = [f"user-{at:02}" for at in range(60)]
SIZE = 20


@pytest.fixture
def busy(make_desk) -> Desk:
    """Sixty accounts in CN-GD, and then a brake that holds them all back from US."""
    desk = make_desk(brake_minimum=3, brake_share=0.2, brake_region=100)
    desk.see(*[(name, "CN-GD") for name in NAMES])
    desk.now += 2 * HOUR
    desk.see(*[(name, "US") for name in NAMES])
    return desk


def _act(desk, act, by=SAM, **more):
    [brake] = desk.rows(sa.select(Brake).where(Brake.state == "held"))
    values = {"brake_id": brake.id, "version": brake.version} | more
    return desk.act(getattr(brakes, act), actor=by, **values)


def _sample(desk, by=SAM, **more):
    return _act(desk, "sample", by, **({"key": KEY} | more))


def _places(desk) -> dict[str, int]:
    return dict(Counter(desk.labels().values()))


def _drawn(desk) -> list[str]:
    with desk.database.read_session() as session:
        return [row.account for row in reading.sampled(session, brake_id=1)]


def _difference(desk) -> reading.Difference:
    with desk.database.read_session() as session:
        return reading.difference(session, brake_id=1)


def _outcomes(desk) -> dict[Sampled, int]:
    found = desk.rows(sa.select(BrakeSample.outcome))
    return {one: found.count(one) for one in set(found)}


def test_a_sample_goes_and_the_rest_waits(busy):
    desk = busy
    with desk.logged(brake__sampled=1):
        assert _sample(desk) == SIZE
    assert _places(desk) == {"CN-GD": 40, "US": SIZE}
    assert desk.count(HeldResult) == 40
    brake = desk.read(Brake, 1)
    assert (brake.state, brake.sampled_at, brake.sampled_by) == ("held", desk.now, SAM.staff_id)
    row = desk.rows(sa.select(AuditRow).where(AuditRow.action == "brake.sampled"))[-1]
    assert json.loads(row.after) == {"state": "held", "accounts": SIZE}
    [case] = desk.cases(CaseKind.BRAKE)
    assert (case.state.value, desk.events(case.id)) == ("open", ["opened", "sampled"])
    with desk.database.read_session() as session:
        shown = reading.sampled(session, brake_id=1)
    assert {(one.before, one.region, one.region_now) for one in shown} == {("CN-GD", "US", "US")}
    assert {one.outcome for one in shown} == {Sampled.CHANGED}
    one = shown[0]
    assert [source.region for source in one.evidence.sources] == ["US"]
    assert [source.region for source in one.evidence_before.sources] == ["CN-GD"]
    desk.see((next(name for name in NAMES if name not in _drawn(desk)), "GB"), ("new", "HK"))
    assert _places(desk) == {"CN-GD": 40, "US": SIZE}


def test_the_draw_is_not_by_name(busy):
    desk = busy
    _sample(desk)
    drawn = _drawn(desk)
    assert len(set(drawn)) == SIZE
    assert drawn != NAMES[:SIZE]
    assert drawn != NAMES[-SIZE:]


def test_accepting_lets_the_rest_follow(busy):
    desk = busy
    _sample(desk)
    with desk.logged(brake__accepted=1):
        assert _act(desk, "accept", waive_hours=0).changed == 40
    assert _places(desk) == {"US": 60}
    assert desk.count(HeldResult) == 0
    assert _outcomes(desk) == {Sampled.CHANGED: SIZE}
    _sealed(desk)


def _sealed(desk):
    """What a sample keeps once it is decided says no more than what came of it."""
    for row in desk.rows(sa.select(BrakeSample)):
        assert (row.evidence, row.before_at, row.before_evidence_id) == ("", None, None)


def test_rejecting_takes_the_sample_back(busy):
    desk = busy
    before = {name: desk.latest_at(name) for name in NAMES}
    _sample(desk)
    drawn = _drawn(desk)
    assert desk.label(drawn[0]).version == 2
    with desk.logged(brake__rejected=1):
        assert _act(desk, "reject") == (SIZE, 0)
    assert _places(desk) == {"CN-GD": 60}
    assert {name: desk.latest_at(name) for name in NAMES} == before
    assert desk.label(drawn[0]).version == 3  # readers saw it come and go
    assert _outcomes(desk) == {Sampled.REVERTED: SIZE}
    row = desk.rows(sa.select(AuditRow).where(AuditRow.action == "brake.rejected"))[-1]
    assert json.loads(row.after) == {
        "state": "rejected", "changed": 0, "reverted": SIZE, "kept": 0,
    }  # fmt: skip
    _sealed(desk)
    desk.see((drawn[0], "GB"))
    assert desk.place(drawn[0])[1] == "GB"  # later activity speaks as ever
    assert desk.verified()


def test_a_first_label_in_a_sample_is_none_again(make_desk):
    desk = make_desk(brake_region=50)
    desk.see(*[(name, "US") for name in NAMES])
    _sample(desk)
    assert _places(desk) == {"US": SIZE}
    [one, *_] = _drawn(desk)
    _act(desk, "reject")
    assert desk.place(one) == ("none", None, "none", False)
    assert desk.count(LatestActivity) == 0
    assert desk.label(one).version == 2  # shown, and not shown any more: the feed says so


def test_what_came_since_outranks_taking_back(busy):
    desk = busy
    _sample(desk)
    corrected, protected, gone, moved, repeated = _drawn(desk)[:5]
    desk.correct(corrected, "withhold")
    desk.put(protected, protection="minor")
    desk.act(erasure.delete_account, actor=PLATFORM, site_id=desk.site, account=gone)
    desk.correct(moved, "withhold", by=ALICE)
    desk.see((moved, "GB"))  # nobody sees it, so it is written: the sample is not the last word
    desk.see((repeated, "US"))  # the same stream again is what is rejected
    assert desk.count(BrakeSample) == SIZE - 1
    assert _act(desk, "reject") == (SIZE - 2, 1)
    assert desk.place(corrected)[0] == "withheld"
    assert desk.label(corrected).resolved_region == "CN-GD"
    assert desk.place(protected)[0] == "none"
    assert desk.label(protected).resolved_region == "CN-GD"
    assert desk.label(moved).resolved_region == "GB"
    assert desk.place(repeated)[1] == "CN-GD"
    assert _outcomes(desk)[Sampled.KEPT] == 1


def test_a_correction_hides_what_a_sample_wrote(busy):
    desk = busy
    for name in NAMES:
        if name.endswith("0"):
            desk.correct(name, "withhold")
    _sample(desk)
    hidden = [name for name in _drawn(desk) if name.endswith("0")]
    assert _outcomes(desk).get(Sampled.QUIET, 0) == len(hidden) > 0
    assert desk.count(DroppedResult) == len(hidden)
    assert {desk.place(name)[0] for name in hidden} == {"withheld"}
    _act(desk, "reject")
    assert {desk.label(name).resolved_region for name in hidden} == {"CN-GD"}


def test_the_difference_is_of_all_that_is_held_now(busy):
    desk = busy
    assert _difference(desk) == reading.Difference(60, [("CN-GD", "US", 60)])
    desk.see((NAMES[0], "GB"), (NAMES[1], "CN-GD"), ("newcomer", "HK"))
    assert _difference(desk).moves == [
        ("CN-GD", "US", 58), ("", "HK", 1), ("CN-GD", "GB", 1),
    ]  # fmt: skip
    _act(desk, "reject")
    assert _difference(desk).accounts == 0
    recorded = desk.read(Brake, 1).diff
    assert (recorded["accounts"], recorded["all"]) == (60, True)
    assert recorded["moves"][0] == ["CN-GD", "US", 58]


def test_a_label_without_a_place_is_told_from_none(make_desk, doubting):
    desk = make_desk(doubting, brake_minimum=1, brake_share=0.5)
    desk.see(("ann", "US?"), ("bo", "CN-GD"))
    desk.now += 2 * HOUR
    desk.see(("ann", "GB"), ("bo", "GB"), ("cy", "GB"))
    assert _difference(desk).moves == [("", "GB", 1), ("-", "GB", 1), ("CN-GD", "GB", 1)]


def test_who_takes_a_sample_and_when(busy):
    desk = busy
    for who in (ALICE, BOB, AUDREY, PLATFORM):
        with desk.refused(NotAllowed, "role"):
            _sample(desk, who)
    own = owning(SAM, desk.id(NAMES[0]))
    with desk.refused(NotAllowed, "own-account-held"):
        _sample(desk, own)
    with desk.refused(Stale, "brake-decided"):
        _sample(desk, version=7)
    _sample(desk)
    with desk.refused(Stale, "brake-sampled"):
        _sample(desk, SONJA)
    for act, more in (("accept", {"waive_hours": 0}), ("reject", {}), ("sample", {"key": KEY})):
        with desk.refused(Stale, "brake-sampled"):
            _act(desk, act, version=1, **more)
    mine = owning(SAM, desk.id(_drawn(desk)[0]))
    for act, more in (("accept", {"waive_hours": 0}), ("reject", {})):
        with desk.refused(NotAllowed, "own-account-held"):
            _act(desk, act, mine, **more)
    _act(desk, "reject", SONJA)
    with pytest.raises(Stale) as caught:
        desk.act(brakes.sample, actor=SAM, brake_id=1, version=3, key=KEY)
    assert caught.value.code == "brake-decided"


def test_too_few_for_a_sample(make_desk):
    desk = make_desk(brake_region=30)
    desk.see(*[(name, "US") for name in NAMES[:39]])
    with desk.refused(Refused, "sample-too-few"):
        _sample(desk)
    desk.see((NAMES[39], "US"))
    assert _sample(desk) == SIZE


def test_samples_are_forgotten_in_time(busy):
    desk = busy
    _sample(desk)
    _act(desk, "accept", waive_hours=0)
    desk.now += desk.settings.retention_days * DAY + HOUR
    while desk.act(upkeep.purge, settings=desk.settings):
        pass
    assert desk.count(BrakeSample) == 0
