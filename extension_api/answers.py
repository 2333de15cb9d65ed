"""Answers with their entity tag and cache rule."""

import hashlib
from typing import Any

import msgspec
from flask import Response, request

PRIVATE = "private, no-cache"
_encode = msgspec.json.Encoder().encode


def etag(body: bytes) -> str:
    """The strong tag of a content: its hash."""
    return hashlib.sha256(body).hexdigest()[:32]


def tagged(
    body: bytes, *, content_type: str = "application/json", cache: str = PRIVATE
) -> Response:
    """200 with ETag, or 304 where the asker has it already."""
    response = Response(body, content_type=content_type)
    response.set_etag(etag(body))
    response.headers["Cache-Control"] = cache
    response.make_conditional(request)
    return response


def tagged_json(value: Any, *, cache: str = PRIVATE) -> Response:
    """`value` as JSON, tagged."""
    return tagged(_encode(value), cache=cache)


def plain_json(value: Any, status: int = 200) -> Response:
    """`value` as JSON that nobody keeps."""
    response = Response(_encode(value), status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
