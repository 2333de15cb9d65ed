"""One write per request: its transaction, and its answer kept for an Idempotency-Key."""

from collections.abc import Callable
from typing import Any

import msgspec
from flask import Response, request
from sqlalchemy.orm import Session

from extension_api.parts import client, database, now, parts
from shudi.clients.actions.idempotency import Answer, Call, recall, remember
from shudi.clients.rules import body_macs, check_idempotency_key

__all__ = ["Session", "once"]
_encode = msgspec.json.Encoder().encode


def once(route: str, body: bytes, act: Callable[[Session], Any]) -> Response:
    """Run `act` in one transaction and answer its result; a repeated call gets the first answer.

    The answer is stored in the effect's own transaction: after a crash both are there or neither.
    """
    call = _call(route, body)
    with database().transaction() as session:
        answer = recall(session, call, now=now()) if call else None
        if answer is None:
            answer = Answer(200, _encode(act(session)).decode())
            if call:
                remember(session, call, answer, now=now())
    response = Response(answer.body, answer.status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def _call(route: str, body: bytes) -> Call | None:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    settings = parts().settings
    secrets = (settings.secret_key, *settings.secret_key_fallbacks)
    return Call(
        client_id=client().id,
        route=route,
        key=check_idempotency_key(key),
        macs=body_macs(secrets, route, body),
    )
