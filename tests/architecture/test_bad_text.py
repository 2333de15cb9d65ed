"""Whatever is typed or sent in place of a word: a clear answer, never an error of ours."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from shudi.staff.rules import Actor
from tests import people
from tests.architecture import deeds
from tests.architecture.doors import Doors
from tests.architecture.test_authorization import _call, _path, _routes
from tests.console.pages import ADMINISTRATORS, SUPERVISORS

BAD = {
    "NUL": "a\0b",
    "ten kilobytes that turn around": "\u202e\x07\x1b[31m" + "x" * 10_000,
    "a lone surrogate": "a\ud800b",
    "a number that no store takes": "9" * 30,
}
# What pages and calls read from an address, or beside a form's own fields.
ASKED = (
    "action", "actor", "after", "before", "beyond", "case_id", "channel", "days", "filter", "id", "kind",
    "language", "look", "mine", "queue", "q", "region", "severity", "show", "site", "state",
    "then", "to", "topic", "type", "verdict", "view",
)  # fmt: skip
ASKED_OF_CALLS = ("site", "account", "after", "limit", "x")


def _percent(text: str) -> str:
    """As a careless client writes it into an address: a surrogate becomes three bytes."""
    return quote(text.encode("utf-8", "surrogatepass"))


def _who(endpoint: str) -> Actor:
    if endpoint in SUPERVISORS:
        return people.CHARLIE
    return people.BOB if endpoint in ADMINISTRATORS else people.SAM


@pytest.mark.parametrize("how", BAD)
def test_no_address_of_a_page_or_call_breaks_it(doors: Doors, how: str):
    bad = _percent(BAD[how])
    query = "&".join(f"{name}={bad}" for name in ASKED)
    answers = [
        doors.person(
            _who(endpoint),
            "GET",
            f"{_path(doors, endpoint, method, 1)}?{query}",
        )
        for endpoint, method in _routes(doors, "console")
        if method == "GET"
    ]
    given = {"site": "forum", "account": "user-1"}
    for endpoint, method in _routes(doors, "api"):
        for name in ASKED_OF_CALLS if method == "GET" else ():
            fields = {each: _percent(text) for each, text in given.items()} | {name: bad}
            asked = "&".join(f"{each}={text}" for each, text in fields.items())
            answers.append(doors.program("GET", f"{_call(doors, endpoint)}?{asked}"))
    assert _broken(answers) == []


@pytest.mark.parametrize("how", BAD)
def test_no_field_of_a_form_or_body_breaks_it(doors: Doors, how: str):
    answers = []
    for deed in deeds.CONSOLE.values():
        path, form = deed.prepare(doors)
        for field in form:
            change = _as_bytes(form | {field: BAD[how]})
            answers.append(doors.person(deed.who, deed.method, path, change=change))
        change = _as_bytes(dict.fromkeys(ASKED, BAD[how]) | form)
        answers.append(doors.person(deed.who, deed.method, path, change=change))
    for field in ("name", "password"):
        change = _as_bytes({"name": "alice", "password": "wrong", field: BAD[how]})
        answers.append(doors.person(None, "POST", "/sign-in", change=change))
    for deed in deeds.API.values():
        path, sent = deed.prepare(doors)
        kind = sent.get("content_type", "application/json")
        answers += [
            doors.program(deed.method, path, data=body, content_type=kind)
            for body in _spoilt(sent, BAD[how])
        ]
    assert _broken(answers) == []


def _as_bytes(form: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    """Send `form` urlencoded by hand, so that a surrogate gets through as it would on a wire."""

    def change(sent: dict[str, Any]) -> None:
        fields = {**sent["data"], **form}
        sent["data"] = "&".join(f"{name}={_percent(str(value))}" for name, value in fields.items())
        sent["content_type"] = "application/x-www-form-urlencoded"

    return change


def _spoilt(sent: dict[str, Any], text: str) -> list[str]:
    """The body with each of its fields in turn replaced, as JSON that escapes what it must."""
    body = sent.get("json") or json.loads(sent.get("data", "{}"))
    if "sightings" in body:
        line = body["sightings"][0]
        return [json.dumps({"sightings": [line | {field: text}]}) for field in line]
    return [json.dumps(body | {field: text}) for field in body]


def _broken(answers: list[TestResponse]) -> list[str]:
    """Which of them were errors of ours, by the address asked."""
    return [
        f"{answer.request.method} {answer.request.path}: {answer.status_code}"
        for answer in answers
        if answer.status_code >= 500
    ]
