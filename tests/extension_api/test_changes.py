"""GET /changes: one latest row an account, tombstones, and where to go on."""

import pytest

from tests.extension_api.conftest import AMERICA, GUANGDONG, sighting


def feed(program, after=0, limit=500):
    answer = program.get(f"/changes?site=teahouse&after={after}&limit={limit}")
    assert answer.status_code == 200, answer.json
    return answer.json


def test_an_account_has_one_row_its_latest(program):
    program.sighted(sighting("ada", AMERICA), sighting("yun", AMERICA))
    program.sighted(sighting("ada", GUANGDONG))
    page = feed(program)
    assert [(row["account"], row["region"]) for row in page["changes"]] == [
        ("yun", "US"),
        ("ada", "CN-GD"),
    ]
    assert page["next"] == page["changes"][-1]["seq"]
    assert feed(program, after=page["next"]) == {
        "as_of": page["as_of"],
        "changes": [],
        "next": page["next"],
    }


def test_pages_follow_one_another(program):
    program.sighted(*[sighting(f"a{number}") for number in range(5)])
    after, seen = 0, []
    while page := feed(program, after, limit=2)["changes"]:
        seen += [row["account"] for row in page]
        after = page[-1]["seq"]
    assert sorted(seen) == [f"a{number}" for number in range(5)]


def test_a_deleted_account_stays_as_a_tombstone(program):
    program.sighted(sighting("ada"))
    after = feed(program)["next"]
    assert program.ask("DELETE", "/sites/teahouse/accounts/ada").json == {"deleted": True}
    (row,) = feed(program, after)["changes"]
    assert (row["account"], row["state"], row["deleted"]) == ("ada", "none", True)
    assert (row["since"], row["version"]) == (None, 0)
    assert program.labels("ada")[0]["state"] == "none"


def test_an_account_that_becomes_protected_leaves_the_feed_like_a_deleted_one(program):
    program.sighted(sighting("ada"), sighting("bo"))
    after = feed(program)["next"]
    program.ask("PUT", "/sites/teahouse/accounts/ada", json={"protection": "minor"})
    program.ask("DELETE", "/sites/teahouse/accounts/bo")
    rows = feed(program, after)["changes"]
    told = [{name: row[name] for name in row if name not in ("account", "seq")} for row in rows]
    assert [row["account"] for row in rows] == ["ada", "bo"]
    assert told[0] == told[1]


@pytest.mark.parametrize(
    "query", ["site=teahouse&after=-1", "site=teahouse&limit=1001", "site=teahouse&after=x", ""]
)
def test_a_broken_query_is_refused(program, query):
    answer = program.get(f"/changes?{query}")
    assert (answer.status_code, answer.json["code"]) == (422, "query-invalid")


def test_an_unknown_site_has_no_feed(program):
    answer = program.get("/changes?site=elsewhere")
    assert (answer.status_code, answer.json["code"]) == (404, "site-unknown")
