"""GET /labels and POST /labels/query: what is answered, and what bad input gets."""

import dataclasses
import unicodedata
from datetime import timedelta
from urllib.parse import quote

import pytest

from shudi.cases.actions.upkeep import expire_corrections
from shudi.clients.rules import Scope
from shudi.labels.actions.corrections import propose
from shudi.labels.rules import AtExpiry
from tests import people
from tests.extension_api.conftest import AMERICA, GUANGDONG, Program, sighting
from tests.factories import label_of
from tests.factories import wish as make_wish

NOTHING = {
    "state": "none",
    "region": None,
    "names": None,
    "precision": "none",
    "basis": "none",
    "corrected": False,
    "disputed": False,
    "since": None,
    "version": 0,
}
DIGITS = "〇一二三四五六七八九"
HAN = [
    "诗酒趁年华休对故人思故国且将新火试新"[:18] + DIGITS[number // 10] + DIGITS[number % 10]
    for number in range(100)
]


def test_a_sighting_is_readable_when_its_answer_arrives(program):
    answer = program.sighted(sighting("yun", GUANGDONG), sighting("ada", AMERICA))
    assert answer.json == {"accepted": 2, "rejected": 0, "errors": []}
    rows = program.labels("ada", "yun", "ada")
    assert [row["account"] for row in rows] == ["ada", "yun", "ada"]
    assert rows[0]["region"] == "US"
    assert rows[0]["names"]["zh-Hans"] == "美国"
    assert rows[0]["precision"] == "country"
    assert (rows[1]["region"], rows[1]["precision"]) == ("CN-GD", "subdivision")
    assert (rows[1]["basis"], rows[1]["version"]) == ("activity", 1)
    assert rows[0] == rows[2]


def test_an_unknown_account_looks_like_one_without_activity(program):
    program.ask("PUT", "/sites/teahouse/accounts/quiet", json={"name": "Quiet"})
    quiet, unknown = program.labels("quiet", "nobody")
    assert quiet | {"account": ""} == unknown | {"account": ""} == NOTHING | {"account": ""}


@pytest.mark.parametrize("protection", ["protected", "minor"])
def test_a_protected_account_looks_like_one_without_activity(program, protection):
    program.sighted(sighting("child"))
    assert program.labels("child")[0]["state"] == "labelled"
    program.ask("PUT", "/sites/teahouse/accounts/child", json={"protection": protection})
    assert program.labels("child") == [NOTHING | {"account": "child"}]
    program.sighted(sighting("child", GUANGDONG))
    assert program.labels("child") == [NOTHING | {"account": "child"}]


def test_a_site_that_is_not_covered_says_so(program):
    answer = program.get("/labels?site=elsewhere&account=a")
    assert answer.json["as_of"] is None
    assert answer.json["labels"][0]["state"] == "not_covered"


def test_a_hundred_names_of_twenty_han_characters_fit_into_one_lookup(program):
    query = "&".join(f"account={quote(name)}" for name in HAN)
    answer = program.get(f"/labels?site=teahouse&{query}")
    assert [row["account"] for row in answer.json["labels"]] == HAN
    posted = program.post("/labels/query", json={"site": "teahouse", "accounts": HAN})
    assert posted.json == answer.json


@pytest.mark.parametrize("count", [101, 100_001])
def test_more_than_a_hundred_accounts_are_refused(program, count):
    accounts = [f"a{number}" for number in range(count)]
    asked = program.get("/labels", query_string={"site": "teahouse", "account": accounts})
    posted = program.post("/labels/query", json={"site": "teahouse", "accounts": accounts})
    for answer in (asked, posted):
        assert (answer.status_code, answer.json["code"]) == (422, "too-many-accounts")


def test_no_account_at_all_is_refused(program):
    answer = program.post("/labels/query", json={"site": "teahouse", "accounts": []})
    assert (answer.status_code, answer.json["code"]) == (422, "accounts-needed")
    answer = program.get("/labels?site=teahouse")
    assert (answer.status_code, answer.json["code"]) == (422, "accounts-needed")


@pytest.mark.parametrize(
    "account", ["nul\0", "bell\a", "\u202eevil", "x" * 129, "x" * 10_000, "", "a\nb", "\x7f"]
)
def test_what_is_no_account_id_is_refused_by_its_index(program, account):
    for answer in (
        program.post("/labels/query", json={"site": "teahouse", "accounts": ["ok", account]}),
        program.get("/labels", query_string={"site": "teahouse", "account": ["ok", account]}),
    ):
        assert answer.status_code == 422
        assert answer.json["code"] == "account-invalid"
        assert answer.json["index"] == 1
        assert account == "" or account not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        b'{"site":"teahouse","accounts":["\\ud800"]}',
        b'{"site":"teahouse","accounts":["\xed\xa0\x80"]}',
        b'{"site":"teahouse","accounts":["\xff"]}',
        b'{"site":"teahouse","accounts":[',
        b"",
        b"[" * 15_000,
        b'{"site":"teahouse","accounts":["a\x00"]}',
    ],
)
def test_what_is_no_json_is_refused(program, body):
    answer = program.post("/labels/query", data=body, content_type="application/json")
    assert answer.json["code"] in ("body-malformed", "body-invalid")
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"site": 1, "accounts": []}, "site"),
        ({"site": "teahouse", "accounts": [1]}, "accounts[...]"),
        ({"site": "teahouse", "accounts": ["a"], "more": 1}, None),
        ({"site": "teahouse"}, None),
    ],
)
def test_another_shape_is_refused_and_named(program, body, field):
    answer = program.post("/labels/query", json=body)
    assert (answer.status_code, answer.json["code"]) == (422, "body-invalid")
    assert answer.json.get("field") in (field, "accounts[0]" if field else None)


def test_broken_text_in_a_query_is_refused(program):
    for raw in ("%ED%A0%80", "%FF"):
        answer = program.get(f"/labels?site=teahouse&account={raw}")
        assert (answer.status_code, answer.json["code"]) == (422, "query-invalid")


def test_composed_and_decomposed_spellings_are_one_account(program):
    program.sighted(sighting(unicodedata.normalize("NFD", "zoë")))
    (row,) = program.labels("zoë")
    assert row["state"] == "labelled"
    (row,) = program.labels(unicodedata.normalize("NFD", "zoë"))
    assert (row["state"], row["account"]) == ("labelled", "zoë")


def test_an_unchanged_answer_is_304(program):
    program.sighted(sighting("ada"))
    first = program.get("/labels?site=teahouse&account=ada")
    again = program.get(
        "/labels?site=teahouse&account=ada", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")
    program.sighted(sighting("ada", GUANGDONG))
    later = program.get(
        "/labels?site=teahouse&account=ada", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert later.status_code == 200


def test_what_expires_is_not_served_and_changes_the_etag(
    program, database, vocabulary, settings, now
):
    """A correction that reverts at its end: a client that asks with what it has hears of it."""
    program.sighted(sighting("ada", GUANGDONG))
    path = "/labels?site=teahouse&account=ada"
    with database.transaction() as session:
        people.hire_everybody(session)
        label = label_of(session, "ada")
        wish = dataclasses.replace(
            make_wish(label.version, "coarsen"),
            expires_at=now + timedelta(hours=1), at_expiry=AtExpiry.REVERT,
        )  # fmt: skip
        propose(
            session, actor=people.ALICE, account_id=label.account_id, case_id=None, wish=wish,
            vocabulary=vocabulary, settings=settings, now=now,
        )  # fmt: skip
    first = program.get(path)
    assert first.json["labels"][0]["region"] == "CN"
    with database.transaction() as session:
        expire_corrections(session, now=now + timedelta(hours=1))
    later = program.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert later.status_code == 200
    assert later.headers["ETag"] != first.headers["ETag"]
    assert later.json["labels"][0]["region"] == "CN-GD"


def test_a_key_of_one_site_opens_no_other(api, sites, make_key):
    program = Program(api.test_client(), make_key(site_id=sites[0]))
    assert program.get("/labels?site=teahouse&account=a").status_code == 200
    for site in ("library", "elsewhere"):
        for path in (f"/labels?site={site}&account=a", f"/changes?site={site}"):
            answer = program.get(path)
            assert (answer.status_code, answer.json["code"]) == (403, "site-not-allowed")


def test_a_key_without_the_scope_is_refused(api, sites, make_key):
    program = Program(api.test_client(), make_key(Scope.SIGHTINGS_WRITE))
    answer = program.get("/labels?site=teahouse&account=a")
    assert (answer.status_code, answer.json["code"]) == (403, "scope-missing")


@pytest.mark.parametrize(
    "header", [None, "Bearer", "Bearer shudi_short", "Basic YTpi", "Bearer shudi_" + "a" * 43]
)
def test_without_a_live_key_nothing_is_read(public, header):
    headers = {"Authorization": header} if header else {}
    answer = public.get("/api/v1/labels?site=teahouse&account=a", headers=headers)
    assert (answer.status_code, answer.json["code"]) == (401, "unauthorized")
    assert "WWW-Authenticate" in answer.headers


def test_a_key_in_the_url_is_refused(program):
    for path in (
        f"/labels?site=teahouse&account=a&key={program.key}",
        "/regions?token=shudi_x",
        f"/labels?site=teahouse&account={program.key}",
    ):
        answer = program.get(path)
        assert (answer.status_code, answer.json["code"]) == (400, "key-in-url")
    assert program.labels("shudi_official")[0]["state"] == "none"


def test_the_limit_is_said_and_kept(database, make_settings, vocabulary, locator, sites, make_key):
    from tests.extension_api.conftest import made

    with made(make_settings(lookup_limit=3), database, vocabulary, locator) as app:
        program = Program(app.test_client(), make_key())
        answers = [program.get("/labels?site=teahouse&account=a") for _ in range(12)]
        app.extensions["shudi"].limiter.close()
    statuses = [answer.status_code for answer in answers]
    assert statuses[0] == 200
    assert answers[0].headers["RateLimit-Policy"] == '"key";q=3;w=60'
    assert set(statuses) <= {200, 429}
    for answer in answers:
        if answer.status_code == 429:
            assert answer.json["code"] == "too-many-requests"
            assert 1 <= int(answer.headers["Retry-After"]) <= 60
