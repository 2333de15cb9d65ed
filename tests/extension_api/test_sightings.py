"""POST /sightings: what a bad line gets, and that it loses nothing else."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from shudi import clock
from shudi.audit.store import AuditRow
from shudi.clients.store import IdempotentAnswer
from tests.extension_api.conftest import AMERICA, GUANGDONG, Program, sighting

GOOD = sighting("good")


def at(**ago):
    return (clock.now() - timedelta(**ago)).isoformat()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ip": "not an address"}, "ip-malformed"),
        ({"ip": "8.8.8.8:443"}, "ip-port"),
        ({"ip": "fe80::1%eth0"}, "ip-zone"),
        ({"ip": "8.8.8"}, "ip-malformed"),
        ({"ip": ""}, "ip-malformed"),
        ({"site": "elsewhere"}, "site-unknown"),
        ({"kind": "wink"}, "kind-unknown"),
        ({"at": "yesterday"}, "at-malformed"),
        ({"at": "2026-03-14T09:00:00"}, "at-malformed"),
        ({"account": "nul\0"}, "account-invalid"),
        ({"account": "bell\a"}, "account-invalid"),
        ({"account": "\u202eevil"}, "account-invalid"),
        ({"account": "x" * 10_000}, "account-invalid"),
        ({"account": ""}, "account-invalid"),
        ({"account": None}, "line-malformed"),
        ({"extra": 1}, "line-malformed"),
    ],
)
def test_a_bad_line_is_named_and_loses_nothing_else(program, changes, code):
    bad = sighting("bad") | changes
    answer = program.sighted(GOOD, bad, sighting("later"))
    assert answer.status_code == 200
    assert answer.json["accepted"] == 2
    assert answer.json["rejected"] == 1
    (error,) = answer.json["errors"]
    assert error["index"] == 1
    assert error["code"] == code
    assert [row["state"] for row in program.labels("good", "later")] == ["labelled"] * 2


@pytest.mark.parametrize(
    ("ago", "code"),
    [({"minutes": -6}, "at-future"), ({"days": 91}, "at-too-old")],
)
def test_an_instant_outside_the_window_is_refused(program, ago, code):
    answer = program.sighted(GOOD, sighting("bad", at=at(**ago)))
    assert answer.json["errors"] == [{"index": 1, "code": code}]
    assert program.sighted(sighting("near", at=at(minutes=-4))).json["accepted"] == 1


@pytest.mark.parametrize("ip", ["10.0.0.1", "100.64.0.1", "192.0.2.1", "::1", "0.0.0.0"])
def test_a_reserved_address_gives_no_place(program, ip):
    answer = program.sighted(sighting("home", ip))
    assert answer.json["accepted"] == 1
    assert program.labels("home")[0]["region"] is None


def test_lines_that_are_no_json_are_named(program):
    lines = [json.dumps(GOOD), "{nonsense", '{"site":"\\ud800"}', "[" * 2000, json.dumps(GOOD)]
    answer = program.post(
        "/sightings", data="\n".join(lines) + "\n\n", content_type="application/x-ndjson"
    )
    assert answer.json["accepted"] == 2
    assert answer.json["errors"] == [{"index": i, "code": "line-malformed"} for i in (1, 2, 3)]


def test_duplicate_and_late_lines_do_not_turn_a_label_back(program):
    new, old = sighting("ada", AMERICA, at=at(minutes=1)), sighting("ada", GUANGDONG, at=at(days=1))
    assert program.sighted(new, new, old).json["accepted"] == 3
    assert program.sighted(old, new).json["accepted"] == 2
    (row,) = program.labels("ada")
    assert (row["region"], row["version"]) == ("US", 1)


def test_signing_in_decides_no_label(program):
    program.sighted(sighting("ada", kind="sign_in"))
    assert program.labels("ada")[0]["state"] == "none"


def test_the_same_key_and_body_have_one_effect_and_one_answer(program, database):
    lines = [sighting("ada")]
    first = program.sighted(*lines, headers={"Idempotency-Key": "k1"})
    again = program.sighted(*lines, headers={"Idempotency-Key": "k1"})
    assert (first.status_code, first.data) == (again.status_code, again.data)
    with database.read_session() as session:
        taken = sa.select(sa.func.count()).where(AuditRow.action == "sightings.taken")
        assert session.scalar(taken) == 1
        kept = session.execute(sa.select(IdempotentAnswer.__table__)).one()
    assert AMERICA not in str(kept)


def test_the_same_key_with_another_body_is_refused(program):
    program.sighted(sighting("ada"), headers={"Idempotency-Key": "k1"})
    answer = program.sighted(sighting("eve"), headers={"Idempotency-Key": "k1"})
    assert (answer.status_code, answer.json["code"]) == (422, "idempotency-mismatch")
    assert program.labels("eve")[0]["state"] == "none"


def test_another_program_may_use_the_same_key(program, api, make_key):
    other = Program(api.test_client(), make_key())
    program.sighted(sighting("ada"), headers={"Idempotency-Key": "k1"})
    assert other.sighted(sighting("eve"), headers={"Idempotency-Key": "k1"}).status_code == 200


@pytest.mark.parametrize("key", ["", "x" * 256, "two words", "ä"])
def test_a_strange_idempotency_key_is_refused(program, key):
    answer = program.sighted(GOOD, headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json["code"]) == (422, "idempotency-key-invalid")


def test_a_body_over_the_limit_is_refused(program):
    body = b'{"sightings":[]}' + b" " * (8 * 1024 * 1024)
    answer = program.post("/sightings", data=body, content_type="application/json")
    assert (answer.status_code, answer.json["code"]) == (413, "body-too-large")


@pytest.mark.parametrize("ndjson", [True, False])
def test_too_many_lines_are_refused(program, ndjson):
    line = json.dumps(GOOD)
    body = (
        "\n".join([line] * 10_001) if ndjson else f'{{"sightings":[{",".join([line] * 10_001)}]}}'
    )
    kind = "application/x-ndjson" if ndjson else "application/json"
    answer = program.post("/sightings", data=body, content_type=kind)
    assert (answer.status_code, answer.json["code"]) == (413, "too-many-lines")


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json; charset=gbk"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
        {},
    ],
)
def test_another_content_type_is_refused(program, headers):
    answer = program.post("/sightings", data=b'{"sightings":[]}', headers=headers)
    assert (answer.status_code, answer.json["code"]) == (415, "content-type")


def test_a_key_of_one_site_takes_lines_of_no_other(api, sites, make_key):
    program = Program(api.test_client(), make_key(site_id=sites[0]))
    answer = program.sighted(GOOD, sighting("eve", site="library"))
    assert answer.json["accepted"] == 1
    assert answer.json["errors"][0]["index"] == 1


def test_no_address_is_kept_anywhere(program, database):
    program.sighted(sighting("ada", "203.0.113.77"), sighting("yun", GUANGDONG))
    with database.read_session() as session:
        for table in sa.inspect(session.connection()).get_table_names():
            rows = session.execute(sa.text(f'SELECT * FROM "{table}"')).all()
            assert GUANGDONG not in str(rows)
            assert "203.0.113.77" not in str(rows)
