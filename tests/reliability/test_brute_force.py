"""Acceptance test 20: passwords and codes by the thousand, against four real workers."""

from datetime import timedelta

import pytest

from shudi import clock
from tests.actions.staff_door import PASSWORD, STEP, enrolled, sign_in
from tests.reliability.knocking import (
    IN,
    THROTTLED,
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
