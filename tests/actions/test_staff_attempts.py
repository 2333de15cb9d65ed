"""Counting attempts."""

from datetime import timedelta

import pytest

from shudi.errors import Refused
from shudi.staff.actions import attempts, purge
from shudi.staff.actions.attempts import Limit, Subject, spend
from tests.actions.staff_door import KEYRING

FIVE = Subject(["someone"], (Limit(5, 5), Limit(8, 60)))


def tries(database, subject, now, count=1):
    """How many of `count` attempts were let through."""
    passed = 0
    for _ in range(count):
        try:
            with database.transaction() as session:
                spend(session, subjects=[subject], now=now)
            passed += 1
        except Refused:
            continue
    return passed


def test_no_window_of_five_minutes_holds_more_than_the_limit(sqlite_database, now):
    start = now.replace(minute=0, second=0, microsecond=0)
    passed = [
        start + timedelta(seconds=second)
        for second in range(0, 1800, 20)
        if tries(sqlite_database, Subject(["x"], (Limit(5, 5),)), start + timedelta(seconds=second))
    ]
    assert len(passed) > 10
    for instant in passed:
        within = [one for one in passed if instant <= one < instant + timedelta(minutes=5)]
        assert len(within) <= 5


def test_every_limit_holds(database, now):
    assert tries(database, FIVE, now, 9) == 5
    assert tries(database, FIVE, now + timedelta(minutes=6), 9) == 3
    assert tries(database, FIVE, now + timedelta(minutes=12), 9) == 0
    assert tries(database, FIVE, now + timedelta(minutes=67), 9) == 5


def test_the_refusal_says_when_to_come_back(database, now):
    assert tries(database, FIVE, now, 5) == 5
    with pytest.raises(Refused) as refusal, database.transaction() as session:
        spend(session, subjects=[FIVE], now=now)
    wait = refusal.value.facts["retry_after"]
    assert 0 < wait <= 360
    assert tries(database, FIVE, now + timedelta(seconds=wait)) == 1


def test_a_refused_attempt_counts_nowhere(database, now):
    other = Subject(["other"], (Limit(3, 5),))
    tries(database, FIVE, now, 5)
    for _ in range(5):
        with pytest.raises(Refused), database.transaction() as session:
            spend(session, subjects=[other, FIVE], now=now)
    assert tries(database, other, now, 9) == 3


def test_midnight_forgives_nothing(sqlite_database, now):
    late = now.replace(hour=23, minute=59)

    def subject(at):
        return attempts.by_client(KEYRING, None, at, (Limit(5, 5),))

    assert tries(sqlite_database, subject(late), late, 9) == 5
    after = late + timedelta(minutes=2)
    assert tries(sqlite_database, subject(after), after, 9) == 0


def test_counts_are_forgotten_when_no_limit_looks_at_them(sqlite_database, now):
    tries(sqlite_database, FIVE, now, 1)
    with sqlite_database.transaction() as session:
        assert purge(session, now=now + timedelta(hours=23)) == 0
        assert purge(session, now=now + timedelta(hours=25)) == 1


def test_limits_are_the_written_ones():
    assert (Limit(10, 5),) == attempts.PASSWORD
    assert (Limit(5, 5), Limit(20, 60), Limit(50, 1440)) == attempts.SECOND_FACTOR
