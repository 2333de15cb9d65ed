"""One token rule for every unsafe request, before anything else is asked.

Signed in (or between the factors), the token is the session's own. Before that it is the HMAC of
a random cookie. Browsers also say where a request comes from; what they say must agree.
"""

import hashlib
import hmac
import secrets
from typing import cast
from urllib.parse import urlsplit

from flask import Flask, g, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from console import sessions
from console.parts import keyring, settings
from shudi.errors import NotAllowed

COOKIE = "__Host-shudi-csrf"
FIELD = "csrf_token"
HEADER = "X-CSRF-Token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# A program sends this, with no cookie; what it brings is signed, and asked about there.
_SIGNED = frozenset({"sso.logged_out"})
_MAX_FIELDS = 200


def init_app(app: Flask) -> None:
    """Give templates `csrf_token()`, and visitors their cookie."""
    app.jinja_env.globals["csrf_token"] = token
    app.after_request(_remember)


def protect() -> None:
    """Refuse an unsafe request from elsewhere (`cross-site`) or without token (`csrf-token`)."""
    if request.method in SAFE or request.routing_exception is not None:
        return
    if len(request.form) > _MAX_FIELDS:
        raise RequestEntityTooLarge
    if request.endpoint in _SIGNED:
        return
    if not _comes_from_here():
        raise NotAllowed("cross-site", "This was sent from another site.")
    given = request.form.get(FIELD) or request.headers.get(HEADER) or ""
    if not any(_same(given, right) for right in _accepted()):
        raise NotAllowed("csrf-token", "This form is out of date.")


def token() -> str:
    """The token for this browser's next unsafe request."""
    found = sessions.either()
    return found.csrf if found else _visitor_tokens(_cookie())[0]


def _accepted() -> list[str]:
    found = sessions.either()
    if found is not None:
        return [found.csrf]
    cookie = request.cookies.get(COOKIE, "")
    return _visitor_tokens(cookie) if cookie else []


def _visitor_tokens(cookie: str) -> list[str]:
    data = cookie.encode("utf-8", "surrogatepass")
    return [
        hmac.new(key, data, hashlib.sha256).hexdigest() for key in keyring().derive("visitor-csrf")
    ]


def _cookie() -> str:
    """The visitor's cookie, made at first need."""
    if "csrf_cookie" not in g:
        g.csrf_cookie = request.cookies.get(COOKIE) or secrets.token_urlsafe(32)
    return cast("str", g.csrf_cookie)


def _remember(response: Response) -> Response:
    made = g.get("csrf_cookie")
    if made and made != request.cookies.get(COOKIE):
        response.set_cookie(COOKIE, made, secure=True, httponly=True, samesite="Strict", path="/")
    return response


def _comes_from_here() -> bool:
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    base = urlsplit(settings().base_url)
    ours = {f"{base.scheme}://{base.netloc}", f"{base.scheme}://{request.host}"}
    return origin in ours | {f"{request.scheme}://{request.host}"}


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), right.encode())
