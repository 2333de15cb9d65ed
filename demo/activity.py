"""Eighty days of invented activity, as sightings that the platform would send."""

import dataclasses
import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from demo.people import Person

SITE = "teahouse"
DAYS = 80
_KINDS = {"post": 20, "comment": 30, "reply": 40, "vote": 10}
_DAY = timedelta(days=1)


@dataclasses.dataclass(slots=True)
class Sighting:
    """One line for the intake act."""

    site: str
    account: str
    ip: str
    at: str
    kind: str


def sighting(person: Person, ip: str, at: datetime, kind: str = "post") -> Sighting:
    """One activity of `person`."""
    return Sighting(SITE, person.account, ip, at.isoformat(), kind)


def history(
    people: Sequence[Person],
    pools: Mapping[str, Sequence[str]],
    now: datetime,
    quiet_since: Mapping[str, datetime],
) -> list[list[Sighting]]:
    """Each day's sightings, oldest day first; day 0 ends DAYS - 1 days before `now`'s.

    `quiet_since`: accounts that do nothing from an instant on, so that a story can go on there.
    """
    days: list[list[Sighting]] = [[] for _ in range(DAYS)]
    for person in people:
        for day, one in _of(person, pools, now, quiet_since.get(person.account, now)):
            days[day].append(one)
    return days


def day_end(day: int, now: datetime) -> datetime:
    """When the platform sends that day's batch."""
    return now - (DAYS - 1 - day) * _DAY - timedelta(hours=5)


def _of(
    person: Person, pools: Mapping[str, Sequence[str]], now: datetime, until: datetime
) -> list[tuple[int, Sighting]]:
    if person.activity == "silent":
        return []
    chance = random.Random(f"teahouse activity {person.number}")
    first = max(0, DAYS - person.joined_days)
    days = sorted(chance.randrange(first, DAYS) for _ in range(chance.randrange(3, 12)))
    if person.joined_days >= DAYS:
        days.insert(0, chance.randrange(4))  # known from the beginning
    lines = []
    for day in days:
        at = day_end(day, now) - timedelta(seconds=chance.randrange(20 * 3600))
        kind = chance.choices(list(_KINDS), list(_KINDS.values()))[0]
        kind = kind if person.activity == "posts" else "sign_in"
        pool = pools.get(_region(person, day)) or ()
        if pool and at < until:
            ip = pool[(person.number + chance.randrange(2)) % len(pool)]
            lines.append((day, sighting(person, ip, at, kind)))
    return lines


def _region(person: Person, day: int) -> str:
    moved = person.elsewhere and DAYS - day <= person.moved_days
    return person.elsewhere if moved else person.region
