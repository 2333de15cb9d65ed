"""Acceptance test 21 on the wire: WSGI cannot tell `X_Forwarded_For` from `X-Forwarded-For`."""

import pytest

from tests.extension_api.test_server import talk
from tests.reliability.test_slow_connections import serving

HEAD = (
    "POST /api/v1/reports HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    "Content-Length: 2\r\nConnection: close\r\n"
)
SPOOFED = ("X_Forwarded_For", "X-Forwarded_For", "x_forwarded-for")


@pytest.mark.parametrize(
    ("name", "spoofed"),
    [
        ("ClientChain", False),
        # the control: why a proxy has to drop names with underscores, or to use another header
        ("X-Forwarded-For", True),
    ],
)
def test_a_name_without_hyphen_has_no_double(settings, name, spoofed):
    """Each client may report once an hour; how many more get through by another's address?"""
    more = {
        "SHUDI_TRUSTED_PROXIES": "127.0.0.0/8",
        "SHUDI_FORWARDED_HEADER": name,
        "SHUDI_REPORT_LIMIT": "1",
    }
    with serving(settings, "wsgi:app", **more) as (port, _):
        own = f"{name}: 203.0.113.9\r\n"
        assert talk(port, f"{HEAD}{own}\r\n{{}}".encode())[0] == 422
        assert talk(port, f"{HEAD}{own}\r\n{{}}".encode())[0] == 429
        lines = [f"{double}: 198.51.100.{at}\r\n" for at, double in enumerate(SPOOFED)]
        # which of the two wins depends on their order
        orders = [own + line for line in lines] + [line + own for line in lines]
        answers = [talk(port, f"{HEAD}{both}\r\n{{}}".encode())[0] for both in orders]
    assert (422 in answers) == spoofed
