"""Reports from readers, and links for account holders."""

import pytest
import sqlalchemy as sa

from shudi.cases.store import Case, HolderLink
from tests.extension_api.conftest import made, sighting

REPORT = {"site": "teahouse", "account": "ada", "kind": "wrong_label", "text": "Not there."}


def report(public, **sent):
    return public.post("/api/v1/reports", json=REPORT | sent.pop("changes", {}), **sent)


def test_a_report_opens_a_case(program, public, database):
    program.sighted(sighting("ada"))
    answer = report(public)
    assert (answer.status_code, answer.json) == (202, {"received": True})
    with database.read_session() as session:
        assert session.scalar(sa.select(sa.func.count(Case.id))) == 1


@pytest.mark.parametrize("changes", [{"account": "nobody"}, {"site": "elsewhere"}])
def test_an_unknown_account_gets_the_same_answer(program, public, changes, database):
    program.sighted(sighting("ada"))
    known, unknown = report(public), report(public, changes=changes)
    assert (known.status_code, known.data) == (unknown.status_code, unknown.data)
    with database.read_session() as session:
        assert session.scalar(sa.select(sa.func.count(Case.id))) == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": "rude"}, "kind-unknown"),
        ({"text": "x" * 501}, "text-too-long"),
        ({"account": "nul\0"}, "account-invalid"),
        ({"more": 1}, "body-invalid"),
    ],
)
def test_a_bad_report_is_refused(public, changes, code):
    answer = report(public, changes=changes)
    assert (answer.status_code, answer.json["code"]) == (422, code)


def test_a_long_report_is_refused(public):
    answer = report(public, changes={"text": "x" * 17_000})
    assert (answer.status_code, answer.json["code"]) == (413, "body-too-large")


@pytest.fixture
def limited(make_settings, database, vocabulary, locator, sites):
    with made(make_settings(report_limit=3), database, vocabulary, locator) as app:
        yield app.test_client()


def test_reports_have_a_limit_that_forged_headers_do_not_lift(limited, database):
    statuses = [
        report(limited, headers={"X-Forwarded-For": f"198.51.100.{n}"}).status_code
        for n in range(5)
    ]
    assert statuses == [202, 202, 202, 429, 429]
    with database.read_session() as session:
        subjects = session.scalars(sa.text("SELECT subject FROM allowances")).all()
    assert len(subjects) == 1
    assert "127.0.0.1" not in subjects[0]


def test_one_household_of_ipv6_is_one_sender(limited):
    statuses = [
        report(limited, environ_overrides={"REMOTE_ADDR": f"2001:db8:1:1::{n}"}).status_code
        for n in range(1, 5)
    ]
    assert statuses == [202, 202, 202, 429]
    other = report(limited, environ_overrides={"REMOTE_ADDR": "2001:db8:1:2::1"})
    assert other.status_code == 202
    assert other.headers["RateLimit-Policy"] == '"report";q=3;w=3600'


def test_a_trusted_proxy_speaks_for_others(make_settings, database, vocabulary, locator, sites):
    import ipaddress

    trusting = make_settings(report_limit=1, trusted_proxies=(ipaddress.ip_network("127.0.0.0/8"),))
    with made(trusting, database, vocabulary, locator) as app:
        client = app.test_client()
        first, again, other = (
            report(client, headers={"X-Forwarded-For": f"203.0.113.9, {address}"}).status_code
            for address in ("198.51.100.1", "198.51.100.1", "198.51.100.2")
        )
    assert (first, again, other) == (202, 429, 202)


def test_a_page_may_ask_first_whether_it_may_report(public):
    answer = public.options(
        "/api/v1/reports",
        headers={"Origin": "https://forum.example", "Access-Control-Request-Method": "POST"},
    )
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Content-Type" in answer.headers["Access-Control-Allow-Headers"]
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert report(public).headers["Access-Control-Allow-Origin"] == "*"


def test_a_keyed_read_is_for_no_page(program):
    answer = program.get("/labels?site=teahouse&account=a")
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_holder_link_is_made_once_for_a_known_account(program, database):
    program.sighted(sighting("ada"))
    answer = program.post("/holder-links", json={"site": "teahouse", "account": "ada"})
    assert answer.status_code == 201
    token = answer.json["url"].rpartition("/")[2]
    with database.read_session() as session:
        assert token not in str(session.execute(sa.select(HolderLink.__table__)).all())
    answer = program.post("/holder-links", json={"site": "teahouse", "account": "nobody"})
    assert (answer.status_code, answer.json["code"]) == (404, "account-unknown")
