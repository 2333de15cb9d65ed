"""Taking in what a platform saw."""

from typing import cast

import msgspec
from flask import Response

from extension_api import bodies, repeats
from extension_api.operations import Answer, Operation, Operations
from extension_api.parts import actor, client, now, parts
from extension_api.problems import Refusal
from extension_api.wire import (
    BULK_BODY_MOST,
    LINES_MOST,
    LineError,
    Sighting,
    Sightings,
    Taken,
)
from shudi.cases.actions.intake import take_sightings
from shudi.clients.rules import Scope
from shudi.labels.actions.sightings import RawSighting

operations = Operations()
MALFORMED = "line-malformed"


class _Loose(msgspec.Struct, forbid_unknown_fields=True):
    sightings: list[msgspec.Raw]


_line = msgspec.json.Decoder(Sighting)
_all_lines = msgspec.json.Decoder(list[Sighting])
_loose = msgspec.json.Decoder(_Loose)


@operations.add(
    Operation(
        name="post_sightings",
        method="POST",
        rule="/sightings",
        summary="A batch of activity, from which labels are made",
        details="JSON or NDJSON, at most 8 MiB and 10,000 lines. A bad line costs only itself. "
        "The labels are readable when the answer arrives. Addresses are located and dropped.",
        scope=Scope.SIGHTINGS_WRITE,
        body=Sightings,
        line=Sighting,
        answers={200: Answer("What became of each line.", Taken)},
        problems=("too-many-lines", "idempotency-key-invalid", "idempotency-mismatch"),
        headers=("Idempotency-Key",),
    )
)
def post_sightings() -> Response:
    """Take a batch in: every line is accepted or named with its error."""
    ndjson = bodies.is_lines()
    data = bodies.read(BULK_BODY_MOST)
    good, indices, errors = parse(data, ndjson=ndjson)

    def take(session: repeats.Session) -> Taken:
        taken = take_sightings(
            session,
            actor=actor(),
            sightings=cast("list[RawSighting]", good),
            allowed_site_id=client().site_id,
            locator=parts().locator,
            settings=parts().settings,
            now=now(),
        )
        errors.extend(LineError(indices[one.index], one.code) for one in taken.errors)
        errors.sort(key=lambda error: error.index)
        return Taken(taken.accepted, len(errors), errors)

    return repeats.once("sightings", data, take)


def parse(data: bytes, *, ndjson: bool) -> tuple[list[Sighting], list[int], list[LineError]]:
    """(well-formed sightings, their line numbers, errors of the others)."""
    items = [msgspec.Raw(line) for line in bodies.lines(data)] if ndjson else _items(data)
    try:
        # one call for a batch that is all in order
        good = _all_lines.decode(b"[" + b",".join([bytes(item) for item in items]) + b"]")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        good = []
    if len(good) == len(items):
        return good, list(range(len(good))), []
    return _one_by_one([bytes(item) for item in items])


def _items(data: bytes) -> list[msgspec.Raw]:
    items = bodies.decode(_loose, data).sightings
    if len(items) > LINES_MOST:
        raise Refusal("too-many-lines")
    return items


def _one_by_one(items: list[bytes]) -> tuple[list[Sighting], list[int], list[LineError]]:
    good: list[Sighting] = []
    indices: list[int] = []
    errors: list[LineError] = []
    for index, sighting in bodies.decode_each(_line, items):
        if sighting is None:
            errors.append(LineError(index, MALFORMED))
        else:
            good.append(sighting)
            indices.append(index)
    return good, indices, errors
