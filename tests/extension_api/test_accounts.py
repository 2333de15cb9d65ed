"""Account information in, one by one and in bulk."""

import json

import pytest
import sqlalchemy as sa

from shudi.accounts.store import Account
from tests.extension_api.conftest import Program, sighting


def put(program, account="ada", site="teahouse", **info):
    return program.ask("PUT", f"/sites/{site}/accounts/{account}", json=info)


def test_information_is_taken_in(program, database):
    answer = put(
        program, name="Ada", handle="ada-l", avatar_url="https://a.example/x.png", bio="Hi"
    )
    assert answer.json == {"verdict": "accepted", "rule": "", "article": ""}
    with database.read_session() as session:
        assert session.scalar(sa.select(Account.name)) == "Ada"


def test_an_id_may_hold_any_character(program):
    for account in ("a%2Fb", "a%20b", "%2Fleading", "a//b", "%E8%8C%B6", "..", "a%3Fb"):
        assert put(program, account, name="Odd").status_code == 200, account


@pytest.mark.parametrize(
    ("info", "code"),
    [
        ({"name": "nul\0"}, "name-invalid"),
        ({"name": "\u202eevil"}, "name-invalid"),
        ({"name": "x" * 10_000}, "name-too-long"),
        ({"bio": "x" * 501}, "bio-too-long"),
        ({"avatar_url": "javascript:alert(1)"}, "avatar-invalid"),
        ({"protection": "vip"}, "protection-unknown"),
        ({"handle": "bell\a"}, "account-invalid"),
        ({"nickname": "x"}, "body-invalid"),
    ],
)
def test_bad_information_is_refused_and_not_repeated(program, info, code):
    answer = put(program, **info)
    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert all(str(value) not in answer.text for value in info.values())


def test_a_bad_id_is_refused(program):
    for account in ("x" * 129, "nul%00", "%E2%80%AEevil"):
        answer = put(program, account, name="A")
        assert (answer.status_code, answer.json["code"]) == (422, "account-invalid")


def test_bulk_lines_fare_each_for_itself(program):
    lines = [
        {"site": "teahouse", "account": "ada", "name": "Ada"},
        {"site": "teahouse", "account": "eve", "name": "nul\0"},
        {"site": "elsewhere", "account": "bob"},
        {"site": "teahouse"},
        {"site": "teahouse", "account": "yun", "name": "云"},
    ]
    body = "\n".join(json.dumps(line) for line in lines)
    answer = program.post("/accounts", data=body, content_type="application/x-ndjson")
    assert answer.json["accepted"] == 2
    assert answer.json["errors"] == [
        {"index": 1, "code": "name-invalid"},
        {"index": 2, "code": "site-unknown"},
        {"index": 3, "code": "line-malformed"},
    ]


def test_what_a_rule_finds_is_said_with_its_rule_and_article(program, database):
    put(program, name="Ada", bio="Hi")
    answer = put(program, name="Official Ada", bio="Hi")
    pending = {"verdict": "pending", "rule": "official_claim", "article": "R8(2)"}
    assert (answer.status_code, answer.json) == (200, pending)
    answer = put(program, name="Ada", bio="Write to ada@tea.example")
    waits = {"verdict": "pending", "rule": "embedded_email", "article": "R8(6)"}
    assert (answer.status_code, answer.json) == (200, waits)
    answer = put(program, name="A\u200bda")
    refused = {"verdict": "refused", "rule": "hidden_text", "article": "R8(6)"}
    assert (answer.status_code, answer.json) == (200, refused)
    with database.read_session() as session:
        assert session.execute(sa.select(Account.name, Account.bio)).one() == ("Ada", "Hi")


def test_each_line_has_its_verdict_and_a_waiting_one_costs_only_itself(program):
    names = ["Ada", "中国茶", "te\u200ba", "nul\0", "Yun"]
    lines = [
        {"site": "teahouse", "account": f"a{at}", "name": name} for at, name in enumerate(names)
    ]
    body = "\n".join(json.dumps(line) for line in lines)
    answer = program.post("/accounts", data=body, content_type="application/x-ndjson")
    assert answer.json == {
        "accepted": 2,
        "pending": 1,
        "refused": 1,
        "rejected": 1,
        "verdicts": [
            {"verdict": "pending", "rule": "strict_word", "article": "R10", "index": 1},
            {"verdict": "refused", "rule": "hidden_text", "article": "R8(6)", "index": 2},
        ],
        "errors": [{"index": 3, "code": "name-invalid"}],
    }


def test_bulk_is_ndjson_only(program):
    answer = program.post("/accounts", json=[])
    assert (answer.status_code, answer.json["code"]) == (415, "content-type")


def test_deleting_twice_says_so_and_does_no_harm(program):
    put(program, name="Ada")
    assert program.ask("DELETE", "/sites/teahouse/accounts/ada").json == {"deleted": True}
    assert program.ask("DELETE", "/sites/teahouse/accounts/ada").json == {"deleted": False}


def test_a_deleted_account_does_not_come_back(program):
    program.sighted(sighting("ada"))
    program.ask("DELETE", "/sites/teahouse/accounts/ada")
    assert put(program, name="Ada").status_code in (200, 409)


def test_a_key_of_one_site_touches_no_other(api, sites, make_key):
    program = Program(api.test_client(), make_key(site_id=sites[0]))
    for site in ("library", "elsewhere"):
        answer = put(program, site=site, name="A")
        assert (answer.status_code, answer.json["code"]) == (403, "site-not-allowed")


def test_an_unknown_site_is_said(program):
    answer = put(program, site="elsewhere", name="A")
    assert (answer.status_code, answer.json["code"]) == (404, "site-unknown")
