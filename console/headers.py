"""What every answer says to the browser, and the request's name."""

import secrets

from flask import Flask, g, request
from werkzeug.wrappers import Response

# No inline script or style anywhere: the nonce marks the files that a page itself names, so that
# markup of somebody else's that slipped into a page could not load even a file of ours, such as
# an attachment. `data:` is the enrolment's QR code.
_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)
_NONCE_BYTES = 16  # 128 bit, as CSP level 3 asks for (section 7.1)
HEADERS = {
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
    app.jinja_env.globals["csp_nonce"] = csp_nonce


def csp_nonce() -> str:
    """The answer's nonce: its header and its page say the same, no other answer does."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(_NONCE_BYTES)
    return str(g.csp_nonce)


def policy(nonce: str) -> str:
    """The Content-Security-Policy of a page that carries `nonce`."""
    return _POLICY.format(nonce=nonce)


def _name() -> None:
    g.request_id = secrets.token_hex(8)


def _send(response: Response) -> Response:
    # a download brings a stricter policy of its own
    own = response.headers.get("Content-Security-Policy") or policy(csp_nonce())
    response.headers.update(HEADERS | {"Content-Security-Policy": own})
    response.headers["X-Request-ID"] = g.get("request_id", "")
    if request.endpoint != "static" or response.status_code >= 400:  # noqa: PLR2004
        response.headers["Cache-Control"] = "no-store"
    return response
