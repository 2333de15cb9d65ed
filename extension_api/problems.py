"""Every error as problem+json (RFC 9457). None repeats anything that was sent."""

import logging

import msgspec
from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from extension_api.wire import Problem
from shudi.errors import (
    Invalid,
    NotAllowed,
    NotFound,
    Refused,
    ShudiError,
    Stale,
    Unavailable,
)

MEDIA_TYPE = "application/problem+json"
TYPES = "/api/v1/problems/"
RETRY_SECONDS = 2
_log = logging.getLogger("shudi.api")

_STATUS: dict[type[ShudiError], int] = {
    NotFound: 404,
    NotAllowed: 403,
    Refused: 409,
    Stale: 409,
    Invalid: 422,
    Unavailable: 503,
}

# What this door itself refuses; the domain brings its own codes (see `docs` there).
KINDS: dict[str, tuple[int, str]] = {
    "bad-request": (400, "The request is malformed."),
    "body-malformed": (400, "The body is not the JSON it claims to be."),
    "key-in-url": (400, "A key in a URL ends up in logs. Send it in the Authorization header."),
    "unauthorized": (401, "Send a live key as Authorization: Bearer shudi_…"),
    "scope-missing": (403, "This key lacks the scope for it."),
    "site-not-allowed": (403, "This key is for another site."),
    "not-found": (404, "There is nothing here."),
    "site-unknown": (404, "There is no such site."),
    "method-not-allowed": (405, "This method is not for this address."),
    "body-too-large": (413, "The body is over the limit."),
    "too-many-lines": (413, "A batch has at most 10,000 lines."),
    "content-type": (415, "The Content-Type or Content-Encoding is not one taken here."),
    "account-invalid": (422, "An account id has 1 to 128 characters, none of them a control."),
    "accounts-needed": (422, "Name at least one account."),
    "body-invalid": (422, "The body has not the shape asked for; `field` says where."),
    "idempotency-key-invalid": (422, "Idempotency-Key has 1 to 255 visible characters."),
    "idempotency-mismatch": (422, "This Idempotency-Key was used with another body."),
    "query-invalid": (422, "The query has not the shape asked for; `field` says where."),
    "too-many-accounts": (422, "A lookup names at most 100 accounts."),
    "too-many-requests": (429, "Over the limit; Retry-After says when to come back."),
    "internal-error": (500, "Something is wrong on our side."),
    "read-only": (503, "Nothing is taken in at the moment; look-ups work. Try again later."),
    "store-unavailable": (503, "The store does not answer. Try again soon."),
}
_KEPT_HEADERS = ("Allow", "Content-Range", "Location", "Retry-After")
_BY_STATUS = {
    400: "bad-request",
    404: "not-found",
    405: "method-not-allowed",
    413: "body-too-large",
    415: "content-type",
}


class Refusal(Exception):
    """A request this door refuses before any act is asked. `code` is one of KINDS."""

    def __init__(
        self,
        code: str,
        *,
        field: str | None = None,
        index: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.index = index
        self.headers = headers or {}


def problem(
    code: str,
    status: int,
    title: str,
    *,
    field: str | None = None,
    index: int | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """The answer for `code`."""
    body = Problem(TYPES + code, title, status, code, field, index)
    response = Response(msgspec.json.encode(body), status, content_type=MEDIA_TYPE)
    response.headers["Cache-Control"] = "no-store"
    if status == 503:  # noqa: PLR2004 -- RFC 9110
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    response.headers.update(headers or {})
    return response


def register(app: Flask) -> None:
    """Answer every error of the app with a problem."""
    app.register_error_handler(Refusal, _refusal)
    app.register_error_handler(ShudiError, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _refusal(error: Refusal) -> Response:
    status, title = KINDS[error.code]
    return problem(
        error.code, status, title, field=error.field, index=error.index, headers=error.headers
    )


def _refused(error: ShudiError) -> Response:
    status = next(status for kind, status in _STATUS.items() if isinstance(error, kind))
    return problem(error.code, status, error.message)


def _http(error: HTTPException) -> Response:
    """Flask's and Werkzeug's own refusals; anything else they say keeps its status."""
    status = error.code or 500
    code = _BY_STATUS.get(status, f"http-{status}")
    title = KINDS[code][1] if code in KINDS else error.name
    headers = {name: value for name, value in error.get_headers() if name in _KEPT_HEADERS}
    return problem(code, status, title, headers=headers)


def _unexpected(error: Exception) -> Response:
    # The traceback names code, not data: statements hide their parameters (shudi.db).
    _log.error("unexpected error", exc_info=error)
    return problem("internal-error", *KINDS["internal-error"])
