"""The session cookie and what it stands for. The state is in the store; the cookie is a token.

`SameSite=Strict`: an enrolment or holder link works without any cookie, and a person who comes
from a mail to a page that needs one gets the sign-in page with a «continue» link, which is a
same-site request and carries the cookie. Flask's own session is used for flash messages only;
flask-login's `login_user` is not used at all, as it would put a hash of address and browser into
the cookie (reliability reference, finding 8).
"""

import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import cast

from flask import Flask, Request, g, request
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from console.parts import client, database, locator, request_id, settings
from console.reading import look
from shudi import clock
from shudi.errors import NotAllowed, Unavailable
from shudi.staff.actions import note_arrival, sign_out, touch
from shudi.staff.codec.devices import device_of
from shudi.staff.queries import SignedIn, resolve_session
from shudi.staff.rules import Actor, Permission

COOKIE = "__Host-shudi"
_TOUCH_AFTER = timedelta(minutes=1)


class StaffUser(UserMixin):  # type: ignore[misc]
    """`current_user` in views and templates."""

    def __init__(self, signed_in: SignedIn) -> None:
        self.signed_in = signed_in
        self.id = str(signed_in.staff_id)
        self.name = signed_in.name
        self.role = signed_in.role
        self.break_minutes = signed_in.break_minutes
        self.notices = signed_in.notices

    def may(self, permission: Permission | str) -> bool:
        """Whether the role grants it: for showing, the act asks again."""
        return self.signed_in.actor().may(Permission(permission))


def init_app(app: Flask) -> None:
    """Let flask-login answer `current_user`, and nothing else."""
    manager = LoginManager()
    manager.session_protection = None
    manager.request_loader(_load)
    manager.init_app(app)
    app.after_request(_hand_over)


def _load(_request: Request) -> StaffUser | None:
    found = current()
    return StaffUser(found) if found else None


def token() -> str:
    """The token that this request got or came with, or nothing."""
    return cast("str", g.get("shudi_token", request.cookies.get(COOKIE, "")))


def adopt(new_token: str) -> None:
    """From here on, in this request and the browser's next ones, this is the session.

    How a new one began is noted before anybody holds its token: the address is looked up and
    dropped here.
    """
    address = client()
    region = locator().locate(str(address)).region if address else None
    device = device_of(request.headers.get("User-Agent", ""))
    with database().transaction() as session:
        note_arrival(session, token=new_token, region=region, device=device, now=clock.now())
    g.shudi_token = new_token
    g.pop("shudi_session", None)


def _hand_over(response: Response) -> Response:
    if g.get("shudi_token"):
        response.set_cookie(
            COOKIE, g.shudi_token, secure=True, httponly=True, samesite="Strict", path="/"
        )
    return response


def either() -> SignedIn | None:
    """The session, full or pending; read once a request. Raises Unavailable."""
    if "shudi_session" not in g:
        found = None
        if token():
            with database().read_session() as session:
                found = resolve_session(
                    session,
                    token=token(),
                    now=clock.now(),
                    settings=settings(),
                    look=look(),
                )
        g.shudi_session = found
    return cast("SignedIn | None", g.shudi_session)


def current() -> SignedIn | None:
    """The session of somebody who is signed in, with both factors."""
    found = either()
    return found if found is not None and found.full else None


def pending() -> SignedIn | None:
    """The session of somebody whose second factor is still asked for."""
    found = either()
    return found if found is not None and not found.full else None


def person() -> SignedIn:
    """Whoever is signed in; NotAllowed if nobody is."""
    found = current()
    if found is None:
        raise NotAllowed("sign-in-needed", "Please sign in first.")
    return found


def actor() -> Actor:
    """Whoever is signed in, as acts know them; NotAllowed if nobody is."""
    return person().actor(request_id())


def keep_alive() -> None:
    """Note that the session is in use, at most once a minute; a busy store is no reason to fail."""
    found, now = current(), clock.now()
    if found is None or now - found.seen_at < _TOUCH_AFTER:
        return
    with contextlib.suppress(Unavailable), database().transaction() as session:
        touch(session, token=token(), now=now)


def start(new_token: str, location: Callable[[], str]) -> Response:
    """Go with a new session to the `location` that is right for its person; whatever the cookie
    named before is over.
    """
    end()
    adopt(new_token)
    return redirect(location(), 303)


def end() -> None:
    """End the session that the cookie names, if it still holds."""
    found = either()
    if found is None:
        return
    with database().transaction() as session:
        sign_out(session, actor=found.actor(request_id()), token=token(), now=clock.now())


def forget(location: str) -> ResponseReturnValue:
    """End the session, take the cookie back, go to `location`."""
    end()
    answer = redirect(location, 303)
    answer.delete_cookie(COOKIE, secure=True, httponly=True, samesite="Strict", path="/")
    return answer
