"""What every answer says to the browser, and the request's name."""

import secrets

from flask import Flask, g, request
from werkzeug.wrappers import Response

# No inline script or style anywhere, so nothing needs a nonce; `data:` is the enrolment's QR code.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; object-src 'none'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    # not `no-referrer`: with that, browsers send `Origin: null` with our own forms
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def init_app(app: Flask) -> None:
    """Name each request before, and send the headers after."""
    app.before_request(_name)
    app.after_request(_send)


def _name() -> None:
    g.request_id = secrets.token_hex(8)


def _send(response: Response) -> Response:
    # a download brings a stricter policy of its own
    own = response.headers.get("Content-Security-Policy", HEADERS["Content-Security-Policy"])
    response.headers.update(HEADERS | {"Content-Security-Policy": own})
    response.headers["X-Request-ID"] = g.get("request_id", "")
    if request.endpoint != "static" or response.status_code >= 400:  # noqa: PLR2004
        response.headers["Cache-Control"] = "no-store"
    return response
