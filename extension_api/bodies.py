"""Reading what was sent: size, type and shape, each with its own refusal."""

import functools
import re
import typing
import urllib.parse
from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec
from flask import request

from extension_api.operations import JSON, NDJSON
from extension_api.problems import Refusal
from extension_api.wire import BODY_MOST, LINES_MOST

T = TypeVar("T")
# Where msgspec says a shape is broken: field names of ours and indices, never input.
_PATH = re.compile(r"at `\$((?:\.[a-z_]+|\[(?:\d+|\.\.\.)\])*)`\Z")
_INTEGER = re.compile(r"-?[0-9]{1,18}\Z")
_FIELDS_MOST = 1_000_000
_NDJSON_TYPES = (NDJSON, "application/ndjson", "application/jsonl")


def decode(decoder: msgspec.json.Decoder[T], data: bytes) -> T:
    """`data` as the decoder's shape; Refusal 400 if it is no JSON, 422 if of another shape."""
    try:
        return decoder.decode(data)
    except msgspec.ValidationError as error:
        raise Refusal("body-invalid", field=_field(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refusal("body-malformed") from None


def _field(error: Exception) -> str | None:
    match = _PATH.search(str(error))
    return match[1].lstrip(".") or None if match else None


def read_json(decoder: msgspec.json.Decoder[T], *, most: int = BODY_MOST) -> T:
    """The request's body, which must be JSON."""
    media_type(JSON)
    return decode(decoder, read(most))


def media_type(*allowed: str) -> str:
    """The body's media type; 415 unless it is one of `allowed`, not encoded and in UTF-8."""
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if request.mimetype not in allowed or charset not in ("utf-8", "utf8"):
        raise Refusal("content-type")
    if encoding not in ("", "identity"):
        raise Refusal("content-type")
    return request.mimetype


def read(most: int) -> bytes:
    """The whole body; 413 if it is longer than `most`, whatever its length was said to be."""
    # one byte more: Werkzeug cuts a chunked body at the limit without a word
    request.max_content_length = most + 1
    data = request.get_data(cache=False)
    if len(data) > most:
        raise Refusal("body-too-large")
    return data


def is_lines() -> bool:
    """Whether the body is NDJSON (else JSON); 415 for anything else."""
    return media_type(JSON, *_NDJSON_TYPES) != JSON


def lines(data: bytes) -> list[bytes]:
    """The lines of NDJSON without empty ones; 413 for more than 10,000."""
    found = [line for line in data.split(b"\n") if line.strip()]
    if len(found) > LINES_MOST:
        raise Refusal("too-many-lines")
    return found


def decode_each(
    decoder: msgspec.json.Decoder[T], items: list[bytes]
) -> Iterator[tuple[int, T | None]]:
    """(index, value) of each line, None where it is no JSON of the shape."""
    for index, item in enumerate(items):
        try:
            yield index, decoder.decode(item)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            yield index, None


def query(shape: type[T]) -> T:
    """The query string as `shape`; Refusal 422 for what is missing, unknown or broken."""
    return convert_query(request.query_string.decode("latin-1"), shape)


@functools.cache
def _types(shape: Any) -> dict[str, Any]:
    """The fields' types, without what the document says of them."""
    return typing.get_type_hints(shape)


def convert_query(text: str, shape: type[T]) -> T:
    """`text` as `shape`. Fields that are lists may repeat, others may not."""
    try:
        pairs = urllib.parse.parse_qsl(
            text, keep_blank_values=True, errors="strict", max_num_fields=_FIELDS_MOST
        )
    except ValueError:  # no UTF-8, a lone surrogate, or absurdly many
        raise Refusal("query-invalid") from None
    fields = _types(shape)  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    for name, value in pairs:
        if fields.get(name) == list[str]:
            values.setdefault(name, []).append(value)
        elif name in values:
            raise Refusal("query-invalid", field=name)
        else:
            is_number = name in fields and fields[name] is not str and _INTEGER.match(value)
            values[name] = int(value) if is_number else value
    try:
        return msgspec.convert(values, shape)
    except msgspec.ValidationError as error:
        raise Refusal("query-invalid", field=_field(error)) from None
