"""A closed site is answered as one that never was, at every route and from the commit on."""

import json

import pytest

from shudi.cases.actions.site_closing import close_site
from shudi.labels.actions import publication
from shudi.labels.actions.publication import publish_due
from shudi.labels.codec import folder
from shudi.sites.actions import closing
from shudi.staff.rules import Actor, Role
from shudi.staff.store import Staff, StaffState
from tests.extension_api.conftest import GUANGDONG, Program, sighting
from tests.extension_api.test_public import manifest
from tests.extension_api.test_short_way import Both

ASKED = {
    "labels": ("GET", "/labels?site={site}&account=yun", None),
    "labels by post": ("POST", "/labels/query", {"site": "{site}", "accounts": ["yun"]}),
    "changes": ("GET", "/changes?site={site}", None),
    "sightings": ("POST", "/sightings", {"sightings": [sighting("yun", site="{site}")]}),
    "account": ("PUT", "/sites/{site}/accounts/yun", {"name": "Yun"}),
    "deletion": ("DELETE", "/sites/{site}/accounts/yun", None),
    "accounts": ("POST", "/accounts", [{"site": "{site}", "account": "yun", "name": "Yun"}]),
    "report": (
        "POST",
        "/reports",
        {"site": "{site}", "account": "yun", "kind": "wrong_label", "text": ""},
    ),
    "holder link": ("POST", "/holder-links", {"site": "{site}", "account": "yun"}),
    "a file": ("GET", "/dataset/{site}/{file}", None),
}


@pytest.fixture
def end(database, sites, now):
    """Two admins, and the end of the teahouse."""

    def end():
        with database.transaction() as session:
            rows = [
                Staff(name=name, role=Role.ADMIN, state=StaffState.ACTIVE, created_at=now)
                for name in ("one", "other")
            ]
            session.add_all(rows)
            session.flush()  # for the ids
            one, other = (Actor.staff(row.id, name=row.name, role=Role.ADMIN) for row in rows)
            number = closing.propose(
                session, actor=one, site_id=sites[0], key="teahouse", reason="It moved.", now=now
            )
        with database.transaction() as session:
            close_site(session, actor=other, closing_id=number, now=now)

    return end


def _ask(program, what, site, file):
    method, path, body = ASKED[what]
    path = path.format(site=site, file=file)
    if body is None:
        return program.ask(method, path)
    text = json.dumps(body).replace("{site}", site)
    if isinstance(body, list):
        lines = "\n".join(json.dumps(line).replace("{site}", site) for line in body)
        return program.ask(method, path, data=lines, content_type="application/x-ndjson")
    return program.ask(method, path, data=text, content_type="application/json")


@pytest.fixture
def lived(program, database, settings, vocabulary, now):
    """A label of the teahouse that is published; the name of the file."""
    program.ask("PUT", "/sites/teahouse/accounts/yun", json={"name": "Yun"})
    program.sighted(sighting("yun", GUANGDONG))
    publish_due(database, settings=settings, vocabulary=vocabulary, now=now)
    [file] = (folder(settings.var) / "teahouse").iterdir()
    return file.name


def test_every_route_answers_as_for_a_site_that_never_was(program, lived, end):
    for what in ASKED:  # the control: it is served until then
        if what != "deletion":
            served, nowhere = (_ask(program, what, site, lived) for site in ("teahouse", "nowhere"))
            alike = (served.status_code, served.data) == (nowhere.status_code, nowhere.data)
            assert alike is (what == "report"), what
    end()
    for what in ASKED:
        closed, nowhere = (_ask(program, what, site, lived) for site in ("teahouse", "nowhere"))
        assert closed.status_code == nowhere.status_code, what
        assert closed.data == nowhere.data, what
        kept = [dict(answer.headers) for answer in (closed, nowhere)]
        for one in kept:
            one.pop("RateLimit", None)
        assert kept[0] == kept[1], what


def test_the_short_way_knows_from_the_commit_on(api, make_key, program, lived, end):
    both = Both(api, make_key())
    assert both.labels("yun")[0]["region"] == "CN-GD"
    end()
    for site in ("teahouse", "nowhere"):
        answer = both.ask("GET", f"/labels?site={site}&account=yun", passed_on=True)
        assert [row["state"] for row in answer.json["labels"]] == ["not_covered"]


def test_a_key_of_its_own_opens_nothing_more(api, sites, make_key, program, lived, end):
    own = Program(api.test_client(), make_key(site_id=sites[0]))
    assert own.labels("yun")[0]["region"] == "CN-GD"
    end()
    assert own.get("/labels?site=teahouse&account=yun").status_code == 401
    assert program.get("/labels?site=library&account=yun").status_code == 200


def test_viewers_are_told_of_it_no_more(
    public, program, lived, end, database, settings, vocabulary, now
):
    def named():
        listed = [one["site"] for one in public.get("/api/v1/sites").json["sites"]]
        return [one["site"] for one in manifest(public)["sites"]], sorted(listed)

    assert named() == (["library", "teahouse"], ["library", "teahouse"])
    end()
    assert named() == (["library"], ["library"])
    path = folder(settings.var) / "teahouse"
    assert path.exists()  # and yet it is not handed out: the worker deletes it a moment later
    publish_due(database, settings=settings, vocabulary=vocabulary, now=now)
    assert not path.exists()
    publish_due(database, settings=settings, vocabulary=vocabulary, now=now)


def test_a_file_that_was_being_made_is_not_published(
    program, lived, end, database, settings, vocabulary, now, monkeypatch
):
    """The site ends between the snapshot and its row."""
    program.sighted(sighting("ada", GUANGDONG))
    build = publication._build

    def built_and_then(*arguments):
        built = build(*arguments)
        end()
        return built

    monkeypatch.setattr(publication, "_build", built_and_then)
    assert publish_due(database, settings=settings, vocabulary=vocabulary, now=now) == 0
    monkeypatch.undo()
    publish_due(database, settings=settings, vocabulary=vocabulary, now=now)
    assert not (folder(settings.var) / "teahouse").exists()
