"""Acceptance test 7: who gets in where, against two written tables; a new route needs its row.

`matrix.csv` (console): `in`, `403`, `sign-in` or, at the bare address, `onward` to where their
work begins, for each person; `matrix-api.csv`: `in`, `401` or `403` for each kind of key. Two rows are not about roles: the code page sends back whoever has not
given a password first, and a contest needs the token of the holder's own page.
"""

import csv
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from shudi import clock
from shudi.clients.actions import create_key, revoke_key
from shudi.clients.rules import Scope
from shudi.staff.actions import disable, set_role
from shudi.staff.rules import Actor, Role
from tests import people
from tests.architecture.doors import Doors
from tests.architecture.test_routes import rules

FOLDER = Path(__file__).parent
METHODS = {"GET", "POST", "PUT", "DELETE"}
PERSONS: dict[str, Actor | None] = {
    "nobody": None,
    "moderator": people.ALICE,
    "senior": people.SAM,
    "auditor": people.AUDREY,
    "admin": people.BOB,
    "supervisor": people.CHARLIE,
}
MISSING = 4_000_000_000


def _table(name: str) -> dict[tuple[str, str], dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {(row.pop("endpoint"), row.pop("method")): row for row in rows}


def _routes(doors: Doors, door: str) -> list[tuple[str, str]]:
    return [
        (rule.endpoint, method)
        for rule in rules(doors, door)
        for method in sorted((rule.methods or set()) & METHODS)
    ]


def _path(doors: Doors, endpoint: str, method: str, number: int) -> str:
    """The route's address for the thing of that number."""
    url_map = doors.console.url_map
    arguments: dict[str, Any] = {}
    for rule in url_map.iter_rules(endpoint):
        arguments |= {name: "x" * 43 if name == "token" else number for name in rule.arguments}
    return url_map.bind("labels.example.org").build(endpoint, arguments, method=method)


def _verdict(answer: TestResponse) -> str:
    """What the door said, whatever lies behind it."""
    assert answer.status_code < 500, answer.text[-500:]
    turned_away = answer.status_code == 303 and answer.location.partition("?")[0] == "/sign-in"
    if turned_away and answer.request.method == "GET":
        return "sign-in"
    if answer.status_code == 303 and answer.request.path == "/":
        return "onward"
    return str(answer.status_code) if answer.status_code in (401, 403) else "in"


def test_the_matrix_holds_and_is_complete(both_still_doors: Doors):
    table = _table("matrix.csv")
    routes = _routes(both_still_doors, "console")
    assert set(routes) - table.keys() == set(), "decide who may, and add the row to matrix.csv"
    assert table.keys() - set(routes) == set(), "these routes are gone"
    wrong = []
    for endpoint, method in routes:
        path = _path(both_still_doors, endpoint, method, 1)
        for name, expected in table[endpoint, method].items():
            found = _verdict(both_still_doors.person(PERSONS[name], method, path))
            if found != expected:
                wrong.append(f"{method} {path} for {name}: {found}, the matrix says {expected}")
    assert wrong == []


def test_without_the_second_factor_nobody_is_anybody(both_still_doors: Doors):
    wrong = []
    for endpoint, method in _routes(both_still_doors, "console"):
        path = _path(both_still_doors, endpoint, method, 1)
        stranger = _verdict(both_still_doors.person(None, method, path))
        half = _verdict(both_still_doors.person(people.SAM, method, path, hours=0))
        if half != stranger and not endpoint.startswith(("sign_in.", "sso.")):
            wrong.append(f"{method} {path}: {half}, for a stranger {stranger}")
    assert wrong == []


def test_what_is_missing_looks_like_what_is_forbidden(both_still_doors: Doors):
    """Who may not see a thing is not told whether it exists."""
    table = _table("matrix.csv")
    told = []
    for endpoint, method in _routes(both_still_doors, "console"):
        path = _path(both_still_doors, endpoint, method, MISSING)
        if str(MISSING) not in path:
            continue
        for name, expected in table[endpoint, method].items():
            answer = both_still_doors.person(PERSONS[name], method, path)
            if expected == "in":
                fine = answer.status_code in (404, 409, 422)
            else:
                fine = _verdict(answer) == expected
            if not fine:
                told.append(f"{method} {path} for {name}: {answer.status_code}")
    assert told == []


@pytest.mark.parametrize("change", ["disabled", "another role", "ended"])
def test_a_change_of_standing_holds_from_the_next_request(doors: Doors, change: str):
    cookie, _ = doors.session_of(people.SAM)
    client = doors.console.test_client()
    client.set_cookie("__Host-shudi", cookie, domain="labels.example.org", secure=True)

    def ask(path: str) -> int:
        return client.get(path, base_url="https://labels.example.org").status_code

    pages = [
        _path(doors, endpoint, method, 1)
        for endpoint, method in _routes(doors, "console")
        if method == "GET" and _table("matrix.csv")[endpoint, method]["nobody"] == "sign-in"
    ]
    opened = [path for path in pages if ask(path) == 200]
    assert len(opened) > 5
    with doors.database.transaction() as session:
        common = {"actor": people.BOB, "staff_id": people.SAM.staff_id, "now": clock.now()}
        if change == "disabled":
            disable(session, **common)
        elif change == "another role":
            set_role(session, role=Role.SUPERVISOR, **common)
        else:
            session.connection().exec_driver_sql("DELETE FROM staff_sessions")
    still = [path for path in opened if ask(path) == 200]
    assert still in ([], ["/profile"]), still


# -- programs -------------------------------------------------------------------------------------


def _keys(doors: Doors) -> dict[str, str]:
    """A key of each scope, none at all, and those that open nothing."""
    found = {"none": "", "nonsense": "shudi_" + "x" * 43}
    with doors.database.transaction() as session:
        for scope in Scope:
            found[scope.value] = create_key(
                session, actor=people.BOB, name=scope.value, scopes=[scope.value], now=clock.now()
            )[1]
        gone, found["revoked"] = create_key(
            session,
            actor=people.BOB,
            name="revoked",
            scopes=[scope.value for scope in Scope],
            now=clock.now(),
        )
        revoke_key(session, actor=people.BOB, key_id=gone, now=clock.now())
    return found


def _call(doors: Doors, endpoint: str) -> str:
    given = {"site": "forum", "account": "user-1", "file": "x", "code": "x"}
    for rule in doors.api.url_map.iter_rules(endpoint):
        arguments = {name: given[name] for name in rule.arguments}
    return doors.api.url_map.bind("labels.example.org").build(endpoint, arguments)


def test_each_scope_opens_its_own_calls_and_no_other(both_still_doors: Doors):
    table = _table("matrix-api.csv")
    routes = _routes(both_still_doors, "api")
    assert set(routes) - table.keys() == set(), "decide which scope, and add the row"
    assert table.keys() - set(routes) == set(), "these routes are gone"
    keys, wrong = _keys(both_still_doors), []
    for endpoint, method in routes:
        path = _call(both_still_doors, endpoint)
        for name, expected in table[endpoint, method].items():
            answer = both_still_doors.program(method, path, key=keys[name])
            found = _verdict(answer) if endpoint != "readyz" else "in"
            if found != expected:
                wrong.append(f"{method} {path} with {name}: {found}, the matrix says {expected}")
    assert wrong == []


def test_a_key_of_one_site_opens_no_other(both_still_doors: Doors):
    with both_still_doors.database.transaction() as session:
        site = session.connection().exec_driver_sql("SELECT id FROM sites WHERE key = 'north'")
        _, key = create_key(
            session,
            actor=people.BOB,
            name="north only",
            scopes=[scope.value for scope in Scope],
            site_id=site.scalar_one(),
            now=clock.now(),
        )
    foreign = [
        both_still_doors.program("GET", "/api/v1/labels?site=forum&account=user-1", key=key),
        both_still_doors.program("GET", "/api/v1/changes?site=forum", key=key),
        both_still_doors.program(
            "POST",
            "/api/v1/labels/query",
            key=key,
            json={"site": "forum", "accounts": ["user-1"]},
        ),
        both_still_doors.program("PUT", "/api/v1/sites/forum/accounts/user-1", key=key, json={}),
        both_still_doors.program("DELETE", "/api/v1/sites/forum/accounts/user-1", key=key),
        both_still_doors.program(
            "POST", "/api/v1/holder-links", key=key, json={"site": "forum", "account": "user-1"}
        ),
    ]
    assert [answer.status_code for answer in foreign] == [403] * len(foreign)
    own = both_still_doors.program("GET", "/api/v1/labels?site=north&account=north-1", key=key)
    assert own.status_code == 200
