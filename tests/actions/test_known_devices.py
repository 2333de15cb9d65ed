"""Limits per account, per block, of everybody together, and in a browser that is known."""

import ipaddress
from datetime import timedelta

import pytest
import sqlalchemy as sa

from shudi.errors import Refused
from shudi.staff.actions import (
    Proof,
    attempts,
    disable,
    purge,
    renew_recovery_codes,
    sign_in_factor,
    sign_in_password,
)
from shudi.staff.store.factors import KnownDevice
from tests.actions.staff_door import PASSWORD, STEP, door, enrolled, own, sign_in
from tests.people import SYSTEM

HERS = "d" * 43
HOME = ipaddress.ip_address("203.0.113.9")


@pytest.fixture
def dora(database, now):
    person = enrolled(database, now - timedelta(hours=1))
    sign_in(database, person, now - timedelta(minutes=30), device=HERS)
    return person


def knock(database, now, name="Dora", password=PASSWORD, **changes):
    return sign_in_password(database, door=door(now, **changes), name=name, password=password)


def exhaust(database, now, **changes):
    """Ten wrong passwords, and the proof that nothing more is looked at."""
    for _ in range(10):
        with pytest.raises(Refused, match="not right"):
            knock(database, now, password="wrong", **changes)
    with pytest.raises(Refused, match="Too many"):
        knock(database, now, **changes)


def devices(database):
    with database.read_session() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(KnownDevice))


def test_who_is_known_gets_in_while_the_name_is_hammered(database, dora, now):
    exhaust(database, now, client=HOME)
    pending = knock(database, now, client=HOME, device=HERS)
    at = door(now, client=HOME, device=HERS)
    assert sign_in_factor(database, door=at, token=pending, proof=Proof(code=dora.code(now)))


def test_a_known_browser_has_limits_of_its_own(database, dora, now):
    exhaust(database, now, device=HERS)


def test_it_is_known_for_its_own_person_only(database, dora, now):
    enrolled(database, now - timedelta(hours=1), "Otto")
    exhaust(database, now, name="Otto")
    with pytest.raises(Refused, match="Too many"):
        knock(database, now, name="Otto", device=HERS)


def test_wrong_codes_elsewhere_do_not_lock_the_second_factor(database, dora, now):
    pending = knock(database, now, client=HOME)
    for _ in range(5):
        with pytest.raises(Refused, match="not right"):
            sign_in_factor(database, door=door(now), token=pending, proof=Proof(code="000000"))
    right = Proof(code=dora.code(now))
    with pytest.raises(Refused, match="Too many"):
        sign_in_factor(database, door=door(now), token=pending, proof=right)
    assert sign_in(database, dora, now, right, device=HERS)


def test_everybody_together_has_a_limit_and_the_known_are_let_in(database, dora, now, monkeypatch):
    monkeypatch.setattr(attempts, "OVERALL", (attempts.Limit(20, 5),))
    for number in range(20):
        with pytest.raises(Refused):
            knock(database, now, f"name {number}", client=HOME + number)
    with pytest.raises(Refused, match="Too many"):
        knock(database, now, "a new name", client=HOME + 99)
    with pytest.raises(Refused, match="Too many"):
        knock(database, now, client=HOME + 99)
    assert knock(database, now, client=HOME + 99, device=HERS)


def test_the_overall_limit_is_the_written_one():
    assert (attempts.Limit(1000, 5),) == attempts.OVERALL


def test_it_is_forgotten_after_ninety_days_without_a_sign_in(database, dora, now):
    later = now + timedelta(days=91)
    exhaust(database, later, client=HOME)
    with pytest.raises(Refused, match="Too many"):
        knock(database, later, client=HOME, device=HERS)
    with database.transaction() as session:
        purge(session, now=later)
    assert devices(database) == 0


def test_a_change_of_credentials_forgets_the_others(database, dora, now):
    sign_in(database, dora, now - 2 * STEP, device="e" * 43)
    token = sign_in(database, dora, now, device=HERS)
    assert devices(database) == 2
    mine = own(dora, token)
    with database.transaction() as session:
        renew_recovery_codes(session, own=type(mine)(mine.actor, token, HERS), now=now)
    assert devices(database) == 1
    assert knock(database, now, device=HERS)


def test_who_is_disabled_is_known_nowhere(database, dora, now):
    with database.transaction() as session:
        disable(session, actor=SYSTEM, staff_id=dora.id, now=now)
    assert devices(database) == 0
