"""The cookie by which a browser is known in which somebody signed in before. It opens nothing."""

from datetime import timedelta
from typing import cast

from flask import Flask, g, request
from werkzeug.wrappers import Response

from shudi.staff.codec.keyring import new_token

COOKIE = "__Host-shudi-device"
_KEPT = timedelta(days=90)


def init_app(app: Flask) -> None:
    """Hand the cookie out once somebody is in."""
    app.after_request(_hand_over)


def token() -> str:
    """The token of this browser, made at first need."""
    if "shudi_device" not in g:
        g.shudi_device = request.cookies.get(COOKIE) or new_token()
    return cast("str", g.shudi_device)


def keep() -> None:
    """Somebody signed in with both factors: the browser keeps its token."""
    g.shudi_device_kept = True


def _hand_over(response: Response) -> Response:
    if g.get("shudi_device_kept"):
        response.set_cookie(
            COOKIE, token(), max_age=_KEPT, secure=True, httponly=True, samesite="Strict", path="/"
        )
    return response
