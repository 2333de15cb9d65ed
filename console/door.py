"""Where somebody knocks, as the acts of signing in want to know it."""

from console.parts import client, keyring, request_id, settings
from shudi import clock
from shudi.staff.actions import Door


def door() -> Door:
    """The door as the request at hand found it."""
    return Door(
        keyring=keyring(),
        client=client(),
        now=clock.now(),
        request_id=request_id(),
        hours=settings().session_hours,
        origin=settings().base_url.rstrip("/"),
    )
