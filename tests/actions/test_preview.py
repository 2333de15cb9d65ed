"""What a preview says is what taking the same sightings then does."""

import dataclasses
import random
from collections import Counter
from datetime import timedelta

import pytest

from shudi.cases.actions import erasure
from shudi.labels.actions.preview import Preview, SiteMoves
from shudi.labels.store import HeldResult, Label, Tally
from shudi.sites.queries import all_sites
from tests.actions.desk import DAY, DOUBTED, HOUR, SECOND
from tests.factories import ADDRESSES, Sighting
from tests.people import PLATFORM

PLACES = ("CN-GD", "CN-ZJ", "US", "GB", "HK", "CN-GD?", "US?")


def _preview(desk, *batches) -> SiteMoves:
    before = desk.head(), desk.count(Label), desk.count(Tally)
    with desk.database.read_session() as session:
        sites = {site.key: site for site in all_sites(session)}
        preview = Preview(sites, locator=desk.locator, settings=desk.settings, now=desk.now)
        for batch in batches:
            assert preview.add(session, _raw(batch)) == []
        [found] = preview.moves(session)
    assert (desk.head(), desk.count(Label), desk.count(Tally)) == before
    return found


def _raw(batch):
    known = {**ADDRESSES, **DOUBTED}
    return [
        Sighting("forum", name, known[place], at.isoformat(), kind)
        for name, place, at, kind in batch
    ]


def _seen(desk) -> dict[str, str]:
    shown = {}
    for name in [f"user-{at}" for at in range(30)]:
        state, region, *_ = desk.place(name)
        shown[name] = "" if state == "none" else region or "-"
    return shown


@pytest.mark.parametrize("stability_days", [0, 2])
@pytest.mark.parametrize("seed", range(3))
def test_it_says_what_taking_them_does(make_desk, doubting, stability_days, seed):
    desk = make_desk(doubting, brake_region=10_000, brake_share=1.0, stability_days=stability_days)
    draw = random.Random(seed)

    def some(count):
        return [
            (
                f"user-{draw.randrange(30)}",
                draw.choice(PLACES),
                desk.now - draw.random() * 3 * DAY,
                draw.choice(["post", "vote", "sign_in"]),
            )
            for _ in range(count)
        ]

    for batch in (some(40), some(40)):
        desk.take(*batch)
    desk.correct("user-1", "withhold")
    desk.put("user-2", protection="minor")
    desk.now += 2 * HOUR
    # one batch after another tells stability what it would tell in one, but for intermediate
    # results; so with stability the file is one batch
    batches = [some(60)] if stability_days else [some(40), some(40)]
    said = _preview(desk, *batches)
    before = _seen(desk)
    for batch in batches:
        desk.take(*batch)
    after = _seen(desk)
    done = Counter((before[name], after[name]) for name in before if before[name] != after[name])
    assert {(old, new): n for old, new, n in said.moves if old != new} == done


def test_an_account_counts_once_however_often_it_is_seen(desk):
    first = [(f"u{at}", "US", desk.now - SECOND, "post") for at in range(3)]
    again = [(f"u{at}", "GB", desk.now, "post") for at in range(2)]
    earlier = [("u2", "HK", desk.now - timedelta(days=1), "post")]
    said = _preview(desk, first, again, earlier)
    assert said.moves == [("", "GB", 2), ("", "US", 1)]
    assert said.labels == 3


def test_it_names_the_rule_that_would_break(make_desk):
    desk = make_desk(brake_minimum=3, brake_share=0.2, brake_region=12)
    desk.see(*[(f"u{at}", "CN-GD") for at in range(10)])
    desk.now += 2 * HOUR
    two = [(f"u{at}", "US", desk.now, "post") for at in range(2)]
    three = [(f"u{at}", "US", desk.now, "post") for at in range(3)]
    many = [(f"new-{at}", "US", desk.now, "post") for at in range(13)]
    assert _preview(desk, two).rule is None
    assert _preview(desk, three).rule == "share"
    assert _preview(desk, many).rule == "region"
    assert _preview(desk, three, many[:5]).rule is None  # five more accounts make it a fifth
    desk.take(*three)
    assert desk.count(HeldResult) == 3
    assert _preview(desk, two).holding


def test_what_would_be_refused_changes_nothing(desk):
    desk.see(("gone", "US"))
    desk.act(erasure.delete_account, actor=PLATFORM, site_id=desk.site, account="gone")
    with desk.database.read_session() as session:
        sites = {site.key: site for site in all_sites(session)}
        preview = Preview(sites, locator=desk.locator, settings=desk.settings, now=desk.now)
        lines = _raw([("gone", "GB", desk.now, "post"), ("ann", "GB", desk.now, "post")])
        lines += _raw([("bo", "GB", desk.now + DAY, "post")])
        lines[1] = dataclasses.replace(lines[1], ip="nonsense")
        assert sorted((one.index, one.code) for one in preview.add(session, lines)) == [
            (0, "account-deleted"), (1, "ip-malformed"), (2, "at-future"),
        ]  # fmt: skip
        assert preview.moves(session) == []
