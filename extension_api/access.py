"""Who may ask what, how often, and with which headers the answer leaves."""

import functools
import secrets

from flask import Flask, Response, g, request
from flask.typing import ResponseReturnValue

from extension_api.operations import Operation, View
from extension_api.parts import address, now, parts
from extension_api.problems import Refusal
from shudi import clock
from shudi.clients.actions.limits import Taken
from shudi.clients.queries import authenticate
from shudi.clients.rules import KEY_PREFIX, IPAddress, Policy, Scope, bearer, pseudonym
from shudi.errors import Unavailable

READING = frozenset({Scope.LABELS_READ})
UNAVAILABLE = "shudi.unavailable"  # set in the environ by the short way (extension_api.hot)
READ_ONLY_SECONDS = "300"
EXPOSED = "ETag, RateLimit, RateLimit-Policy, Retry-After"
# Answers are data: a browser that is made to open one runs nothing and reaches nothing.
POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@functools.cache
def keyed_policy(limit: int) -> Policy:
    """What a key may ask a minute."""
    return Policy("key", limit, 60)


def report_policy(limit: int) -> Policy:
    """What a reader may report an hour."""
    return Policy("report", limit, 3600)


def limit_headers(policy: Policy, taken: Taken) -> dict[str, str]:
    """draft-ietf-httpapi-ratelimit-headers-11."""
    return {
        "RateLimit-Policy": f'"{policy.name}";q={policy.limit};w={policy.seconds}',
        "RateLimit": f'"{policy.name}";r={taken.remaining};t={taken.reset}',
    }


def init_app(app: Flask) -> None:
    """Look at every request before its view and at every answer after it."""
    app.before_request(_arrive)
    app.after_request(_leave)


def _arrive() -> None:
    g.now = clock.now()
    g.request_id = secrets.token_hex(8)
    if any(_is_key(name, value) for name, value in request.args.items(multi=True)):
        raise Refusal("key-in-url")
    if request.environ.get(UNAVAILABLE):
        raise Unavailable("store-unavailable", "The store does not answer.")


def _is_key(name: str, value: str) -> bool:
    """An account may be called shudi_something; no other field, and no account a whole key."""
    whole = bearer(f"Bearer {value}") is not None
    return whole or (value.startswith(KEY_PREFIX) and name != "account")


def guarded(operation: Operation, view: View) -> View:
    """`view` behind the operation's scope; without one it is public."""

    @functools.wraps(view)
    def checked(**arguments: object) -> ResponseReturnValue:
        g.operation = operation
        if operation.scope is not None:
            _admit(operation.scope)
        if operation.writes and parts().settings.read_only:
            raise Refusal("read-only", headers={"Retry-After": READ_ONLY_SECONDS})
        return view(**arguments)

    return checked


def _admit(scope: Scope) -> None:
    with parts().database.read_session() as session:
        client = authenticate(session, request.headers.get("Authorization"), now=now())
    if client is None:
        raise Refusal("unauthorized", headers={"WWW-Authenticate": 'Bearer realm="shudi"'})
    g.client = client
    parts().usage.note(client.id)
    policy = keyed_policy(client.limit or parts().settings.lookup_limit)
    subject = f"key:{client.id}"
    if scope in READING:
        taken = parts().limiter.take_reading(subject, policy, int(now().timestamp()))
    else:
        taken = parts().limiter.take(subject, policy, now=now())
    _spend(policy, taken)
    if scope not in client.scopes:
        raise Refusal("scope-missing")


def admit_reader() -> None:
    """Count an anonymous report against its sender's pseudonym of the day."""
    settings = parts().settings
    policy = report_policy(settings.report_limit)
    subject = _today(address(), "report")
    _spend(policy, parts().limiter.take(subject, policy, now=now()))


def sender() -> str:
    """The sender's pseudonym of the day on their reports; another than the limits count by. Empty
    where there is no address: then nobody can be told from anybody.
    """
    found = address()
    if found is None:
        return ""
    return _today(found, "sender")


def _today(address: IPAddress | None, purpose: str) -> str:
    day = now().date()
    return pseudonym(parts().day_keys.key(day), address, purpose=purpose, day=day)


def _spend(policy: Policy, taken: Taken) -> None:
    g.limit_headers = limit_headers(policy, taken)
    if not taken.allowed:
        raise Refusal("too-many-requests", headers={"Retry-After": str(taken.reset)})


def _leave(response: Response) -> Response:
    operation: Operation | None = g.get("operation") or _of_preflight()
    own = response.headers.get("Content-Security-Policy", POLICY)  # the page's for people
    response.headers.update(HEADERS | {"Content-Security-Policy": own})
    response.headers.update(g.get("limit_headers", {}))
    if operation is not None and operation.cors:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = EXPOSED
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = operation.method
            response.headers["Access-Control-Allow-Headers"] = "Content-Type, If-None-Match"
            response.headers["Access-Control-Max-Age"] = "86400"
    return response


def _of_preflight() -> Operation | None:
    """A preflight reaches no view; what it asks about is the address's own operation."""
    return parts().operations.get(request.url_rule.endpoint) if request.url_rule else None
