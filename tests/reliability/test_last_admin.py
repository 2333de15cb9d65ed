"""Acceptance test 44: admins who end one another at the same instant leave one; nobody serves
themselves.
"""

import pytest
import sqlalchemy as sa

from shudi.audit.queries import verify
from shudi.db import Database
from shudi.staff.rules import Role
from shudi.staff.store import Staff, StaffState
from tests.conftest import Store
from tests.reliability import standings
from tests.reliability.harness import at_once
from tests.reliability.work import NOW

LONG = (pytest.mark.long, pytest.mark.timeout(1800))
ROUNDS = [16, pytest.param(200, marks=LONG)]


def _pairs(database: Database, rounds: int) -> list[tuple[int, int]]:
    """As many pairs of active admins."""
    with database.transaction() as session:
        rows = [
            Staff(
                name=f"admin {at}",
                role=Role.ADMIN,
                state=StaffState.ACTIVE,
                password_hash="x",
                created_at=NOW,
            )
            for at in range(2 * rounds)
        ]
        session.add_all(rows)
        session.flush()  # for the ids
        return [(one.id, other.id) for one, other in zip(rows[::2], rows[1::2], strict=True)]


def _left(database: Database, pairs: list[tuple[int, int]]) -> list[int]:
    """How many admins each pair has still."""
    with database.read_session() as session:
        active = set(
            session.scalars(
                sa.select(Staff.id).where(
                    Staff.role == Role.ADMIN, Staff.state == StaffState.ACTIVE
                )
            )
        )
    return [len(active.intersection(pair)) for pair in pairs]


def _race(store: Store, pairs, *, discipline: str = "product", asked: bool = True):
    arguments = [(store.url, discipline, asked, side, pairs) for side in (0, 1)]
    one, other = at_once(standings.turn, arguments, seconds=60 + len(pairs))
    return [tuple(sorted(codes)) for codes in zip(one, other, strict=True)]


@pytest.mark.parametrize("rounds", ROUNDS)
def test_of_two_admins_who_end_each_other_one_remains(database, store, rounds):
    pairs = _pairs(database, rounds)
    assert set(_race(store, pairs)) == {("done", "role")}
    assert _left(database, pairs) == [1] * rounds
    with database.read_session() as session:
        assert verify(session).ok


def test_control_who_does_not_ask_the_store_leaves_none(database, store):
    pairs = _pairs(database, 8)
    assert set(_race(store, pairs, asked=False)) == {("done", "done")}
    assert _left(database, pairs) == [0] * 8


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_control_asking_is_not_enough_where_writers_do_not_queue(database, store):
    """The driver's own way on SQLite: both read that they are admins, then both write."""
    pairs = _pairs(database, 40)
    _race(store, pairs, discipline="driver")
    assert 0 in _left(database, pairs)
