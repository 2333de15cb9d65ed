"""What becomes of sightings: which lines are taken, what decides a label, what is kept."""

import dataclasses
import random
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

from shudi.accounts.store import Account
from shudi.audit.store import AuditRow
from shudi.cases.actions import intake
from shudi.geo.actions import open_locator
from shudi.labels.store import Evidence, Label, LatestActivity, Tally
from shudi.sites.store import Fold, Site
from tests import factories
from tests.actions.desk import DAY, HOUR, SECOND
from tests.conftest import NOW
from tests.factories import ADDRESSES, Sighting
from tests.people import PLATFORM

GOOD = ("36.1.2.3", NOW.isoformat(), "post")
MINUTE = timedelta(minutes=1)
AN_INSTANT = timedelta(microseconds=1)

# account, ip, at, kind -> the code of what is wrong, or None
LINES = [
    (("ok", *GOOD), None),
    (("ok", "::ffff:36.1.2.3", *GOOD[1:]), None),  # v4 mapped
    (("ok", "2002:2401:203::1", *GOOD[1:]), None),  # 6to4
    (("ok", "64:ff9b::2401:203", *GOOD[1:]), None),  # NAT64
    (("ok", "", *GOOD[1:]), "ip-malformed"),
    (("ok", "36.1.2", *GOOD[1:]), "ip-malformed"),
    (("ok", "36.1.2.256", *GOOD[1:]), "ip-malformed"),
    (("ok", "036.1.2.3", *GOOD[1:]), "ip-malformed"),
    (("ok", " 36.1.2.3", *GOOD[1:]), "ip-malformed"),
    (("ok", "36.1.2.3\0", *GOOD[1:]), "ip-malformed"),
    (("ok", "３６.1.2.3", *GOOD[1:]), "ip-malformed"),
    (("ok", "36.1.2.0/24", *GOOD[1:]), "ip-malformed"),
    (("ok", "forum.example", *GOOD[1:]), "ip-malformed"),
    (("ok", "2400:3200::1::2", *GOOD[1:]), "ip-malformed"),
    (("ok", "\ud800", *GOOD[1:]), "ip-malformed"),
    (("ok", "1" * 10_000, *GOOD[1:]), "ip-malformed"),
    (("ok", "fe80::1%eth0", *GOOD[1:]), "ip-zone"),
    (("ok", "36.1.2.3:443", *GOOD[1:]), "ip-port"),
    (("ok", "[2400:3200::1]:443", *GOOD[1:]), "ip-port"),
    (("ok", GOOD[0], "", "post"), "at-malformed"),
    (("ok", GOOD[0], "yesterday", "post"), "at-malformed"),
    (("ok", GOOD[0], "2026-03-14T09:26:53", "post"), "at-malformed"),  # which zone?
    (("ok", GOOD[0], "2026-03-14", "post"), "at-malformed"),
    (("ok", GOOD[0], "1773480413", "post"), "at-malformed"),
    (("ok", GOOD[0], "2026-02-30T09:00:00Z", "post"), "at-malformed"),
    (("ok", GOOD[0], "2026-03-14T09:26:53+25:00", "post"), "at-malformed"),
    (("ok", GOOD[0], "0001-01-01T00:00:00+14:00", "post"), "at-too-old"),
    (("ok", GOOD[0], "2026-03-14T17:26:53+08:00", "post"), None),
    (("ok", GOOD[0], "2026-03-14T09:26:53Z", "post"), None),
    (("ok", GOOD[0], (NOW + 5 * MINUTE).isoformat(), "post"), None),
    (("ok", GOOD[0], (NOW + 5 * MINUTE + AN_INSTANT).isoformat(), "post"), "at-future"),
    (("ok", GOOD[0], "9999-12-31T23:59:59Z", "post"), "at-future"),
    (("ok", GOOD[0], (NOW - 90 * DAY).isoformat(), "post"), None),
    (("ok", GOOD[0], (NOW - 90 * DAY - AN_INSTANT).isoformat(), "post"), "at-too-old"),
    (("ok", GOOD[0], GOOD[1], "like"), "kind-unknown"),
    (("ok", GOOD[0], GOOD[1], "POST"), "kind-unknown"),
    (("ok", GOOD[0], GOOD[1], ""), "kind-unknown"),
    (("", *GOOD), "account-invalid"),
    (("a" * 129, *GOOD), "account-invalid"),
    (("a" * 10_240, *GOOD), "account-invalid"),
    (("属" * 128, *GOOD), None),
    (("nul\0", *GOOD), "account-invalid"),
    (("line\nbreak", *GOOD), "account-invalid"),
    (("\x85", *GOOD), "account-invalid"),
    (("\ud83d", *GOOD), "account-invalid"),
    (("evil\u202etxt", *GOOD), "account-invalid"),
    (("\u2066iso\u2069", *GOOD), "account-invalid"),
]


def _sightings(lines, site="forum"):
    return [Sighting(site, *line) for line in lines]


def _take(desk, sightings, allowed=None):
    arguments = {"actor": PLATFORM, "allowed_site_id": allowed, "locator": desk.locator}
    return desk.act(intake.take_sightings, sightings=sightings, settings=desk.settings, **arguments)


@pytest.mark.parametrize("copies", [1, 8])  # a large batch takes another way through geo
def test_a_bad_line_costs_only_itself(desk, copies):
    lines = [line for line, _ in LINES] * copies
    expected = [code for _, code in LINES] * copies
    with desk.logged(sightings__taken=1):
        taken = _take(desk, _sightings(lines))
    found = {error.index: error.code for error in taken.errors}
    assert [found.get(at) for at in range(len(lines))] == expected
    assert (taken.accepted, taken.rejected) == (
        expected.count(None),
        len(lines) - expected.count(None),
    )
    assert [error.index for error in taken.errors] == sorted(found)
    assert desk.labels() == {"ok": "CN-GD", "属" * 128: "CN-GD"}
    assert desk.latest_at("ok") == NOW + 5 * MINUTE


def test_unknown_and_foreign_sites_are_told_apart_by_line(desk):
    with desk.database.transaction() as session:
        other = factories.make_site(session, now=NOW, key="other")
    sightings = [Sighting(key, "ann", *GOOD) for key in ("forum", "other", "nowhere", "FORUM", "")]
    taken = _take(desk, sightings, allowed=other)
    assert [(error.index, error.code) for error in taken.errors] == [
        (0, "site-forbidden"),
        (2, "site-unknown"),
        (3, "site-unknown"),
        (4, "site-unknown"),
    ]
    assert desk.place("ann") == ("none", None, "none", False)
    assert desk.rows(sa.select(Label.site_id)) == [other]
    assert _take(desk, []).accepted == 0


# address -> (state, region) that readers see, None: as if there were no activity
PLACES = [
    *[(ip, ("labelled", region)) for region, ip in ADDRESSES.items()],
    ("193.1.2.3", ("labelled", "NL")),
    ("2a02::1", ("labelled", "NL")),
    ("10.1.2.3", None),
    ("100.64.1.2", None),
    ("127.0.0.1", None),
    ("169.254.1.1", None),
    ("172.16.0.1", None),
    ("192.0.2.1", None),
    ("192.168.1.1", None),
    ("198.18.0.1", None),
    ("198.51.100.1", None),
    ("203.0.113.9", None),
    ("224.0.0.1", None),
    ("255.255.255.255", None),
    ("0.0.0.0", None),
    ("::1", None),
    ("::", None),
    ("fe80::1", None),
    ("fd00::1", None),
    ("2001:db8::1", None),
    ("ff02::1", None),
    ("::ffff:192.168.1.1", None),
    ("2002:c0a8:101::1", None),  # 6to4 around 192.168.1.1
    ("8.8.8.8", None),  # in no source
]


def test_special_and_unknown_addresses_give_no_place(desk):
    taken = desk.take(*[(f"user-{at}", ip) for at, (ip, _) in enumerate(PLACES)])
    assert taken.rejected == 0
    for at, (ip, expected) in enumerate(PLACES):
        assert desk.place(f"user-{at}")[:2] == (expected or ("none", None)), ip
    assert desk.count(Account) == len(PLACES)


def test_no_address_is_kept_anywhere(desk, store):
    desk.take(("ann", ADDRESSES["CN-GD"]), ("bert", ADDRESSES["CN-BJ"]), ("cat", "999.1.2.3"))
    with desk.database.read_session() as session:
        for table in Label.metadata.sorted_tables:
            words = str(session.execute(sa.select(table)).all())
            for address in (ADDRESSES["CN-GD"], ADDRESSES["CN-BJ"], "999.1.2.3"):
                assert address not in words, table.name


@pytest.mark.parametrize("granularity", ["subdivision", "country"])
def test_a_label_is_never_finer_than_the_granularity(make_desk, vocabulary, tmp_path, granularity):
    path = factories.write_places(tmp_path / "places.mmdb")
    locator = open_locator(f"test=mmdb:{path}", vocabulary, granularity)
    desk = make_desk(locator, granularity=granularity)
    desk.take(*[(region, region) for region in ADDRESSES])
    expected = {region: region[:2] if granularity == "country" else region for region in ADDRESSES}
    assert desk.labels() == expected
    assert set(desk.rows(sa.select(Tally.region))) == set(expected.values())
    for evidence in desk.rows(sa.select(Evidence.text)):
        assert ("CN-" in evidence) <= (granularity == "subdivision")
        assert "Testville" not in evidence


def test_publishing_decides(desk):
    for kind in ("post", "comment", "reply", "vote"):
        desk.take((kind, "CN-GD", NOW, "post"))
        desk.take((kind, "US", NOW + SECOND, kind))
        assert desk.place(kind) == ("labelled", "US", "activity", False)


def test_signing_in_neither_decides_nor_is_kept(desk):
    taken = desk.take(("ann", "CN-GD", NOW, "sign_in"), ("bert", "CN-GD", NOW - HOUR, "post"))
    assert taken.accepted == 2
    desk.take(("bert", "US", NOW, "sign_in"))
    assert desk.place("ann") == ("none", None, "none", False)
    assert desk.place("bert")[:2] == ("labelled", "CN-GD")
    assert desk.rows(sa.select(Tally.region)) == ["CN-GD"]


def test_what_is_known_stays_when_the_place_is_not(desk):
    desk.take(("ann", "CN-GD", NOW - HOUR))
    desk.take(("ann", "10.0.0.1", NOW - MINUTE))
    desk.take(("ann", "10.0.0.1", NOW), ("ann", "US", NOW - 2 * HOUR))
    assert desk.place("ann")[:2] == ("labelled", "CN-GD")
    desk.take(("ann", "US", NOW - 30 * MINUTE), ("ann", "10.0.0.1", NOW))
    assert desk.place("ann")[:2] == ("labelled", "US")  # unknown places outrank nothing


def test_a_missing_source_leaves_the_old_labels(desk, make_desk, vocabulary, tmp_path):
    desk.take(("ann", "CN-GD"))
    broken = make_desk(open_locator(f"gone=mmdb:{tmp_path / 'gone.mmdb'}", vocabulary))
    broken.now = NOW + HOUR
    assert broken.take(("ann", "US"), ("bert", "US")).accepted == 2
    assert desk.place("ann")[:2] == ("labelled", "CN-GD")
    assert desk.place("bert")[:2] == ("none", None)


ZONES = [timezone(timedelta(hours=hours)) for hours in (-12, -5, 0, 8, 14)]


def test_instants_compare_across_zones(desk):
    """Each line is a second later than the one before, written in another zone."""
    regions = ["US", "GB", "HK", "TW", "CN-GD"]
    lines = [
        ("ann", region, (NOW - HOUR + at * SECOND).astimezone(zone))
        for at, (region, zone) in enumerate(zip(regions, ZONES, strict=True))
    ]
    for line in reversed(lines):  # the earliest arrives last
        desk.take(line)
    assert desk.place("ann")[:2] == ("labelled", "CN-GD")
    assert desk.shown("ann").version == 1


def test_a_day_is_a_utc_day(desk):
    late = datetime(2026, 3, 13, 23, 59, 59, tzinfo=UTC)
    desk.take(("ann", "US", late.astimezone(ZONES[-1])))
    assert [day.isoformat() for day in desk.rows(sa.select(Tally.day))] == ["2026-03-13"]


def _story(seed):
    """Activity of five accounts, some of it at equal instants; some accounts are spelt twice."""
    chance = random.Random(seed)
    names = ["ann", "ANN", "\u00e9ve", "e\u0301ve", "bert"]
    places = ["CN-GD", "US", "HK", "CN-GD?", "US?", "10.0.0.1"]
    kinds = ["post", "vote", "sign_in"]
    return [
        (
            chance.choice(names),
            chance.choice(places),
            NOW - chance.randrange(12) * DAY / 4,
            chance.choice(kinds),
        )
        for _ in range(40)
    ]


def _outcome(desk, site_id):
    of_site = sa.select(Account.id).where(Account.site_id == site_id)
    labels = sa.select(
        Label.account, LatestActivity.at, Label.state, Label.region, Label.resolved_state,
        Label.resolved_region, Evidence.text, Label.basis,
    ).join(LatestActivity, LatestActivity.account_id == Label.account_id, isouter=True).join(
        Evidence, Evidence.id == LatestActivity.evidence_id, isouter=True
    ).where(Label.site_id == site_id).order_by(Label.account)  # fmt: skip
    tallies = (
        sa.select(Account.account, Tally.day, Tally.region)
        .join(Account, Account.id == Tally.account_id)
        .where(Tally.account_id.in_(of_site))
        .order_by(Account.account, Tally.day, Tally.region)
    )
    with desk.database.read_session() as session:
        return session.execute(labels).all(), session.execute(tallies).all()


@pytest.mark.parametrize("seed", range(3))
def test_any_order_in_any_batches_gives_the_same_labels(make_desk, doubting, seed):
    desk = make_desk(doubting)
    story, chance = _story(seed), random.Random(seed)
    outcomes = []
    for turn in range(6):
        with desk.database.transaction() as session:
            site_id = factories.make_site(session, now=NOW, key=f"turn-{turn}")
        lines = [*story, *chance.sample(story, 8)] if turn else story  # duplicates too
        chance.shuffle(lines)
        while lines:
            size = len(lines) if turn == 1 else chance.randrange(1, 15)
            batch, lines = lines[:size], lines[size:]
            assert desk.take(*batch, site=f"turn-{turn}").rejected == 0
        outcomes.append(_outcome(desk, site_id))
    assert all(outcome == outcomes[0] for outcome in outcomes)
    assert len(outcomes[0][0]) == 4  # ann, ANN, bert and one éve


def test_the_same_sighting_again_changes_nothing(desk):
    desk.take(("ann", "CN-GD"))
    before = (desk.label("ann").version, desk.read(Site, desk.site).seq)
    for _ in range(2):
        desk.take(("ann", "CN-GD"), ("ann", "CN-GD"))
    assert (desk.label("ann").version, desk.read(Site, desk.site).seq) == before
    assert desk.count(Tally) == 1


def test_versions_count_what_readers_see_change(desk):
    seen = []
    for at, place in enumerate(["CN-GD", "CN-GD", "US", "10.0.0.1", "US", "CN-GD"]):
        desk.now = NOW + at * DAY
        desk.take(("ann", place))
        seen.append((desk.shown("ann").version, desk.shown("ann").since, desk.label("ann").seq))
    assert seen == [
        (1, "2026-03-14", 1),
        (1, "2026-03-14", 1),
        (2, "2026-03-16", 2),
        (2, "2026-03-16", 2),
        (2, "2026-03-16", 2),
        (3, "2026-03-19", 3),
    ]
    site = desk.read(Site, desk.site)
    assert (site.seq, site.as_of) == (3, NOW + 5 * DAY)


def test_ids_that_fold_alike_cost_no_batch(desk):
    """Ids are case-sensitive. On a site whose pages are not, the first keeps the page key."""
    with desk.database.transaction() as session:
        factories.make_site(session, now=NOW, key="folded", fold=Fold.CASEFOLD)
    desk.take(("Ann", "US"), ("bert", "US"), site="folded")
    taken = desk.take(
        ("ann", "CN-GD"), ("ANN", "CN-GD"), ("cat", "GB"), ("CAT", "GB"), site="folded"
    )
    assert taken.accepted == 4
    with desk.database.read_session() as session:
        keys = {
            row[0]: row[1] for row in session.execute(sa.select(Account.account, Account.page_key))
        }
    assert keys == {
        "Ann": "ann",
        "bert": "bert",
        "ann": None,
        "ANN": None,
        "cat": "cat",
        "CAT": None,
    }


def test_the_batch_has_one_row_that_says_how_it_went(desk):
    lines = [("ann", "CN-GD"), ("bert", "10.0.0.1"), ("cat", "nonsense"), ("dan", "US", "never")]
    with desk.logged(sightings__taken=1):
        desk.take(*lines)
    [row] = desk.rows(sa.select(AuditRow).where(AuditRow.action == "sightings.taken"))
    assert row.after == '{"accepted":2,"changed":1,"held":0,"rejected":2}'
    assert (row.actor_id, row.target_id) == (PLATFORM.id, str(desk.site))


def test_what_fails_rolls_back_with_its_row(desk):
    class Broken:
        def locate_many(self, ips):
            raise RuntimeError("the disk is gone")

    before = desk.head()
    broken = dataclasses.replace(desk, locator=Broken())
    with pytest.raises(RuntimeError):
        broken.take(("ann", "CN-GD"))
    with pytest.raises(RuntimeError):
        desk.act(_take_and_fail, desk=desk)
    assert (desk.head(), desk.count(Account), desk.count(Label)) == (before, 0, 0)


def _take_and_fail(session, *, desk, now):
    intake.take_sightings(
        session,
        actor=PLATFORM,
        sightings=_sightings([("ann", *GOOD)]),
        allowed_site_id=None,
        locator=desk.locator,
        settings=desk.settings,
        now=now,
    )
    raise RuntimeError("after the act")
