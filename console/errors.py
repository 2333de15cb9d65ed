"""From a refusal to a page. Nothing here needs the store; no page tells what went wrong inside."""

import contextlib
import logging
import math
from urllib.parse import urlencode

from flask import Flask, g, make_response, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from markupsafe import escape
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.wrappers import Response

from console import csrf, messages, readonly, sessions
from console.parts import database
from shudi import clock
from shudi.errors import (
    Invalid,
    NotAllowed,
    NotFound,
    Refused,
    ShudiError,
    Stale,
    Unavailable,
)
from shudi.staff.actions import record_denial

_log = logging.getLogger("console")
_STATUS: dict[type[ShudiError], int] = {
    NotAllowed: 403,
    NotFound: 404,
    Stale: 409,
    Invalid: 422,
    Refused: 422,
    Unavailable: 503,
}
_THROTTLED = "too-many-attempts"
_AGREEMENT = "agreement-needed"
_RETRY_SECONDS = 5
_SECRETS = ("password", "password_again", "present", "code", "recovery", "passkey")
_TITLES = {
    400: lazy_gettext("This request makes no sense"),
    403: lazy_gettext("You may not do this"),
    404: lazy_gettext("There is nothing here"),
    405: lazy_gettext("This cannot be done here"),
    409: lazy_gettext("Somebody else was first"),
    413: lazy_gettext("This is too much at once"),
    422: lazy_gettext("This cannot be done"),
    429: lazy_gettext("Too many attempts"),
    500: lazy_gettext("Something went wrong on our side"),
    503: lazy_gettext("The desk does not answer just now"),
}
_DOOR = {
    "cross-site": lazy_gettext("This was sent from another site, so nothing was done."),
    "undeclared": lazy_gettext("This page says nothing about who may open it."),
}


def init_app(app: Flask) -> None:
    """One handler a kind; the last one shows nothing of what it caught."""
    app.register_error_handler(ShudiError, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def words(error: ShudiError) -> str:
    """What a person is told, in their language."""
    if error.code == _THROTTLED:
        minutes = math.ceil(_retry_after(error) / 60)
        return str(gettext("Please wait %(minutes)d min and try again.", minutes=minutes))
    return str(_DOOR.get(error.code) or messages.ERROR.get(error.code) or error.message)


def status_of(error: ShudiError) -> int:
    """The HTTP status of a refusal."""
    if error.code == _THROTTLED:
        return 429
    return next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 422)


def _refused(error: ShudiError) -> Response:
    if isinstance(error, NotAllowed) or _is_beyond(error):
        _record_denial(error)
    if error.code == "csrf-token":
        return _resubmit(403, gettext("This form is out of date"))
    if error.code == readonly.CODE:
        answer = _resubmit(503, gettext("Nothing can be changed at the moment"))
        answer.headers["Retry-After"] = str(_retry_after(error))
        return answer
    status = status_of(error)
    answer = page(status, words(error), agree=error.code == _AGREEMENT)
    if status in (429, 503):
        answer.headers["Retry-After"] = str(_retry_after(error))
    return answer


def _is_beyond(error: ShudiError) -> bool:
    """Whether somebody who is limited to sites would have changed what is not there for them: it
    may be another site's, which their own transaction cannot tell from nothing.
    """
    if not isinstance(error, NotFound) or request.method in ("GET", "HEAD"):
        return False
    found = sessions.current()
    return found is not None and not found.scope.unlimited


def _http(error: HTTPException) -> Response:
    answer = page(error.code or 500, "")
    if error.code == 405:  # noqa: PLR2004
        answer.headers.update(error.get_headers())
        answer.headers["Content-Type"] = "text/html; charset=utf-8"
    return answer


def _unexpected(error: Exception) -> Response:
    _log.error("request %s failed", g.get("request_id", ""), exc_info=error)
    return page(500, "")


def page(status: int, message: str, *, agree: bool = False) -> Response:
    """A page of that status; `agree`: it leads to the agreement on personal data.

    Plain where even the templates fail, as without a store they may.
    """
    title = str(_TITLES.get(status, _TITLES[500]))
    if isinstance(request.routing_exception, SecurityError):
        # A host that is not ours has no addresses for a template to name; nor does its name
        # belong into the log.
        return make_response(_plain(title, message), status)
    try:
        text = render_template(
            "console/errors/error.html",
            status=status,
            heading=title,
            message=message,
            agree=agree,
        )
    except Exception:  # noqa: BLE001 -- the last handler: it must answer
        _log.exception("error page for request %s failed", g.get("request_id", ""))
        text = _plain(title, message)
    return make_response(text, status)


def _plain(title: str, message: str) -> str:
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(title)}</title>"
        f"<h1>{escape(title)}</h1><p>{escape(message)}</p>"
    )


def _resubmit(status: int, heading: str) -> Response:
    """Give back what was typed, with a token that works. The sender is known to be our own page.

    Passwords and codes are not given back.
    """
    hidden = (csrf.FIELD, *_SECRETS)
    fields = [pair for pair in request.form.items(multi=True) if pair[0] not in hidden]
    # not url_for(**args): a query may hold `_scheme` or `_external`
    target = url_for(request.endpoint or "", **(request.view_args or {}))
    if request.args:
        target += "?" + urlencode(list(request.args.items(multi=True)))
    text = render_template(
        "console/errors/resubmit.html",
        target=target,
        fields=fields,
        lost=len(request.form) > len(fields) + 1,
        signed_in=sessions.current() is not None,
        heading_text=heading,
    )
    return make_response(text, status)


def _record_denial(error: ShudiError) -> None:
    """Record a refusal to somebody known; a stranger's would let anyone fill the log, and so
    would an open page that asks by itself after the agreement got a new version.
    """
    if error.code == _AGREEMENT:
        return
    with contextlib.suppress(Unavailable):
        found = sessions.current()
        if found is None:
            return
        with database().transaction() as session:
            record_denial(
                session,
                actor=found.actor(g.get("request_id", "")),
                endpoint=request.endpoint or "",
                code=error.code,
                now=clock.now(),
            )


def _retry_after(error: ShudiError) -> int:
    wait = error.facts.get("retry_after")
    return wait if isinstance(wait, int) else _RETRY_SECONDS
