"""From what was seen to what is shown: stability, doubt, hidden accounts, results held back."""

import pytest
import sqlalchemy as sa

from shudi.cases.rules import CaseKind
from shudi.errors import Refused
from shudi.labels.queries.served import NOT_COVERED, NOTHING_SHOWN, changes, lookup
from shudi.labels.store import DroppedResult, Label, Tally
from shudi.settings import Settings
from shudi.sites.store import Site
from tests import factories
from tests.actions.desk import DAY, SECOND, Desk
from tests.conftest import NOW

# -- doubt ----------------------------------------------------------------------------------------


@pytest.fixture
def doubting_desk(make_desk, doubting) -> Desk:
    return make_desk(doubting)


def test_disagreeing_sources_show_the_nearest_common_parent(doubting_desk):
    desk = doubting_desk
    desk.take(("ann", "CN-GD?"), ("bert", "US?"), ("cat", "HK"))
    assert desk.place("ann") == ("uncertain", "CN", "activity", False)
    assert desk.place("bert") == ("uncertain", None, "activity", False)
    assert desk.place("cat") == ("labelled", "HK", "activity", False)


def test_a_disagreement_opens_one_case_and_rests(doubting_desk):
    desk = doubting_desk
    with desk.logged(sightings__taken=1, case__opened=2):
        desk.see(("ann", "CN-GD?"), ("bert", "US?"), ("cat", "HK"), ("dan", "10.0.0.1"))
    [case] = desk.cases(CaseKind.DISAGREEMENT, "ann")
    with desk.logged(sightings__taken=3):
        desk.see(("ann", "US?"))  # another doubt, the same case
        desk.see(("ann", "CN-GD"))
        desk.see(("ann", "CN-GD?"))
    desk.claim(case.id)
    desk.decide("dismiss", case.id)
    desk.now += 29 * DAY
    desk.see(("ann", "CN-GD?"))
    assert len(desk.cases(CaseKind.DISAGREEMENT, "ann")) == 1
    desk.now += 2 * DAY
    desk.take(("ann", "CN-GD?", desk.now - 60 * DAY))  # outranked by what is known
    assert len(desk.cases(CaseKind.DISAGREEMENT, "ann")) == 1
    desk.see(("ann", "CN-GD?"))
    assert len(desk.cases(CaseKind.DISAGREEMENT, "ann")) == 2


def test_what_readers_do_not_see_opens_no_case(make_desk, doubting):
    """Neither a protected account, nor what a brake holds, nor what came too late."""
    desk = make_desk(doubting, brake_minimum=2, brake_share=0.5)
    desk.put("ann", protection="minor")
    desk.take(("ann", "CN-GD?"))
    desk.take(("bert", "GB"), ("cat", "GB"), ("dan", "GB"))
    desk.take(("bert", "CN-GD?", NOW - DAY))
    desk.see(("bert", "CN-GD?"), ("cat", "CN-GD?"), ("dan", "CN-GD?"))
    assert desk.cases(CaseKind.DISAGREEMENT) == []
    assert len(desk.cases(CaseKind.BRAKE)) == 1
    assert {"bert": "GB", "cat": "GB", "dan": "GB"}.items() <= desk.labels().items()


# -- stability ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "mixed", "story", "shown"),
    [
        (0, 0, "GD US", ["CN-GD", "US"]),
        (1, 0, "GD US", ["CN-GD", "US"]),
        (2, 0, "GD US US", ["CN-GD", "CN-GD", "US"]),
        (2, 0, "GD US GD US US", ["CN-GD", "CN-GD", "CN-GD", "CN-GD", "US"]),
        (3, 0, "GD US US GD US US US", ["CN-GD"] * 6 + ["US"]),
        (2, 0, "GD US GD+US", ["CN-GD", "CN-GD", "CN-GD"]),
        (2, 1, "GD US GD+US", ["CN-GD", "CN-GD", "US"]),
        (2, 0, "GD US? US?", ["CN-GD", "CN-GD", "uncertain"]),  # doubt that lasts is shown
        (2, 0, "GD GD? GD?", ["CN-GD", "CN-GD", "CN"]),
    ],
)
def test_a_place_must_be_seen_long_enough(
    sqlite_database, doubting, days, mixed, story, shown, request
):
    site = factories.world(sqlite_database, now=NOW)
    desk = Desk(
        database=sqlite_database,
        settings=Settings(stability_days=days, stability_mixed=mixed, secret_key="x" * 32),
        locator=doubting,
        vocabulary=request.getfixturevalue("vocabulary"),
        site=site,
    )
    found = []
    for at, places in enumerate(story.split()):
        desk.now = NOW + at * DAY
        for place in places.split("+"):
            desk.see(("ann", {"GD": "CN-GD", "GD?": "CN-GD?"}.get(place, place)))
        found.append(desk.labels()["ann"])
    assert found == shown


def test_stability_on_both_stores(make_desk):
    desk = make_desk(stability_days=2)
    for at, place in enumerate(["CN-GD", "US", "US"]):
        desk.now = NOW + at * DAY
        desk.see(("ann", place))
        assert desk.place("ann")[1] == ("US" if at == 2 else "CN-GD")
    assert desk.shown("ann").version == 2


# -- hidden accounts ------------------------------------------------------------------------------


@pytest.mark.parametrize("protection", ["protected", "minor"])
def test_a_hidden_account_looks_like_one_without_activity(desk, protection):
    desk.put("ann", protection=protection)
    desk.see(("ann", "CN-GD"), ("bert", "CN-GD"))
    desk.put("bert", protection=protection)
    desk.put("cat")
    with desk.database.read_session() as session:
        found = lookup(session, site_key="forum", accounts=["ann", "bert", "cat", "nobody"]).labels
        site = desk.read(Site, desk.site)
        feed = changes(session, site_id=desk.site, as_of=site.as_of, after=0, limit=10)
        unknown = lookup(session, site_key="nowhere", accounts=["ann"]).labels
    assert [shown for _, shown in found] == [NOTHING_SHOWN] * 4
    assert [(one.account, one.shown, one.deleted) for one in feed.changes] == [
        ("bert", NOTHING_SHOWN, True)  # as if deleted: nothing says why
    ]
    assert unknown == [("ann", NOT_COVERED)]


def test_hiding_and_showing_again(desk):
    desk.see(("ann", "CN-GD"))
    desk.put("ann", protection="protected")
    version, seq = desk.label("ann").version, desk.read(Site, desk.site).seq
    desk.see(("ann", "US"))
    desk.put("ann", protection="minor", name="Ann")
    assert (desk.label("ann").version, desk.read(Site, desk.site).seq) == (version, seq)
    assert desk.shown("ann") == NOTHING_SHOWN
    desk.put("ann")
    assert desk.place("ann") == ("labelled", "US", "activity", False)
    assert desk.label("ann").version == version + 1


def test_hiding_does_not_end_a_correction(desk):
    desk.see(("ann", "CN-GD"))
    correction = desk.correct("ann", "coarsen")
    desk.put("ann", protection="minor")
    case = desk.open_case("ann")
    with desk.refused(Refused, "account-protected"):
        desk.correct("ann", "withhold", case=case)
    desk.see(("ann", "US"))
    assert desk.shown("ann") == NOTHING_SHOWN
    assert desk.count(DroppedResult, DroppedResult.correction_id == correction.id) == 1
    desk.put("ann")
    assert desk.place("ann") == ("labelled", "CN", "correction", True)


# -- what a correction holds back -----------------------------------------------------------------


def test_a_correction_outranks_activity_and_keeps_what_it_held_back(desk):
    desk.see(("ann", "CN-GD"))
    correction = desk.correct("ann", "withhold")
    version = desk.label("ann").version
    for place in ("CN-GD", "US", "US", "10.0.0.1", "CN-GD", "HK"):
        desk.see(("ann", place))
    desk.take(("ann", "TW", NOW - DAY))  # outranked, so no wish
    assert desk.place("ann") == ("withheld", None, "correction", True)
    assert desk.label("ann").version == version
    wishes = sa.select(DroppedResult.region).where(DroppedResult.correction_id == correction.id)
    assert desk.rows(wishes.order_by(DroppedResult.id)) == ["US", "CN-GD", "HK"]
    assert desk.label("ann").resolved_region == "HK"
    assert set(desk.rows(sa.select(Tally.region))) == {"CN-GD", "US", "", "HK", "TW"}


def test_an_uncertain_result_is_a_wish_too(doubting_desk):
    desk = doubting_desk
    desk.see(("ann", "CN-GD"))
    desk.correct("ann", "withhold")
    desk.see(("ann", "CN-GD?"))
    [wish] = desk.rows(sa.select(DroppedResult))
    assert (wish.state.value, wish.region) == ("uncertain", "CN")


def test_many_accounts_each_keep_their_own(desk):
    """More rows than one statement takes at once; the changes get gapless numbers."""
    names = [f"user-{at}" for at in range(1200)]
    places = ["CN-GD", "US", "HK", "GB"]
    lines = [(name, places[at % 4], NOW + SECOND) for at, name in enumerate(names)]
    assert desk.take(*lines).accepted == 1200
    assert desk.labels() == {line[0]: line[1] for line in lines}
    seqs = desk.rows(sa.select(Label.seq).order_by(Label.seq))
    assert seqs == list(range(1, 1201))
    assert desk.read(Site, desk.site).account_count == 1200
