"""Acceptance test 21: whom both doors take for the client, whatever the client says of itself.

The oracle is the way the request really took: a client speaks through none, one or two proxies,
and each proxy adds the address that spoke to it. Behind proxies that we trust the answer is the
client, before the first that we do not trust it is that one.
"""

import ipaddress
import itertools

import pytest

import extension_api
from console import create_app, parts
from extension_api.parts import address
from tests.console.browser import BASE

CLIENTS = ("203.0.113.9", "2001:db8:7::1")
PROXIES = ("10.0.0.1", "10.0.0.2")
SPOOF = "198.51.100.66"
OWN = "ClientChain"  # a name without hyphen, which no underscore can stand in for

_VALUES = (
    SPOOF,
    f"{SPOOF}, 192.0.2.7",
    f" {SPOOF} ",
    f",{SPOOF}",
    f"{SPOOF},",
    ",,,",
    " ",
    "unknown",
    "_hidden",
    f"{SPOOF}:443",
    f"{SPOOF}:99999999",
    f"[{SPOOF}]",
    "[2001:db8::66]",
    "[2001:db8::66]:443",
    "[2001:db8::66",
    "2001:db8::66",
    "2001:db8::66%eth0",
    "fe80::1%25eth0",
    f"::ffff:{SPOOF}",
    f"::{SPOOF}",
    "::ffff:c633:6442",
    "::1",
    "127.0.0.1",
    "10.0.0.1",
    "10.0.0.1, 10.0.0.2",
    "10.0.0.2, 10.0.0.1, 10.0.0.2",
    "0.0.0.0",
    "255.255.255.255",
    "198.51.100.066",
    "0xc6336442",
    "3325256770",
    "198.51.100",
    "198.51.100.66/32",
    "localhost",
    "evil.example",
    "<script>alert(1)</script>",
    "'; drop table staff; --",
    "198.51.100.66\t10.0.0.1",
    "198.51.100.66;10.0.0.1",
    '"198.51.100.66"',
    "for=198.51.100.66;proto=https",
    "198.51.100.66 10.0.0.1",
    "1" * 4000,
    ", ".join([SPOOF] * 500),
    "\N{FULLWIDTH DIGIT ONE}0.0.0.1".encode().decode("latin-1"),
    "%00",
    "-1",
    "1e3",
)
# (name of a header, value): what clients send before any proxy has touched it. `{}` is the header
# that this deployment reads.
FORMS = [[("{}", value)] for value in _VALUES] + [
    [],
    [("{}", "")],
    [("{}", SPOOF), ("{}", "192.0.2.7")],
    [("{}", "192.0.2.7"), ("{}", "garbage")],
    [("X-Real-IP", SPOOF)],
    [("X-Client-IP", SPOOF), ("True-Client-IP", SPOOF), ("CF-Connecting-IP", SPOOF)],
    [("Forwarded", f"for={SPOOF}")],
    [("Forwarded", f'for="[2001:db8::66]:80", for={SPOOF}')],
    [("X-Forwarded", SPOOF), ("Forwarded-For", SPOOF), ("Via", f"1.1 {SPOOF}")],
    [("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "gopher")],
    [("Remote-Addr", SPOOF), ("X-Remote-Addr", SPOOF)],
    [("X-ProxyUser-Ip", SPOOF), ("X-Original-Forwarded-For", SPOOF)],
]
# Names that WSGI cannot tell from X-Forwarded-For. They need OWN.
UNDERSCORED = [
    [("X_Forwarded_For", SPOOF)],
    [("X-Forwarded_For", SPOOF)],
    [("X_Forwarded-For", f"{SPOOF}, 10.0.0.1")],
    [("X_Real_IP", SPOOF)],
]
WRITTEN = (  # how proxies write an address
    str,
    lambda one: f"[{one}]:5555" if ":" in one else f"{one}:5555",
    lambda one: one if ":" in one else f"::ffff:{one}",
)


def way(name, form, chain, write, *, new_line):
    """(peer, headers) after `form` went from chain[0] through chain[1:]."""
    lines = [value for sent, value in form if sent == "{}"]
    others = [pair for pair in form if pair[0] != "{}"]
    for spoke in chain[:-1]:
        if new_line or not lines:
            lines.append(write(spoke))
        else:
            lines[-1] = f"{lines[-1]}, {write(spoke)}"
    return chain[-1], [(name, line) for line in lines] + others


def truth(chain, trusted):
    """The first hop, from our side, that is no trusted proxy; the client at the latest."""
    hops = list(chain)
    while len(hops) > 1 and any(ipaddress.ip_address(hops[-1]) in one for one in trusted):
        hops.pop()
    return ipaddress.ip_address(hops[-1])


TRUST = {
    "nobody": (),
    "the last": (ipaddress.ip_network("10.0.0.2/32"),),
    "both": (ipaddress.ip_network("10.0.0.0/24"),),
}


@pytest.fixture(params=[OWN, "X-Forwarded-For"])
def name(request):
    return request.param


@pytest.fixture(params=TRUST)
def trusted(request):
    return TRUST[request.param]


@pytest.fixture
def doors(sqlite_database, make_settings, vocabulary, locator, name, trusted):
    """Who asks, as each door sees it."""
    settings = make_settings(base_url=BASE, trusted_proxies=trusted, forwarded_header=name)
    given = {"database": sqlite_database, "vocabulary": vocabulary, "locator": locator}
    console, api = create_app(settings, **given), extension_api.create_app(settings, **given)

    def seen(peer, headers):
        for app, ask in ((console, parts.client), (api, address)):
            with app.test_request_context(
                "/", base_url=BASE, headers=headers, environ_overrides={"REMOTE_ADDR": peer}
            ):
                yield ask()

    yield seen
    api.extensions["shudi"].limiter.close()
    api.extensions["shudi"].shelf.close()


def test_both_doors_see_who_really_asks(doors, name, trusted):
    forms = FORMS + (UNDERSCORED if name == OWN else [])
    assert len(FORMS) >= 60
    wrong = []
    for form, client, proxies in itertools.product(forms, CLIENTS, range(3)):
        chain = [client, *PROXIES[2 - proxies :]]
        for write, new_line in itertools.product(WRITTEN, (False, True)):
            peer, headers = way(name, form, chain, write, new_line=new_line)
            expected = truth(chain, trusted)
            wrong += [(peer, headers, found) for found in doors(peer, headers) if found != expected]
    assert not wrong, (len(wrong), wrong[:5])


def test_garbage_reaches_no_page(browser):
    for form in FORMS:
        headers = [(sent.format("X-Forwarded-For"), value) for sent, value in form]
        browser.raw("/sign-in", headers=headers)
        assert SPOOF not in browser.page
        assert "alert(1)" not in browser.page
