"""What the worker clears away, in small portions, and what it must leave."""

from datetime import date

import sqlalchemy as sa

from shudi.cases.actions import holders, upkeep
from shudi.cases.store import Case, Decision, HolderLink, HolderSession
from shudi.labels.actions.corrections import AtExpiry
from shudi.labels.rules import CorrectionState
from shudi.labels.store import Correction, DroppedResult, HeldResult, Tally
from tests.actions.desk import DAY, HOUR
from tests.conftest import NOW
from tests.people import ALICE


def _purge(desk):
    """Until nothing is left; how many went at each call."""
    portions = []
    while gone := desk.act(upkeep.purge, settings=desk.settings):
        portions.append(gone)
    return portions


def test_tallies_outlive_ninety_days_by_none(desk):
    for days in (90, 89, 1, 0):
        desk.take(("ann", "CN-GD", NOW - days * DAY))
    assert _purge(desk) == [1]  # that day began more than ninety days ago
    kept = desk.rows(sa.select(Tally.day).order_by(Tally.day))
    assert kept == [date(2025, 12, 15), date(2026, 3, 13), date(2026, 3, 14)]
    desk.now = NOW + 100 * DAY
    _purge(desk)
    assert desk.count(Tally) == 0
    assert desk.place("ann")[:2] == ("labelled", "CN-GD")  # the label is not a trail


def test_what_was_held_back_goes_with_the_activity_it_shows(make_desk, monkeypatch):
    desk = make_desk(brake_minimum=1, brake_share=0.1)
    names = [f"user-{at}" for at in range(7)]
    desk.see(*[(name, "CN-GD") for name in names])
    correction = desk.correct("user-0", "withhold")
    for place in ("US", "GB", "HK"):
        desk.see(("user-0", place))
    desk.see(*[(name, "US") for name in names[1:]])
    assert (desk.count(DroppedResult), desk.count(HeldResult)) == (3, 6)
    desk.now += 90 * DAY - HOUR
    desk.see(("user-0", "US"), ("user-1", "HK"))
    _purge(desk)
    assert (desk.count(DroppedResult), desk.count(HeldResult)) == (4, 6)
    desk.now += DAY
    monkeypatch.setattr(upkeep, "BATCH", 2)
    assert max(_purge(desk)) <= 8
    assert desk.rows(sa.select(DroppedResult.region)) == ["US"]
    assert desk.rows(sa.select(HeldResult.account_id)) == [desk.id("user-1")]
    assert desk.correction(correction.id).state is CorrectionState.IN_FORCE


def test_one_call_is_a_small_batch(make_desk):
    desk = make_desk(brake_region=5000)
    desk.take(*[(f"user-{at}", "CN-GD") for at in range(1100)])
    desk.now = NOW + 100 * DAY
    portions = _purge(desk)
    assert len(portions) == 3
    assert max(portions) <= upkeep.BATCH + 10
    assert desk.count(Tally) == 0


def test_links_and_sessions_go_when_they_are_over(desk):
    desk.put("ann")
    desk.act(holders.open_link, token=desk.link("ann"))
    _purge(desk)
    assert (desk.count(HolderLink), desk.count(HolderSession)) == (1, 1)
    desk.now = NOW + DAY
    _purge(desk)
    assert (desk.count(HolderLink), desk.count(HolderSession)) == (1, 0)
    desk.now = NOW + 3 * DAY
    _purge(desk)
    assert desk.count(HolderLink) == 0


def test_decisions_and_their_evidence_stay(desk):
    desk.see(("ann", "CN-GD"))
    desk.correct("ann", "withhold")
    desk.now = NOW + 400 * DAY
    _purge(desk)
    assert (desk.count(Decision), desk.count(Correction), desk.count(Case)) == (1, 1, 1)
    assert desk.rows(sa.select(Decision.frozen))[0]["resolved_region"] == "CN-GD"


def test_many_that_expire_at_once_are_taken_a_few_at_a_time(desk):
    for at in range(5):
        desk.see((f"user-{at}", "CN-GD"))
        way = AtExpiry.REVERT if at % 2 else AtExpiry.REQUEUE
        desk.correct(f"user-{at}", "coarsen", by=ALICE, expires_at=NOW + DAY, at_expiry=way)
    desk.now = NOW + 2 * DAY
    assert [desk.act(upkeep.expire_corrections, limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert sorted(desk.labels().values()) == ["CN", "CN", "CN", "CN-GD", "CN-GD"]
    assert desk.verified()
