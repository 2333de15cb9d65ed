"""New geo databases while servers look up, and while two people or two programs act on them."""

import os

import pytest
import sqlalchemy as sa

from shudi import renewal
from shudi.audit.queries import verify
from shudi.geo.gateway import load
from shudi.geo.store import SourceUpdate
from tests import factories, people
from tests.conftest import NOW
from tests.factories import NETWORKS
from tests.fixtures.geo_mmdb import dbip, write_mmdb
from tests.reliability import desk, renewals
from tests.reliability.harness import at_once

HUNAN = {**NETWORKS, "36.1.0.0/16": dbip("CN", "Hunan")}


@pytest.fixture
def city(tmp_path):
    return write_mmdb(tmp_path / "city.mmdb", NETWORKS)


@pytest.fixture
def renewing(database, site, make_settings, city):
    """Settings over a database that is kept already."""
    settings = make_settings(geo_sources=f"city=mmdb:{city}")
    renewal.renew(settings, database, actor=people.SYSTEM, now=NOW)
    return settings


def test_a_running_server_follows_without_a_restart_and_never_without_a_place(
    renewing, city, vocabulary
):
    write_mmdb(city, HUNAN)
    calls = [
        (renewals.look_ups, (renewing, 8.0)),
        (renewals.look_ups, (renewing, 8.0)),
        (renewals.renewals, (renewing, people.SYSTEM)),
    ]
    *said, update = at_once(desk.call, calls)
    assert said == [["CN-GD", "CN-HN"]] * 2
    assert update == 1
    os.truncate(city, 10)  # the control: the configured file itself could not be followed so
    with pytest.raises(ValueError, match="complete"):
        load("mmdb", city, vocabulary)


def test_two_programs_that_look_at_once_make_one_update(database, renewing, city):
    write_mmdb(city, HUNAN)
    found = at_once(renewals.renewals, [(renewing, people.SYSTEM)] * 3)
    assert sorted(found, key=str) == [1, None, None]
    with database.read_session() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(SourceUpdate)) == 1
        assert verify(session).ok


@pytest.mark.parametrize(
    ("one", "other", "codes"),
    [
        ("acceptances", "stops", {"update-decided"}),
        ("trials", "acceptances", {"update-sampled", "update-decided"}),
        ("trials", "trials", {"update-sampled"}),
    ],
)
def test_of_two_words_at_once_one_counts(database, store, settings, site, one, other, codes):
    with database.transaction() as session:
        names = [f"user-{at}" for at in range(4)]
        factories.make_labels(session, site_id=site, names=names, region="CN-GD", now=NOW)
        update = factories.make_update(session, settings=factories.tight(settings), now=NOW)
    calls = [
        (getattr(renewals, task), (store.url, "product", who, [(update, 1)]))
        for task, who in ((one, people.SAM), (other, people.SONJA))
    ]
    [first], [second] = at_once(desk.call, calls)
    late = first if first["kind"] else second
    assert {first["code"], second["code"]} - codes == {"done"}
    assert (late["kind"], late["code"] in codes) == ("Stale", True)
    with database.read_session() as session:
        assert verify(session).ok
