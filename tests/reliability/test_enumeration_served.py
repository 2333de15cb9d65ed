"""Acceptance test 22 through a real server, on both stores: what is answered at the door and to a
link is the same for known, unknown and disabled people, in status, size and headers, and in the
long round in time, too: medians differ by less than 5 ms, or by no more than chance does.
"""

import re
import statistics
import time
from datetime import timedelta

import pytest

from shudi import clock
from shudi.staff.actions import disable, make_link
from shudi.staff.codec.passwords import HASHER
from shudi.staff.rules import Actor
from shudi.staff.store import LinkPurpose
from tests.actions.staff_door import enrolled, invite
from tests.reliability.altered import AHEAD, ALTERED, CLOCK
from tests.reliability.knocking import Knocker, address, serving
from tests.reliability.test_enumeration import by_chance

COUNTS = [
    pytest.param(36, id="short"),
    pytest.param(400, id="long", marks=(pytest.mark.long, pytest.mark.timeout(1800))),
]
TIMED = 400  # shorter rounds say too little of times
TRIES = 3
EACH = 8  # tries of one kind before the clock goes on: the limits are not what is measured
OPERATOR = Actor.system("test")


@pytest.fixture
def ways(database):
    """For each kind of asking, the kinds of people and what is asked of each."""
    then = clock.now() - timedelta(hours=1)
    enrolled(database, then, "Known", hasher=HASHER)
    gone = enrolled(database, then, "Gone", hasher=HASHER)
    invited, _ = invite(database, then, "Invited")
    leaver, _ = invite(database, then, "Leaver")
    with database.transaction() as session:
        old, _, left = (
            make_link(
                session, actor=OPERATOR, staff_id=who, purpose=LinkPurpose.ENROL, now=clock.now()
            )
            for who in (invited, invited, leaver)
        )
        for who in (gone.id, leaver):
            disable(session, actor=OPERATOR, staff_id=who, now=clock.now())
    names = {"known": "Known", "unknown": "Nobody", "disabled": "Gone", "not enrolled": "Invited"}
    links = {"known": old, "unknown": "n" * 43, "disabled": left}
    return {
        "login": {kind: ("POST", "/sign-in", name) for kind, name in names.items()},
        "link": {kind: ("GET", f"/enrol/{token}", token) for kind, token in links.items()},
        "link used": {kind: ("POST", f"/enrol/{token}", token) for kind, token in links.items()},
    }


def _ask(browser, asked, client):
    """(seconds, what was answered, without what was asked)."""
    method, path, name = asked
    fields = {"name": name, "password": "wrong " * 3, "password_again": "wrong " * 3}
    begun = time.perf_counter()
    status, headers, text = browser.exchange(method, path, client, fields)
    spent = time.perf_counter() - begun
    text = re.sub(r'name="csrf_token" value="[^"]*"|nonce="[^"]*"', "", text).replace(name, "")
    kept = sorted(headers - {"date"})
    return spent, (status, len(text), text, tuple(kept))


def _rounds(server, kinds, count, ahead):
    browsers = {kind: Knocker(server.port) for kind in kinds}
    for browser in browsers.values():
        browser.open("/sign-in")
    found = []
    for number in range(count):
        turn, at = divmod(number, len(kinds))
        if at == 0 and turn % EACH == 0:
            ahead.write_text(str(float(ahead.read_text()) + 360))
            for browser in browsers.values():
                browser.open("/sign-in")
        kind = list(kinds)[(at + turn) % len(kinds)]
        found.append((kind, *_ask(browsers[kind], kinds[kind], address(number))))
    return found


def _apart(found, kinds):
    """Kinds whose times can be told from those of the known."""
    times = {kind: [spent for one, spent, _ in found if one == kind] for kind in kinds}
    known = times.pop("known")
    return {
        kind
        for kind, theirs in times.items()
        if abs(statistics.median(known) - statistics.median(theirs)) >= 0.005
        or by_chance(known, theirs) <= 0.01
    }


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("way", ["login", "link", "link used"])
def test_people_cannot_be_told_apart(store, ways, tmp_path, way, count):
    ahead, kinds = tmp_path / "ahead", ways[way]
    ahead.write_text("0")
    setting = {"SHUDI_TRUSTED_PROXIES": "127.0.0.0/8", ALTERED: CLOCK, AHEAD: str(ahead)}
    always = set(kinds) if count >= TIMED else set()
    with serving(store, tmp_path, altered=True, **setting) as server:
        for _ in range(TRIES):
            found = _rounds(server, kinds, count, ahead)
            assert len({repr(answer) for *_, answer in found}) == 1
            assert found[0][2][0] in (404, 422)
            if count >= TIMED:
                always &= _apart(found, kinds)
            if not always:
                break
    assert always == set()
