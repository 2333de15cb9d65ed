"""One's own credentials: as acts want them, and what a page does after a change."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from console import devices, sessions
from console.parts import database, settings
from shudi.staff.actions import Own
from shudi.staff.codec.passkeys import possible
from shudi.staff.queries import SignedIn
from shudi.staff.queries.security import has_passkey


def own() -> Own:
    """Those of whoever is signed in."""
    return Own(sessions.actor(), sessions.token(), devices.token())


def renewed(token: str, said: str) -> ResponseReturnValue:
    """Back to the security page in the session's new token, with a word on what was done."""
    sessions.adopt(token)
    flash(said, "success")
    return redirect(url_for("security.index"), 303)


def offers_passkey(found: SignedIn | None) -> bool:
    """Whether this person, of a session full or pending, has a passkey that may be asked for."""
    if found is None or not possible(settings().base_url):
        return False
    with database().read_session() as session:
        return has_passkey(session, staff_id=found.staff_id)
