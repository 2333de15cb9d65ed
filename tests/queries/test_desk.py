"""What the desk reads of labels and corrections."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from shudi.errors import NotFound
from shudi.labels.actions import corrections as acts
from shudi.labels.queries import brakes, corrections, desk, releases
from shudi.labels.store import Correction, Tally
from tests import factories, people


@pytest.fixture
def accounts(database, site, locator, settings, now):
    with database.transaction() as session:
        ids = [
            factories.make_account(session, site_id=site, account=f"a{at}", now=now)
            for at in range(5)
        ]
        places = [(f"a{at}", "CN-GD") for at in range(5)]
        factories.see(session, places=places, locator=locator, settings=settings, now=now)
    return ids


def withhold(database, account_id, vocabulary, settings, now, days):
    with database.transaction() as session:
        label = desk.label(session, account_id=account_id)
        wish = factories.wish(label.version)
        row = acts.propose(
            session,
            actor=people.ALICE,
            account_id=account_id,
            case_id=None,
            wish=wish,
            vocabulary=vocabulary,
            settings=settings,
            now=now,
        )
        row.expires_at = now + timedelta(days=days) if days else None
        return row.id


def test_a_label_comes_with_its_evidence(database, accounts):
    with database.read_session() as session:
        label = desk.label(session, account_id=accounts[0])
        assert desk.label(session, account_id=999) is None
    assert (label.state, label.region) == ("labelled", "CN-GD")
    assert [source.region for source in label.evidence.sources] == ["CN-GD"]
    assert label.evidence.agreeing == 1


@pytest.mark.parametrize("text", ["", "{", "[]", '{"sources": 3}', '{"sources": [["x"]]}', "null"])
def test_unreadable_evidence_is_none(text):
    assert desk.parse_evidence(text) == desk.Evidence()


def test_evidence_counts_the_largest_agreement():
    sources = [["a", "CN-GD", None], ["b", "CN-ZJ", None], ["c", "CN-GD", "2026-01-01"]]
    evidence = desk.parse_evidence(json.dumps({"sources": sources, "network": "vpn"}))
    assert evidence.agreeing == 2
    assert evidence.network == "vpn"


def test_tallies_fold_into_months(database, accounts, now):
    with database.transaction() as session:
        days = [now.date() - timedelta(days=at) for at in (1, 2, 40)]
        session.execute(
            sa.insert(Tally),
            [{"account_id": accounts[0], "day": day, "region": "US"} for day in days],
        )
    with database.read_session() as session:
        rows = desk.months_seen(session, account_id=accounts[0])
    assert [(row.month.month, row.region, row.days) for row in rows] == [
        (3, "US", 2),
        (3, "CN-GD", 1),
        (2, "US", 1),
    ]


def test_corrections_in_force_page_by_their_end(database, accounts, vocabulary, settings, now):
    ends = [30, 10, 0, 20, 0]
    ids = [
        withhold(database, account, vocabulary, settings, now, days)
        for account, days in zip(accounts, ends, strict=True)
    ]
    seen, after = [], None
    with database.read_session() as session:
        for _ in range(5):
            rows, after = corrections.in_force(session, after=after, limit=2)
            seen += [row.id for row in rows]
            if after is None:
                break
        assert corrections.glance(session, now=now).ending == [0] * 7
        by_day = corrections.glance(session, now=now + timedelta(days=9)).ending
        assert by_day == [0, 1, *[0] * 5]
        late = corrections.glance(session, now=now + timedelta(days=15)).ending
        assert late == [1, 0, 0, 0, 0, 1, 0], "what is past its end counts for the first day"
        assert corrections.corrections_of(session, account_id=accounts[1])[0].id == ids[1]
    assert seen == [ids[1], ids[3], ids[0], ids[2], ids[4]]


def test_proposals_wait_oldest_first(database, accounts, vocabulary, settings, now):
    with database.transaction() as session:
        for account in accounts[:3]:
            acts.propose(
                session,
                actor=people.ALICE,
                account_id=account,
                case_id=None,
                wish=factories.wish(1, "replace", "CN-SH"),
                vocabulary=vocabulary,
                settings=settings,
                now=now,
            )
    with database.read_session() as session:
        first, after = corrections.proposals(session, limit=2)
        rest, end = corrections.proposals(session, after=after, limit=2)
        assert corrections.glance(session, now=now).waiting == 3
        assert corrections.glance(session, now=now, cap=2).waiting == 2
        assert not corrections.lift_proposals(session)
    assert [row.account_id for row in [*first, *rest]] == accounts[:3]
    assert first[0].proposer == "alice"
    assert end is None


def test_what_is_not_there(database, site):
    with database.read_session() as session:
        assert not brakes.brakes(session)
        assert not brakes.held_brakes(session)
        assert not releases.newest(session)
        assert not corrections.dropped(session, correction_id=1)
        with pytest.raises(NotFound):
            brakes.brake(session, brake_id=1)
        with pytest.raises(NotFound):
            corrections.correction(session, correction_id=1)
        assert session.scalar(sa.select(sa.func.count()).select_from(Correction)) == 0
