"""The raw WSGI lookup gives the same bytes as the Flask view, at every moment."""

import json
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from werkzeug.test import Client

from extension_api import with_short_way
from shudi.clients.actions import revoke_key
from shudi.clients.rules import Scope
from shudi.clients.store import ApiKey
from shudi.staff.rules import Actor
from tests.extension_api.conftest import AMERICA, GUANGDONG, sighting

LEFT_OUT = {"RateLimit", "Date"}


class Both:
    """Asks the Flask app and the short way, and insists that they agree."""

    def __init__(self, api, key):
        self.long, self.key = api.test_client(), key
        self.passed_on = 0

        def behind(environ, start_response):
            self.passed_on += 1
            return api.wsgi_app(environ, start_response)

        short = with_short_way(api)
        short._app = behind
        self.short = Client(short)

    def ask(self, method, path, *, passed_on=False, **sent):
        headers = {"Authorization": f"Bearer {self.key}"} | sent.pop("headers", {})
        before = self.passed_on
        answers = [
            client.open(f"/api/v1{path}", method=method, headers=headers, **sent)
            for client in (self.long, self.short)
        ]
        assert (self.passed_on - before == 1) is passed_on
        first, second = answers
        assert (first.status_code, first.data) == (second.status_code, second.data)
        kept = [
            {name: value for name, value in answer.headers if name not in LEFT_OUT}
            for answer in answers
        ]
        assert kept[0] == kept[1]
        return second

    def labels(self, *accounts, site="teahouse"):
        query = "&".join(f"account={quote(account)}" for account in accounts)
        got = self.ask("GET", f"/labels?site={site}&{query}")
        body = {"site": site, "accounts": list(accounts)}
        posted = self.ask(
            "POST", "/labels/query", data=json.dumps(body), content_type="application/json"
        )
        assert got.data == posted.data
        return got.json["labels"]


@pytest.fixture
def both(api, sites, make_key):
    return Both(api, make_key())


def test_both_agree_while_labels_change(both, program):
    names = ("ada", "yun", "诗酒趁年华", "nobody", "ada", "o'neil", 'q"uote')
    both.labels(*names)
    program.sighted(sighting("ada", AMERICA), sighting("诗酒趁年华", GUANGDONG))
    assert [row["state"] for row in both.labels(*names)][:3] == ["labelled", "none", "labelled"]
    program.sighted(sighting("ada", GUANGDONG), sighting('q"uote', AMERICA))
    assert both.labels(*names)[0]["region"] == "CN-GD"
    program.ask("PUT", "/sites/teahouse/accounts/ada", json={"protection": "minor"})
    assert both.labels(*names)[0]["state"] == "none"
    program.ask("DELETE", "/sites/teahouse/accounts/诗酒趁年华")
    assert both.labels(*names)[2]["state"] == "none"


def test_a_revoked_key_opens_nothing_from_the_next_request_on(both, database, now):
    both.labels("ada")
    with database.transaction() as session:
        key_id = session.scalar(sa.select(sa.func.max(ApiKey.id)))
        revoke_key(session, actor=Actor.system("test"), key_id=key_id, now=now)
    answer = both.ask("GET", "/labels?site=teahouse&account=ada", passed_on=True)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        "/labels?site=elsewhere&account=a",
        "/labels?site=teahouse",
        "/labels?account=a&site=teahouse&site=teahouse",
        "/labels?site=teahouse&account=%FF",
        "/labels?site=teahouse&account=%00",
        "/labels?site=teahouse&account=" + "x" * 129,
        "/labels?site=teahouse&account=a&key=shudi_x",
        "/labels?site=teahouse&" + "&".join(["account=a"] * 101),
    ],
)
def test_what_is_not_in_order_is_refused_in_full_words(both, path):
    both.ask("GET", path, passed_on=True)


def test_a_broken_body_reaches_the_app_whole(both):
    for body in (b"{", b'{"site":"teahouse","accounts":[]}', b"[]"):
        answer = both.ask(
            "POST", "/labels/query", data=body, content_type="application/json", passed_on=True
        )
        assert answer.status_code in (400, 422)


def test_scope_and_site_are_asked_here_too(api, sites, make_key):
    stranger = Both(api, make_key(Scope.SIGHTINGS_WRITE))
    assert stranger.ask("GET", "/labels?site=teahouse&account=a", passed_on=True).status_code == 403
    resident = Both(api, make_key(site_id=sites[0]))
    assert resident.ask("GET", "/labels?site=teahouse&account=a").status_code == 200
    assert resident.ask("GET", "/labels?site=library&account=a", passed_on=True).status_code == 403


def test_an_unchanged_answer_is_304(both):
    tag = both.ask("GET", "/labels?site=teahouse&account=a").headers["ETag"]
    answer = both.ask(
        "GET", "/labels?site=teahouse&account=a", headers={"If-None-Match": tag}, passed_on=True
    )
    assert answer.status_code == 304


def test_the_shelf_stays_within_its_bounds(database, sites, program, make_key):
    from extension_api.rows import Rows
    from shudi.labels.queries.shelf import Shelf
    from shudi.regions.codec import load_vocabulary

    program.sighted(*[sighting(f"a{n}") for n in range(40)])
    shelf = Shelf(database, Rows(load_vocabulary()).tail, most=16)
    key = make_key()
    for start in range(0, 40, 8):
        _, _, found = shelf.lookup(key, "teahouse", [f"a{n}" for n in range(start, start + 8)])
        assert all(b"labelled" in one for one in found)
        assert len(shelf._sites[sites[0]].labels) <= 16
    shelf.close()


def test_a_lookup_asks_the_store_once_and_not_for_each_account(database, program):
    statements = []
    program.sighted(*[sighting(f"a{n}") for n in range(50)])
    sa.event.listen(
        database.read_engine, "before_cursor_execute", lambda *given: statements.append(given[2])
    )
    program.labels(*[f"a{n}" for n in range(50)])
    asked = [text for text in statements if text.lstrip().upper().startswith("SELECT")]
    assert len(asked) == 3  # key, site, labels


def test_the_lookup_uses_its_index(sqlite_database, sqlite_store):
    with sqlite_database.read_session() as session:
        plan = session.execute(
            sa.text(
                "EXPLAIN QUERY PLAN SELECT state FROM labels"
                " WHERE site_id = 1 AND account IN ('a', 'b')"
            )
        ).all()
        feed = session.execute(
            sa.text(
                "EXPLAIN QUERY PLAN SELECT account FROM labels"
                " WHERE site_id = 1 AND seq > 5 ORDER BY seq"
            )
        ).all()
    assert "(site_id=? AND account=?)" in str(plan)
    assert "ix_labels_seq (site_id=? AND seq>?)" in str(feed)
    assert "TEMP B-TREE" not in str(feed)
