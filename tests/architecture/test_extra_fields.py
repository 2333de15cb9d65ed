"""Acceptance test 45: a field more in a form or a body changes nothing it was not asked for.

Every column of every table is sent beside what a good request holds, with a value of its own that
is looked for in the whole store afterwards.
"""

import dataclasses
import json

import pytest
import sqlalchemy as sa

import extension_api
from migrations.tables import metadata
from tests.architecture import deeds
from tests.architecture.doors import Doors

COLUMNS = sorted({column.name for table in metadata.tables.values() for column in table.columns})
CANARY = "canary{}canary"
NUMBER = 77_000_000
# What these pages ask for and the good request leaves empty: it is meant to be kept.
ASKED = {"note", "reason", "text"}
INFORMATION = {"handle", "name", "avatar_url", "bio", "protection"}


def kept(doors: Doors) -> str:
    """Everything that is kept, but for the sentences of the audit log's own reader."""
    with doors.database.read_session() as session:
        return "\n".join(
            str(row)
            for table in metadata.tables.values()
            for row in session.execute(sa.select(table))
        )


def extra(sent: dict[str, object], numbers: bool) -> dict[str, object]:
    """A value for each column that `sent` does not name."""
    return {
        column: NUMBER + at if numbers else CANARY.format(at)
        for at, column in enumerate(COLUMNS)
        if column not in sent and column not in ASKED and not column.startswith("csrf")
    }


def found(doors: Doors, numbers: bool) -> list[str]:
    text = kept(doors)
    return [
        column
        for at, column in enumerate(COLUMNS)
        if (str(NUMBER + at) if numbers else CANARY.format(at)) in text
    ]


@pytest.mark.parametrize("numbers", [False, True])
def test_a_field_more_in_a_form_is_not_kept(doors: Doors, numbers: bool):
    assert len(COLUMNS) > 150
    wrong = []
    for name, deed in deeds.CONSOLE.items():
        path, form = deed.prepare(doors)
        doors.person(deed.who, deed.method, path, form | extra(form, numbers))
        wrong += [(name, column) for column in found(doors, numbers)]
        if wrong:
            break
    assert not wrong


def test_a_field_more_in_a_body_is_refused(doors: Doors):
    many = dataclasses.replace(doors.settings, report_limit=10**6)
    doors.api = extension_api.create_app(
        many, database=doors.database, vocabulary=doors.vocabulary, locator=doors.locator
    )
    doors.api.extensions["shudi"].usage.close()
    for name, deed in deeds.API.items():
        path, sent = deed.prepare(doors)
        if deed.method == "DELETE":
            continue
        for column in COLUMNS:
            if column in sent or (name == "put_account" and column in INFORMATION):
                continue
            answer = doors.program(deed.method, path, json=sent | {column: "canary"})
            assert answer.status_code in (415, 422), (name, column, answer.text)
    assert "canary" not in kept(doors)


def test_a_field_more_in_a_line_costs_the_line(doors: Doors):
    for path, line in (
        ("/api/v1/accounts", {"site": "forum", "account": "user-1"}),
        ("/api/v1/sightings", {"site": "forum", "account": "user-1", "ip": "8.8.8.8",
                               "at": "2026-03-14T09:00:00+00:00", "kind": "post"}),
    ):  # fmt: skip
        columns = [column for column in COLUMNS if column not in line]
        if path.endswith("accounts"):
            columns = [column for column in columns if column not in INFORMATION]
        body = b"\n".join(json.dumps(line | {column: "canary"}).encode() for column in columns)
        answer = doors.program("POST", path, data=body, content_type="application/x-ndjson")
        assert answer.json["rejected"] == len(columns)
        assert {error["code"] for error in answer.json["errors"]} == {"line-malformed"}
    assert "canary" not in kept(doors)
