"""Where somebody knocks, as the acts of signing in want to know it."""

from console import csrf, devices, sessions
from console.parts import client, keyring, request_id, settings
from shudi import clock
from shudi.staff.actions import Door
from shudi.staff.codec.keyring import token_hash


def door() -> Door:
    """The door as the request at hand found it."""
    return Door(
        keyring=keyring(),
        client=client(),
        now=clock.now(),
        request_id=request_id(),
        hours=settings().session_hours,
        origin=settings().base_url.rstrip("/"),
        holder=_holder(),
        device=devices.token(),
    )


def _holder() -> str:
    found = sessions.either()
    return f"staff:{found.staff_id}" if found else f"visitor:{token_hash(csrf.token())}"
