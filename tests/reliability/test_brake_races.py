"""Accept, reject and sample of one brake at the same moment, and sightings that arrive meanwhile.

Who comes too late is refused and hears why; nothing that was held is lost or applied twice.
"""

import dataclasses

import pytest
import sqlalchemy as sa

from shudi.audit.queries import verify
from shudi.labels.store import Brake, HeldResult, Label
from shudi.labels.store.samples import BrakeSample
from tests import factories, people
from tests.conftest import NOW
from tests.reliability import brakes, desk
from tests.reliability.harness import at_once

PAIRS, ACCOUNTS = 6, 60


@pytest.fixture
def held(database, settings, locator, site):
    """Six sites of sixty accounts each, all held back from US: (brake, version)."""
    tight = dataclasses.replace(settings, brake_region=ACCOUNTS - 1)
    with database.transaction() as session:
        for at in range(PAIRS):
            key = f"site{at}"
            factories.make_site(session, now=NOW, key=key)
            seen = [(f"{key}-{number}", "US") for number in range(ACCOUNTS)]
            factories.see(session, places=seen, locator=locator, settings=tight, now=NOW, site=key)
        return [(brake, 1) for brake in session.scalars(sa.select(Brake.id).order_by(Brake.id))]


def _race(store, held, *pairs):
    calls = [(task, (store.url, "product", who, held, *more)) for task, who, *more in pairs]
    return at_once(desk.call, calls, seconds=120)


def _one_of_two(first, second, codes):
    for one, other in zip(first, second, strict=True):
        late = one if one["kind"] else other
        assert sorted((one["code"], other["code"])) in codes
        assert late["kind"] == "Stale"


def _shown(session, brake):
    query = sa.select(Label.region, sa.func.count()).where(Label.site_id == brake.site_id)
    return {row[0]: row[1] for row in session.execute(query.group_by(Label.region))}


def test_accepted_or_rejected_never_both(database, store, held):
    first, second = _race(
        store, held, (brakes.acceptances, people.SAM), (brakes.rejections, people.SONJA)
    )
    _one_of_two(first, second, [["brake-decided", "done"]])
    with database.read_session() as session:
        for brake in session.scalars(sa.select(Brake)):
            wanted = {"US": ACCOUNTS} if brake.state == "accepted" else {}
            assert _shown(session, brake) == wanted
        assert session.scalar(sa.select(sa.func.count()).select_from(HeldResult)) == 0
        assert verify(session).ok


def test_a_sample_and_a_decision_at_once(database, store, held):
    """Whoever saw the brake without its sample decides on nothing once there is one."""
    for task in (brakes.acceptances, brakes.rejections):
        half = held[: PAIRS // 2] if task is brakes.acceptances else held[PAIRS // 2 :]
        first, second = _race(store, half, (brakes.samples, people.SAM), (task, people.SONJA))
        _one_of_two(first, second, [["brake-sampled", "done"], ["brake-decided", "done"]])
    with database.read_session() as session:
        for brake in session.scalars(sa.select(Brake)):
            sampled = session.scalars(
                sa.select(BrakeSample.account_id).where(BrakeSample.brake_id == brake.id)
            ).all()
            shown = _shown(session, brake)
            if brake.sampled_at is not None:
                assert (brake.state, len(sampled), shown) == ("held", 20, {"US": 20})
            else:
                assert len(sampled) == 0
                assert shown == ({"US": ACCOUNTS} if brake.state == "accepted" else {})
        assert verify(session).ok


def test_the_version_that_was_seen_is_what_keeps_them_apart(database, store, held):
    """The control: whoever decides on whatever stands now decides past a sample unseen."""
    _race(store, held, (brakes.samples, people.SAM))
    [seen] = _race(store, held, (brakes.acceptances, people.SONJA))
    assert {one["code"] for one in seen} == {"brake-sampled"}
    blind = [(brake, 0) for brake, _ in held]
    [unseen] = _race(store, blind, (brakes.acceptances, people.SONJA))
    assert {one["code"] for one in unseen} == {"done"}


def test_two_samples_at_once_are_one(database, store, held):
    first, second = _race(store, held, (brakes.samples, people.SAM), (brakes.samples, people.SONJA))
    _one_of_two(first, second, [["brake-sampled", "done"]])
    with database.read_session() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(BrakeSample)) == 20 * PAIRS


@pytest.mark.parametrize("decide", ["accept", "reject"])
def test_sightings_arrive_while_a_sample_goes(database, store, held, tmp_path, decide):
    """What arrives is held, before or after the sample, and the decision is on all of it."""
    places = factories.write_places(tmp_path / "places.mmdb")
    sampled, seen = _race(
        store, held, (brakes.samples, people.SAM), (brakes.sightings, people.SYSTEM, places)
    )
    assert {one["code"] for one in sampled + seen} == {"done"}
    with database.read_session() as session:
        for brake in session.scalars(sa.select(Brake)):
            count = sa.select(sa.func.count()).select_from(HeldResult)
            kept = session.scalar(count.where(HeldResult.brake_id == brake.id)) or 0
            again = (
                session.scalar(  # in the sample, and held again since
                    count.join(BrakeSample, BrakeSample.account_id == HeldResult.account_id).where(
                        HeldResult.brake_id == brake.id
                    )
                )
                or 0
            )
            assert kept - again == ACCOUNTS + 5 - 20
    act = brakes.acceptances if decide == "accept" else brakes.rejections
    [done] = _race(store, [(brake, 2) for brake, _ in held], (act, people.SAM))
    assert {one["code"] for one in done} == {"done"}
    with database.read_session() as session:
        for brake in session.scalars(sa.select(Brake)):
            accepted = {"GB": 10, "US": ACCOUNTS - 5}
            assert _shown(session, brake) == (accepted if decide == "accept" else {None: 20})
        assert verify(session).ok
