"""Acceptance test 50: while the desk only shows, nothing is taken in and everything is shown."""

import dataclasses

import pytest
import sqlalchemy as sa

import console
import extension_api
from migrations.tables import metadata
from tests import people
from tests.architecture import deeds
from tests.architecture.doors import Doors
from tests.architecture.test_audit_completeness import TRAFFIC

GOES_ON = {
    "holder.leave", "passkeys.challenge", "sso.again", "sso.begin", "sso.finish", "sso.logged_out",
}  # fmt: skip
WORDS = "Words that somebody typed for ten minutes, and would not like to type again."


@pytest.fixture
def showing(doors: Doors) -> Doors:
    """The doors, with everything prepared before they were closed to changes."""
    settings = dataclasses.replace(doors.settings, read_only=True)
    parts = {
        "database": doors.database,
        "vocabulary": doors.vocabulary,
        "locator": doors.locator,
    }
    doors.console = console.create_app(settings, **parts)
    doors.api = extension_api.create_app(settings, **parts)
    doors.api.extensions["shudi"].usage.close()
    return doors


def contents(doors: Doors) -> dict[str, list[str]]:
    with doors.database.read_session() as session:
        return {
            name: sorted(str(row) for row in session.execute(sa.select(table)))
            for name, table in metadata.tables.items()
            if name not in TRAFFIC
        }


def test_no_deed_of_people_is_done(showing: Doors):
    for name, deed in deeds.CONSOLE.items():
        endpoint = name.split()[0]
        if endpoint in GOES_ON or endpoint.startswith("sign_in."):
            continue
        path, form = deed.prepare(showing)
        before = contents(showing)
        answer = showing.person(deed.who, deed.method, path, form)
        assert answer.status_code == 503, name
        assert answer.headers["Retry-After"] == "300"
        assert contents(showing) == before, name


def test_no_deed_of_programs_is_done(showing: Doors):
    for name, deed in deeds.API.items():
        path, sent = deed.prepare(showing)
        before = contents(showing)
        answer = showing.program(deed.method, path, json=sent)
        assert (answer.status_code, answer.json["code"]) == (503, "read-only"), name
        assert answer.headers["Retry-After"] == "300"
        assert contents(showing) == before, name


def test_reading_goes_on(showing: Doors):
    for path in ("/queue", "/", "/profile", "/audit", "/statistics"):
        answer = showing.person(people.SAM, "GET", path)
        assert answer.status_code == 200
        assert "Nothing can be changed at the moment" in answer.text
    asked = {"site": "forum", "accounts": ["user-1"]}
    assert showing.program("POST", "/api/v1/labels/query", json=asked).status_code == 200
    assert showing.program("GET", "/api/v1/labels?site=forum&account=user-1").status_code == 200
    assert showing.program("GET", "/healthz").status_code == 200
    assert showing.person(people.SAM, "POST", "/sign-out").status_code == 303


def test_what_was_typed_is_kept(showing: Doors):
    path = f"/cases/{showing.found.cases[0][0]}/note"
    answer = showing.person(people.SAM, "POST", path, {"text": WORDS})
    assert answer.status_code == 503
    assert WORDS in answer.text
    assert "Send again" in answer.text


def test_control_without_the_setting_the_same_deeds_are_done(doors: Doors):
    path, form = deeds.CONSOLE["clients.create"].prepare(doors)
    before = contents(doors)
    assert doors.person(people.BOB, "POST", path, form).status_code == 200
    assert contents(doors) != before
