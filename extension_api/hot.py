"""The keyed lookup's short way: plain WSGI over the shelf, the same bytes as the Flask view.

It answers what is in order. Anything else (no key, a limit reached, a malformed request, a store
that does not answer) goes on to the app behind it, which says why.
"""

import functools
import io
import time
from collections.abc import Callable, Collection, Iterable
from typing import Any

from werkzeug.sansio.utils import host_is_trusted

from extension_api.access import HEADERS, UNAVAILABLE, keyed_policy, limit_headers
from extension_api.answers import PRIVATE, etag
from extension_api.parts import Parts
from extension_api.problems import Refusal
from extension_api.rows import labels_body
from extension_api.views.labels import checked_accounts, parse_lookup, parse_query
from extension_api.wire import BODY_MOST
from shudi.clients.rules import KEY_PREFIX, bearer
from shudi.errors import ShudiError, Unavailable

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]
WSGI = Callable[[Environ, StartResponse], Iterable[bytes]]

BY_ADDRESS = "/api/v1/labels"
BY_BODY = "/api/v1/labels/query"


class HotLookup:
    """WSGI in front of `app`, for look-ups at `paths`."""

    def __init__(
        self, app: WSGI, parts: Parts, *, paths: Collection[str] = (BY_ADDRESS, BY_BODY)
    ) -> None:
        self._app = app
        self._paths = frozenset(paths)
        self._shelf = parts.shelf
        self._limiter = parts.limiter
        self._usage = parts.usage
        self._limit = parts.settings.lookup_limit
        self._knows = functools.lru_cache(256)(
            functools.partial(host_is_trusted, trusted_list=parts.settings.hosts())
        )

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer, or pass on."""
        path = environ["PATH_INFO"]
        if path in self._paths and (path == BY_ADDRESS or _read_body(environ)):
            try:
                answer = self._answer(environ, _ASKED[path])
            except Unavailable:
                environ[UNAVAILABLE] = True
            except (Refusal, ShudiError):
                pass  # the app refuses it again, in full words
            else:
                if answer is not None:
                    start_response("200 OK", answer[0])
                    return [answer[1]]
        return self._app(environ, start_response)

    def _answer(
        self, environ: Environ, asked_of: Callable[[Environ], "_Asked | None"]
    ) -> tuple[list[tuple[str, str]], bytes] | None:
        key = bearer(environ.get("HTTP_AUTHORIZATION"))
        asked = asked_of(environ) if self._knows(environ.get("HTTP_HOST")) else None
        if key is None or asked is None:
            return None
        site, accounts = asked
        with self._shelf.turns:
            found = self._shelf.lookup(key, site, accounts)
            if found is None:
                return None
            client, as_of, tails = found
            policy = keyed_policy(client.limit or self._limit)
            taken = self._limiter.take_reading(f"key:{client.id}", policy, int(time.time()))
            if not taken.allowed:
                return None
            self._usage.note(client.id)
            body = labels_body(as_of, accounts, tails)
            return _headers(body, limit_headers(policy, taken), tag=asked_of is _asked_get), body


_Asked = tuple[str, list[str]]


def _asked_get(environ: Environ) -> _Asked | None:
    query = environ["QUERY_STRING"]
    if environ["REQUEST_METHOD"] != "GET" or "HTTP_IF_NONE_MATCH" in environ or KEY_PREFIX in query:
        return None
    asked = parse_query(query)
    return asked.site, checked_accounts(asked.account)


def _read_body(environ: Environ) -> bool:
    """Whether there is one that a look-up may have; it is read, for us and the app behind."""
    length = environ.get("CONTENT_LENGTH") or ""
    if (
        environ["REQUEST_METHOD"] != "POST"
        or environ.get("CONTENT_TYPE") != "application/json"
        or environ.get("QUERY_STRING")
        or "HTTP_CONTENT_ENCODING" in environ
        or not length.isdecimal()
        or int(length) > BODY_MOST
    ):
        return False
    environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(int(length)))
    return True


def _asked_post(environ: Environ) -> _Asked | None:
    asked = parse_lookup(environ["wsgi.input"].getvalue())
    return asked.site, checked_accounts(asked.accounts)


_ASKED = {BY_ADDRESS: _asked_get, BY_BODY: _asked_post}


def _headers(body: bytes, limits: dict[str, str], *, tag: bool) -> list[tuple[str, str]]:
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    if tag:
        headers += [("ETag", f'"{etag(body)}"'), ("Cache-Control", PRIVATE)]
    else:
        headers.append(("Cache-Control", "no-store"))
    return [*headers, *HEADERS.items(), *limits.items()]
