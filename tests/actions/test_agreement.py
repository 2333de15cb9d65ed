"""Accepting the agreement on personal data, on both stores."""

import pytest
import sqlalchemy as sa

from shudi.audit import queries as audit
from shudi.errors import NotAllowed, Stale
from shudi.staff.actions import accept_agreement
from shudi.staff.rules import AGREEMENT
from shudi.staff.store import Staff
from tests.people import ALICE, SYSTEM, hire_everybody


@pytest.fixture
def alone(database):
    with database.transaction() as session:
        hire_everybody(session)
        session.execute(sa.update(Staff).values(agreement="2020-01", agreed_at=None))
    return database


def accept(database, actor, version, now):
    with database.transaction() as session:
        accept_agreement(session, actor=actor, version=version, now=now)


def test_version_and_instant_are_kept_and_on_record_once(alone, now):
    accept(alone, ALICE, AGREEMENT, now)
    accept(alone, ALICE, AGREEMENT, now)
    with alone.read_session() as session:
        rows = audit.page(session, action="staff.agreed")
        kept = session.execute(sa.select(Staff.agreement, Staff.agreed_at).order_by(Staff.id)).all()
    assert [(row.actor_id, row.target_id) for row in rows] == [(ALICE.id, str(ALICE.staff_id))]
    assert tuple(kept[0]) == (AGREEMENT, now)
    assert {tuple(row) for row in kept[1:]} == {("2020-01", None)}


def test_another_version_than_the_present_is_not_accepted(alone, now):
    for version in ("", "2020-01", "2999-01"):
        with pytest.raises(Stale, match="changed"):
            accept(alone, ALICE, version, now)


def test_no_program_accepts_it(alone, now):
    with pytest.raises(NotAllowed):
        accept(alone, SYSTEM, AGREEMENT, now)
