"""Acceptance test 20: passwords and codes by the thousand, against four real workers."""

import contextlib
from datetime import timedelta

import pytest

from shudi import clock
from shudi.db import connect
from shudi.db.migrate import migrate
from tests.actions.staff_door import PASSWORD, STEP, enrolled, sign_in
from tests.conftest import Store
from tests.reliability.altered import AHEAD, ALTERED, CLOCK
from tests.reliability.knocking import (
    DOWN,
    IN,
    THROTTLED,
    WRONG,
    Knocker,
    address,
    hammer,
    judged,
    serving,
    start,
)

COUNTS = [pytest.param(60, id="short"), pytest.param(1000, id="long", marks=pytest.mark.long)]
DEVICE = "d" * 43


@pytest.fixture
def dora(database):
    """Enrolled an hour ago; since then she signed in once, in a browser that is known by DEVICE."""
    person = enrolled(database, clock.now() - timedelta(hours=1))
    sign_in(database, person, clock.now() - 3 * STEP, device=DEVICE)
    return person


def visitor(server, device=""):
    browser = Knocker(server.port, {"__Host-shudi-device": device} if device else {})
    assert browser.open("/sign-in") == 200
    return browser


def owner_gets_in(server, dora):
    """Password and code in the browser that is known."""
    browser = visitor(server, DEVICE)
    if browser.password(PASSWORD) != IN:
        return False
    browser.open("/sign-in/code")
    return browser.send("/sign-in/code", code=dora.code(clock.now())) == IN


@pytest.mark.timeout(900)
@pytest.mark.parametrize("count", COUNTS)
def test_passwords_from_everywhere_open_nothing_and_lock_nobody_out(store, dora, tmp_path, count):
    """A thousand address blocks that a trusted proxy vouches for, and one account."""
    with serving(store, tmp_path, SHUDI_TRUSTED_PROXIES="127.0.0.0/8") as server:
        attacker = visitor(server)
        answers = hammer(
            count, lambda number: attacker.password(f"wrong {number}", client=address(number))
        )
        assert judged(answers, 5) <= 10
        assert visitor(server).password(PASSWORD, client="10.255.0.1") == THROTTLED  # the control
        start(server)
        assert visitor(server).password(PASSWORD, client="10.255.0.2") == THROTTLED
        assert owner_gets_in(server, dora)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("count", COUNTS)
def test_forged_addresses_and_many_names_are_one_client(store, dora, tmp_path, count):
    """Nobody trusts who connects: what it says of itself counts for nothing."""
    with serving(store, tmp_path) as server:
        attacker = visitor(server)
        answers = hammer(
            count,
            lambda number: attacker.password(
                "wrong", name=f"name {number}", client=address(number)
            ),
        )
        assert judged(answers, 5) <= 10
        assert owner_gets_in(server, dora)  # from the very same block


@pytest.mark.timeout(900)
@pytest.mark.parametrize("count", COUNTS)
def test_codes_by_one_who_has_the_password(store, dora, tmp_path, count):
    with serving(store, tmp_path, SHUDI_TRUSTED_PROXIES="127.0.0.0/8") as server:
        attacker = visitor(server)
        assert attacker.password(PASSWORD, client="10.255.0.1") == IN
        assert attacker.open("/sign-in/code") == 200
        answers = hammer(
            count,
            lambda number: attacker.send("/sign-in/code", address(number), code=f"{number:06}"),
        )
        assert judged(answers, 5) <= 5
        start(server)
        code = dora.code(clock.now())
        assert attacker.send("/sign-in/code", "10.255.0.2", code=code) == THROTTLED  # the control
        assert owner_gets_in(server, dora)


# -- over hours, with a clock that is set ahead -----------------------------------------------------

STEP_MINUTES = 6  # longer than the shortest window
SPANS = [
    pytest.param(13, id="an hour and more"),
    pytest.param(250, id="a day and more", marks=(pytest.mark.long, pytest.mark.timeout(3000))),
]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("steps", SPANS)
def test_codes_are_few_in_an_hour_and_in_a_day_too(store, dora, tmp_path, steps):
    """Patience gains nothing: an attacker with the password comes back every few minutes, each time
    from another block and with more codes than the minutes allow.
    """
    ahead = tmp_path / "ahead"
    ahead.write_text("0")
    setting = {"SHUDI_TRUSTED_PROXIES": "127.0.0.0/8", ALTERED: CLOCK, AHEAD: str(ahead)}
    judged_at = []
    with serving(store, tmp_path, altered=True, **setting) as server:
        for step in range(steps):
            minute = step * STEP_MINUTES
            ahead.write_text(str(minute * 60))
            attacker = visitor(server)
            if attacker.password(PASSWORD, client=address(step)) != IN:
                continue
            attacker.open("/sign-in/code")
            for number in range(7):
                code = f"{7 * step + number:06}"
                if attacker.send("/sign-in/code", address(step), code=code) == WRONG:
                    judged_at.append(minute)
            if step == steps // 2:
                start(server)
        ahead.write_text(str((steps * STEP_MINUTES + 26 * 60) * 60))
        assert owner_gets_in_anew(server, dora, steps * STEP_MINUTES + 26 * 60)  # the day after
    assert _most(judged_at, 5) == 5  # the control: each time as many as minutes allow
    # the owner's own sign-in, a moment before, is counted with the first of them
    assert 19 <= _most(judged_at, 60) <= 20
    assert _most(judged_at, 24 * 60) <= 50
    if steps > 24 * 60 / STEP_MINUTES:
        assert _most(judged_at, 24 * 60) >= 49


def _most(minutes, window):
    """The most that fell into any `window` minutes."""
    return max(sum(at <= one < at + window for one in minutes) for at in minutes)


def owner_gets_in_anew(server, dora, minutes):
    """In a browser that nobody knows, once the windows are over."""
    browser = visitor(server)
    if browser.password(PASSWORD, client="10.254.0.1") != IN:
        return False
    browser.open("/sign-in/code")
    code = dora.code(clock.now() + timedelta(minutes=minutes))
    return browser.send("/sign-in/code", "10.254.0.1", code=code) == IN


# -- while the store is gone ------------------------------------------------------------------------


def _public(server):
    """A public read that needs no store."""
    return Knocker(server.port).open("/api/v1/regions")


def _down(server):
    browser = Knocker(server.port)
    browser.open("/sign-in")
    return browser.password(PASSWORD)


@contextlib.contextmanager
def _unreadable(path):
    """The file's place is taken, and a new connection finds none."""
    kept = path.rename(path.with_suffix(".away"))
    path.mkdir()
    try:
        yield
    finally:
        path.rmdir()
        kept.rename(path)


@contextlib.contextmanager
def _stopped(cluster):
    cluster.stop()
    try:
        yield
    finally:
        cluster.start()


def _stays_shut(store, gone, tmp_path):
    database = connect(store.url)
    person = enrolled(database, clock.now() - timedelta(hours=1))
    sign_in(database, person, clock.now() - 3 * STEP, device=DEVICE)
    database.dispose()
    with serving(store, tmp_path) as server:
        before = visitor(server)
        assert _public(server) == 200
        with gone:
            assert before.password(PASSWORD) == DOWN
            assert _down(server) == DOWN
            assert _public(server) == 200
        assert before.password(PASSWORD) == IN
        assert owner_gets_in(server, person)


@pytest.mark.timeout(900)
def test_with_postgresql_stopped_the_door_stays_shut_and_the_public_reads_on(
    postgres_cluster, tmp_path
):
    migrate(postgres_cluster.url())
    store = Store("postgresql", postgres_cluster.url(), postgres_cluster.url())
    _stays_shut(store, _stopped(postgres_cluster), tmp_path)


@pytest.mark.timeout(900)
def test_with_sqlite_unreadable_the_door_stays_shut_and_the_public_reads_on(sqlite_store, tmp_path):
    _stays_shut(sqlite_store, _unreadable(sqlite_store.path), tmp_path)
