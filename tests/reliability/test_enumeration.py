"""Acceptance test 22: names that are known, unknown, disabled or not enrolled get one answer, in
status, size, headers and time.

Times are compared by rank within one run, interleaved: what the machine does meanwhile falls on
all alike. A difference counts if chance makes it seldom (p at most 0.01) and it is large enough
to be used (a tenth of the median); the best of three rounds says what the door adds.
"""

import random
import re
import statistics
import time as wall

import pytest
import sqlalchemy as sa

from shudi.staff.actions import disable, make_link
from shudi.staff.codec import passwords
from shudi.staff.store import LinkPurpose, Staff
from tests import people
from tests.actions.staff_door import CHEAP
from tests.console.browser import Browser
from tests.console.conftest import app, browser, time  # noqa: F401 -- fixtures

PASSWORD = "three small boats at dusk"
KINDS = {"known": "alice", "unknown": "nobody", "disabled": "amir", "not enrolled": "sonja"}
COUNTS = [pytest.param(40, id="short"), pytest.param(400, id="long", marks=pytest.mark.long)]
ROUNDS, SHUFFLES = 3, 999


@pytest.fixture
def staff(app, sqlite_database, now):  # noqa: F811
    """Alice has a password, Amir had one, Sonja has none yet."""
    values = {"password_hash": passwords.hash_new(PASSWORD)}
    with sqlite_database.transaction() as session:
        for who in (people.ALICE, people.AMIR):
            session.execute(sa.update(Staff).where(Staff.id == who.staff_id).values(**values))
        disable(session, actor=people.SYSTEM, staff_id=people.AMIR.staff_id or 0, now=now)
    return app


def sign_ins(app, time, count):  # noqa: F811
    """(kind, seconds, what was answered) of `count` wrong passwords, the kinds by turns."""
    browsers = {kind: Browser(app, f"198.51.100.{at}") for at, kind in enumerate(KINDS)}
    for one in browsers.values():
        one.get("/sign-in")
    found = []
    for number in range(count):
        kinds = list(KINDS)
        kind = kinds[number % len(kinds)]
        if number % 32 == 0:
            time.turn(minutes=6)  # the limits are not what is measured
        started = wall.perf_counter()
        answer = browsers[kind].post("/sign-in", {"name": KINDS[kind], "password": "wrong " * 3})
        spent = wall.perf_counter() - started
        text = re.sub(r'(?:name="csrf_token" value|nonce)="[^"]*"', "", answer.text)
        text = text.replace(KINDS[kind], "")
        found.append((kind, spent, (answer.status_code, text, sorted(answer.headers.keys()))))
    return found


def told_apart(ours: list[float], others: list[float]) -> bool:
    """Whether the two could be told apart: seldom by chance, and by enough."""
    apart = abs(statistics.median(ours) - statistics.median(others))
    if apart <= 0.1 * statistics.median(ours + others):
        return False
    return by_chance(ours, others) <= 0.01


def by_chance(ours: list[float], others: list[float]) -> float:
    """How often chance alone sets the medians as far apart: a permutation test."""
    apart = abs(statistics.median(ours) - statistics.median(others))
    draw, both, often = random.Random(7), ours + others, 0
    for _ in range(SHUFFLES):
        draw.shuffle(both)
        one, two = both[: len(ours)], both[len(ours) :]
        often += abs(statistics.median(one) - statistics.median(two)) >= apart
    return (often + 1) / (SHUFFLES + 1)


def differing(found):
    """Kinds whose times are not those of the names that are known."""
    times = {kind: [spent for one, spent, _ in found if one == kind] for kind in KINDS}
    return {kind for kind in KINDS if told_apart(times["known"], times[kind])}


@pytest.mark.timeout(900)
@pytest.mark.parametrize("count", COUNTS)
def test_names_cannot_be_told_apart_at_the_door(staff, time, count):  # noqa: F811
    always = set(KINDS)
    for _ in range(ROUNDS):
        found = sign_ins(staff, time, count)
        answers = {repr(answer) for _, _, answer in found}
        assert len(answers) == 1
        assert found[0][2][0] == 422
        always &= differing(found)
        if not always:
            break
    assert always == set()


def test_a_door_that_hashes_for_known_names_only_would_tell(staff, time, monkeypatch):  # noqa: F811
    """The negative control: an empty hash answered at once, as is so easily written."""
    verify = passwords.verify

    def hasty(stored, password, *, hasher=CHEAP):
        return bool(stored) and verify(stored, password, hasher=hasher)

    monkeypatch.setattr(passwords, "verify", hasty)
    assert differing(sign_ins(staff, time, 60)) == {"unknown", "disabled", "not enrolled"}


def test_links_cannot_be_told_apart(staff, sqlite_database, now):
    """Replaced, of somebody disabled, or never made: one page."""
    invited = (people.SONJA, people.SONJA, people.CHARLIE)
    with sqlite_database.transaction() as session:
        tokens = [
            make_link(
                session, actor=people.SYSTEM, staff_id=who.staff_id or 0,
                purpose=LinkPurpose.ENROL, now=now,
            )
            for who in invited
        ]  # fmt: skip
        disable(session, actor=people.SYSTEM, staff_id=people.CHARLIE.staff_id or 0, now=now)
    stranger = Browser(staff)
    answers = set()
    for token in ("n" * 43, tokens[0], tokens[2]):
        answer = stranger.get(f"/enrol/{token}")
        text = re.sub(r'(?:href="/enrol/|nonce=")[^"]*"', "", answer.text)
        answers.add((answer.status_code, text, tuple(sorted(answer.headers.keys()))))
    assert len(answers) == 1
