"""What Schemathesis cannot know by itself: NDJSON, and what a batch's answer has to add up to."""

import itertools
import json
import os
import uuid

import schemathesis

LINES = "application/x-ndjson"
_calls = itertools.count()


@schemathesis.serializer(LINES)
def as_lines(_context, value):
    """Each value made is one line; a batch of one is a batch."""
    return value if isinstance(value, bytes) else json.dumps(value).encode()


@schemathesis.hook
def before_call(_context, case, _kwargs):
    """Two bodies under one Idempotency-Key are refused, and rightly: make each key another. Of the
    dataset there is one file: ask for it every other time.
    """
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and key.isascii() and 0 < len(key) < 200 and key.isprintable():
        case.headers["Idempotency-Key"] = f"{key}{uuid.uuid4()}"
    if _operation(case) == "get_dataset_file" and next(_calls) % 2:
        case.path_parameters = {"site": "teahouse", "file": os.environ["SHUDI_TEST_FILE"]}


@schemathesis.check
def every_line_is_answered(_context, response, case):
    """A batch answers for each of its lines once, accepted or not."""
    if _operation(case) not in ("post_sightings", "post_accounts"):
        return
    if response.status_code != 200 or response.request.method != case.operation.method.upper():
        return
    answer = response.json()
    counted = sum(answer.get(name, 0) for name in ("accepted", "pending", "refused", "rejected"))
    assert counted == _lines(case), "the answer does not add up to the batch"
    assert answer["rejected"] == len(answer["errors"])


def _operation(case) -> str:
    return case.operation.definition.raw["operationId"]


def _lines(case) -> int:
    body = case.body
    if case.media_type == LINES:
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        return sum(bool(line.strip()) for line in text.split(b"\n"))
    return len(body["sightings"])
