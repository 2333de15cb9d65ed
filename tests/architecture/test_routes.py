"""Every route says who may use it, and is named as routes are."""

import re

import pytest
from werkzeug.routing import Rule

from console import access
from tests import people
from tests.architecture.doors import Doors

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}

# Parameters that are opaque text, not numbers: one-time tokens, and names in the API's own order.
TEXT_PARAMETERS = {"token", "site", "file", "code"}


def rules(doors: Doors, name: str) -> list[Rule]:
    return [rule for rule in doors.apps[name].url_map.iter_rules() if rule.endpoint != "static"]


def test_every_page_declares_its_access(still_doors: Doors):
    with still_doors.console.app_context():
        silent = [
            rule.endpoint
            for rule in rules(still_doors, "console")
            if not access.declared(rule.endpoint)
        ]
    assert silent == [], "add @requires(Permission.…), @signed_in or @public"


def test_every_call_of_the_api_is_an_operation(still_doors: Doors):
    operations = still_doors.api.extensions["shudi"].operations
    assert {rule.endpoint for rule in rules(still_doors, "api")} == set(operations)


@pytest.mark.parametrize("name", ["console", "api"])
def test_addresses_are_kebab_case(still_doors: Doors, name: str):
    word = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*(?:\.json)?|\.well-known|security\.txt")
    odd = [
        rule.rule
        for rule in rules(still_doors, name)
        for part in rule.rule.strip("/").split("/")
        if part and not part.startswith("<") and not word.fullmatch(part)
    ]
    assert odd == []


@pytest.mark.parametrize("name", ["console", "api"])
def test_parameters_are_typed(still_doors: Doors, name: str):
    untyped = [
        f"{rule.rule}: {parameter}"
        for rule in rules(still_doors, name)
        for parameter in re.findall(r"<([^>]+)>", rule.rule)
        if ":" not in parameter and parameter not in TEXT_PARAMETERS
    ]
    assert untyped == [], "write <int:case_id>"


def test_no_page_both_reads_and_writes(still_doors: Doors):
    mixed = [
        rule.endpoint
        for rule in rules(still_doors, "console")
        if rule.methods and rule.methods & UNSAFE and "GET" in rule.methods
    ]
    assert mixed == []


def _spoilt(how: str):
    def change(sent):
        if how == "no token":
            sent["data"].pop("csrf_token")
        elif how == "another session's token":
            sent["data"]["csrf_token"] = "x" * 43
        elif how == "another site":
            sent["headers"] = {"Origin": "https://evil.example"}
        elif how == "another site, as the browser says":
            sent["headers"] = {"Sec-Fetch-Site": "cross-site"}
        elif how == "a null origin":
            sent["headers"] = {"Origin": "null"}
        elif how == "a sibling":
            sent["headers"] = {"Sec-Fetch-Site": "same-site"}
        elif how == "JSON":
            sent.pop("data")
            sent |= {"data": "{}", "content_type": "text/plain"}

    return change


SPOILT = [
    "no token",
    "another session's token",
    "another site",
    "another site, as the browser says",
    "a null origin",
    "a sibling",
    "JSON",
]


# A program sends these, without a cookie: a signature takes the token's place.
SIGNED = {"sso.logged_out"}


@pytest.mark.parametrize("how", SPOILT)
def test_every_unsafe_page_refuses_a_forged_request(still_doors: Doors, how: str):
    adapter = still_doors.console.url_map.bind("labels.example.org")
    with still_doors.database.read_session() as session:
        before = session.connection().exec_driver_sql("SELECT max(seq) FROM audit").scalar()
    passed = []
    for rule in rules(still_doors, "console"):
        for method in sorted((rule.methods or set()) & UNSAFE):
            arguments = dict.fromkeys(rule.arguments, 1)
            if "token" in arguments:
                arguments["token"] = still_doors.found.holder_link
            path = adapter.build(rule.endpoint, arguments, method=method)
            for who in (people.SAM, None):
                answer = still_doors.person(who, method, path, change=_spoilt(how))
                if answer.status_code != (400 if rule.endpoint in SIGNED else 403):
                    passed.append(f"{rule.endpoint} ({who and who.name}): {answer.status_code}")
    assert passed == []
    with still_doors.database.read_session() as session:
        actions = session.connection().exec_driver_sql(
            f"SELECT DISTINCT action FROM audit WHERE seq > {before}"
        )
        assert {row[0] for row in actions} <= {"access.denied", "staff.denied"}


def test_what_is_not_offered_is_not_allowed(still_doors: Doors):
    for method in ("PUT", "PATCH", "DELETE", "TRACE", "OPTIONS"):
        answer = still_doors.person(people.SAM, method, "/queue")
        assert answer.status_code in (403, 405), method
    assert still_doors.program("TRACE", "/api/v1/labels").status_code == 405
