import re
import stat
from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa

from demo import seed, story, texts
from demo.links import ROLES, fresh_links, print_links
from shudi import clock
from shudi.accounts.store import Account, Protection, Submission
from shudi.audit.queries import page, verify
from shudi.cases.rules import CaseState
from shudi.cases.store import Case, CaseEvent, Claim
from shudi.clients.queries import authenticate
from shudi.db import Database
from shudi.errors import NotFound, Refused
from shudi.labels.rules import CorrectionState
from shudi.labels.store import (
    Brake,
    Correction,
    DroppedResult,
    Evidence,
    HeldResult,
    Label,
    LatestActivity,
    Tally,
)
from shudi.settings import Settings
from shudi.sites.queries import all_sites
from shudi.staff.queries import open_enrolment
from shudi.staff.store import LinkPurpose
from tests.demo.conftest import SEEDED_AT, Demo


def test_one_site_with_its_accounts(demo: Demo):
    with demo.database.read_session() as session:
        sites = all_sites(session)
        assert [(site.key, site.account_count, site.fold) for site in sites] == [
            ("teahouse", 500, "casefold")
        ]
        accounts = session.scalar(sa.select(sa.func.count()).select_from(Account))
    assert accounts == 500
    assert seed.ACCOUNTS == 5000


def test_eighty_cases_of_every_kind_are_open_and_two_corrections_wait(demo: Demo):
    with demo.database.read_session() as session:
        cases = session.execute(sa.select(Case.kind, Case.state)).all()
        waiting = session.scalars(
            sa.select(Correction).where(Correction.state == CorrectionState.PROPOSED)
        ).all()
    open_cases = Counter(kind for kind, state in cases if state is CaseState.OPEN)
    assert open_cases == story.OPEN
    assert sum(open_cases.values()) == 80
    assert Counter(state for _, state in cases)[CaseState.AWAITING] == 2
    assert len({one.proposed_by for one in waiting}) == 2


def test_names_wait_for_a_person_and_two_have_their_answer(demo: Demo):
    with demo.database.read_session() as session:
        states = Counter(session.scalars(sa.select(Submission.state)))
        rules = set(session.scalars(sa.select(Submission.rule)))
        names = set(session.scalars(sa.select(Account.name)))
    assert states == {"waiting": 6, "refused": 1}
    assert len(rules) >= 4
    assert texts.ACCEPTED_NAME in names
    assert not names & {*texts.NEW_NAMES, texts.REFUSED_NAME}


def test_cases_have_different_ages_and_some_are_overdue(demo: Demo):
    with demo.database.read_session() as session:
        rows = session.execute(
            sa.select(Case.opened_at, Case.due_at).where(Case.state == CaseState.OPEN)
        ).all()
        noted = session.scalar(
            sa.select(sa.func.count()).select_from(CaseEvent).where(CaseEvent.kind == "noted")
        )
        working = session.scalar(
            sa.select(sa.func.count()).select_from(Claim).where(Claim.ended_at.is_(None))
        )
    ages = [SEEDED_AT - opened for opened, _ in rows]
    assert min(ages) < timedelta(hours=1)
    assert max(ages) > timedelta(days=19)
    overdue = sum(due < SEEDED_AT for _, due in rows)
    assert 8 < overdue < 40
    assert noted >= 4
    assert working == 1


def test_corrections_of_every_kind_are_in_force_and_some_end_this_week(demo: Demo):
    with demo.database.read_session() as session:
        corrections = session.scalars(sa.select(Correction)).all()
        dropped = session.scalar(sa.select(sa.func.count()).select_from(DroppedResult))
    force = [one for one in corrections if one.state is CorrectionState.IN_FORCE]
    assert {one.kind.value for one in force} == {"coarsen", "withhold", "mark_uncertain", "replace"}
    assert sum(one.expired_at is None for one in force) == 15
    assert sum(one.expired_at is not None for one in force) == 7
    week = SEEDED_AT + timedelta(days=7)
    assert sum(one.expired_at is None and one.expires_at < week for one in force) >= 4
    assert {one.state.value for one in corrections} >= {"lifted", "reverted", "refused"}
    assert dropped


def test_labels_of_every_state_and_the_protected_look_like_none(demo: Demo):
    with demo.database.read_session() as session:
        labels = session.scalars(sa.select(Label)).all()
        protected = set(
            session.scalars(sa.select(Account.id).where(Account.protection != Protection.NONE))
        )
        days = session.execute(sa.select(sa.func.min(Tally.day), sa.func.max(Tally.day))).one()
    assert {one.state.value for one in labels} == {"labelled", "uncertain", "withheld", "none"}
    assert protected
    hidden = [one for one in labels if one.account_id in protected]
    assert {(one.state.value, one.region) for one in hidden} <= {("none", None)}
    assert sum(one.disputed for one in labels) == 12
    assert len({one.region for one in labels}) > 25
    assert (days[1] - days[0]).days > 70


def test_a_disagreement_shows_what_each_source_said(demo: Demo):
    with demo.database.read_session() as session:
        evidence = session.scalars(
            sa.select(Evidence.text)
            .join(LatestActivity, LatestActivity.evidence_id == Evidence.id)
            .join(Case, Case.account_id == LatestActivity.account_id)
            .where(Case.kind == "disagreement")
        ).all()
    assert len(evidence) == 14
    assert all('"demo-second-source"' in one and "dbip-city-lite" in one for one in evidence)


def test_a_flood_is_held_and_an_earlier_one_was_rejected(demo: Demo):
    with demo.database.read_session() as session:
        states = session.scalars(sa.select(Brake.state).order_by(Brake.id)).all()
        held = session.scalar(sa.select(sa.func.count()).select_from(HeldResult))
    assert states == ["rejected", "held"]
    assert held > 30


def test_no_address_is_anywhere_in_the_store(demo: Demo):
    demo.database.truncate_log()
    content = b"".join(path.read_bytes() for path in demo.path.parent.glob("shudi.db*"))
    found = set(re.findall(rb"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])", content))
    assert found <= {b"127.0.0.1"}  # the forum's own, in the site and the avatars


def test_the_log_is_whole_and_says_that_this_is_a_demo(demo: Demo):
    with demo.database.read_session() as session:
        assert verify(session).problem is None
        assert len(page(session, action="demo.seeded")) == 1


def test_a_store_that_is_not_empty_is_left_alone(demo: Demo):
    assert seed.seed_if_empty(demo.settings, demo.database) is False
    with pytest.raises(Refused):
        seed.seed(demo.settings, demo.database, accounts=seed.LEAST, now=SEEDED_AT)


def test_the_forums_key_is_private_and_opens_two_scopes(demo: Demo):
    path = seed.key_path(demo.settings)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with demo.database.read_session() as session:
        client = authenticate(session, f"Bearer {path.read_text()}", now=clock.now())
    assert client is not None
    assert client.scopes == {"holders:link", "labels:read"}
    assert client.site_id is not None


def test_links_are_made_anew_for_each_of_the_staff(demo: Demo, capsys: pytest.CaptureFixture[str]):
    first = fresh_links(demo.settings, demo.database)
    assert list(first) == list(ROLES)
    print_links(demo.settings, demo.database)
    printed = capsys.readouterr().out
    assert printed.count("http://localhost:8000/demo-sign-in/") == len(ROLES)
    token = first["demo-senior"].rpartition("/")[2]
    assert token not in printed
    with demo.database.read_session() as session, pytest.raises(NotFound):
        open_enrolment(session, token=token, now=clock.now(), purpose=LinkPurpose.DEMO)


def test_there_are_no_demo_links_in_a_store_of_ones_own(
    sqlite_database: Database, settings: Settings
):
    assert not seed.is_demo(sqlite_database)
    with pytest.raises(Refused):
        fresh_links(settings, sqlite_database)


def test_a_seeding_that_fails_leaves_the_store_as_empty_as_before(
    sqlite_database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    def fail(*_: object) -> None:
        raise RuntimeError("the lights went out")

    monkeypatch.setattr(seed, "_keep_key", fail)
    for name in ("_play", "_tell_stories"):
        monkeypatch.setattr(seed, name, lambda *_: None)
    monkeypatch.setattr(seed.addresses, "sample", lambda *_: {})
    with pytest.raises(RuntimeError):
        seed.seed(settings, sqlite_database, accounts=seed.LEAST)
    with sqlite_database.read_session() as session:
        assert all_sites(session) == []
        assert verify(session).rows == 0
