"""Who really asks, whatever the headers say."""

import ipaddress

import pytest

from shudi.clients.rules import client_address

NOBODY: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
PROXY = [ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("2001:db8:aaaa::/48")]


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "client"),
    [
        ("198.51.100.7", [], NOBODY, "198.51.100.7"),
        ("198.51.100.7", ["203.0.113.1"], NOBODY, "198.51.100.7"),
        ("198.51.100.7", ["203.0.113.1"], PROXY, "198.51.100.7"),
        ("10.0.0.1", ["203.0.113.1"], PROXY, "203.0.113.1"),
        ("10.0.0.1", ["1.2.3.4, 203.0.113.1"], PROXY, "203.0.113.1"),
        ("10.0.0.1", ["1.2.3.4", "203.0.113.1"], PROXY, "203.0.113.1"),
        ("10.0.0.1", ["203.0.113.1, 10.9.9.9"], PROXY, "203.0.113.1"),
        ("10.0.0.1", ["6.6.6.6, 203.0.113.1, 10.9.9.9,10.8.8.8"], PROXY, "203.0.113.1"),
        ("10.0.0.1", ["10.9.9.9"], PROXY, "10.9.9.9"),
        ("10.0.0.1", [], PROXY, "10.0.0.1"),
        ("10.0.0.1", [""], PROXY, "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.1:5555"], PROXY, "203.0.113.1"),
        ("10.0.0.1", ["[2001:db8::1]:5555"], PROXY, "2001:db8::1"),
        ("10.0.0.1", ["fe80::1%eth0"], PROXY, "fe80::1"),
        ("10.0.0.1", ["203.0.113.1, <script>"], PROXY, "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.1,"], PROXY, "10.0.0.1"),
        ("10.0.0.1", ["0xcb007101"], PROXY, "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.010"], PROXY, "10.0.0.1"),
        ("10.0.0.1", ["::ffff:203.0.113.1"], PROXY, "203.0.113.1"),
        ("::ffff:10.0.0.1", ["203.0.113.1"], PROXY, "203.0.113.1"),
        ("2001:db8:aaaa::5", ["2001:db8:1::1"], PROXY, "2001:db8:1::1"),
        ("fe80::1%eth0", ["203.0.113.1"], PROXY, "fe80::1"),
        ("", ["203.0.113.1"], PROXY, None),
        ("garbage", ["203.0.113.1"], PROXY, None),
    ],
)
def test_the_client_is_the_first_hop_that_is_not_ours(peer, forwarded, trusted, client):
    expected = ipaddress.ip_address(client) if client else None
    assert client_address(peer, forwarded, trusted) == expected
