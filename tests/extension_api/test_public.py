"""What anybody may read: vocabulary, sites, dataset, documentation, health."""

import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shudi.clients.rules import Scope
from shudi.labels.actions.publication import publish_due
from shudi.labels.codec import MANIFEST_DOMAIN, look_up
from tests.extension_api.conftest import GUANGDONG, sighting


def manifest(public):
    answer = public.get("/api/v1/dataset/manifest")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    data = base64.b64decode(answer.json["payload"])
    key = base64.b64decode(answer.json["key"]["public"])
    signature = base64.b64decode(answer.json["signature"])
    Ed25519PublicKey.from_public_bytes(key).verify(signature, MANIFEST_DOMAIN + data)
    assert answer.json["key"]["id"] == hashlib.sha256(key).hexdigest()[:16]
    return json.loads(data)


@pytest.fixture
def publish(database, settings, vocabulary, now):
    def publish():
        return publish_due(database, settings=settings, vocabulary=vocabulary, now=now)

    return publish


def test_the_manifest_works_before_anything_was_published(public):
    payload = manifest(public)
    assert [site["site"] for site in payload["sites"]] == ["library", "teahouse"]
    assert all(site["release"] is None for site in payload["sites"])
    assert payload["attribution"]


def test_a_published_file_is_what_the_manifest_says(program, public, publish):
    program.sighted(sighting("yun", GUANGDONG), sighting("ada"), sighting("child"))
    program.ask("PUT", "/sites/teahouse/accounts/child", json={"protection": "minor"})
    assert publish() == 2
    assert publish() == 0
    (site,) = [one for one in manifest(public)["sites"] if one["site"] == "teahouse"]
    release = site["release"]
    answer = public.get(release["url"])
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.content_type == "application/octet-stream"
    assert len(answer.data) == release["size"]
    assert hashlib.sha256(answer.data).hexdigest() == release["sha256"]
    salt = base64.b64decode(release["salt"])
    assert look_up(answer.data, salt, "yun").region == "CN-GD"
    assert look_up(answer.data, salt, "child") is None
    assert release["count"] == 2
    assert set(manifest(public)["names"]) == {"CN-GD", "US"}


def test_a_file_can_be_had_in_part_and_need_not_be_sent_twice(program, public, publish):
    publish()
    url = manifest(public)["sites"][0]["release"]["url"]
    whole = public.get(url)
    part = public.get(url, headers={"Range": "bytes=0-4"})
    assert (part.status_code, part.data) == (206, whole.data[:5])
    again = public.get(url, headers={"If-None-Match": whole.headers["ETag"]})
    assert again.status_code == 304


def test_two_releases_are_kept(program, public, publish, settings):
    for number in range(4):
        program.sighted(sighting(f"a{number}"))
        publish()
    files = sorted((settings.var / "dataset" / "teahouse").iterdir())
    assert [path.name.partition("-")[0] for path in files] == ["3", "4"]


@pytest.mark.parametrize(
    "path",
    [
        "teahouse/1-0000000000000000.bin",
        "teahouse/..%2f..%2fdataset-key",
        "../dataset-key",
        "%2e%2e/dataset-key",
        "teahouse/.1.bin",
        "nowhere/1-0000000000000000.bin",
    ],
)
def test_no_other_file_is_served(public, publish, path):
    publish()
    manifest(public)
    assert public.get(f"/api/v1/dataset/{path}").status_code == 404


def test_the_manifest_is_304_until_something_changes(program, public, publish):
    tag = public.get("/api/v1/dataset/manifest").headers["ETag"]
    headers = {"If-None-Match": tag}
    assert public.get("/api/v1/dataset/manifest", headers=headers).status_code == 304
    program.sighted(sighting("ada"))
    publish()
    assert public.get("/api/v1/dataset/manifest", headers=headers).status_code == 200


def test_the_signing_key_is_for_its_owner_only(public, settings):
    manifest(public)
    assert (settings.var / "dataset-key").stat().st_mode & 0o777 == 0o600


def test_regions_and_sites_are_public(public, vocabulary):
    regions = public.get("/api/v1/regions")
    assert regions.json["version"] == vocabulary.version
    assert len(regions.json["regions"]) == len(vocabulary)
    sites = public.get("/api/v1/sites")
    assert sites.json["sites"][1]["page_key"] == {"kind": "id", "fold": "exact"}
    for answer in (regions, sites):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        again = public.get(answer.request.path, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304


def test_health_and_readiness(public, settings):
    assert public.get("/healthz").json == {"status": "ok", "checks": {}}
    assert public.get("/readyz").json == {
        "status": "ok",
        "checks": {"store": "ok", "places": "ok"},
    }


def test_figures_are_for_this_machine_only(public):
    assert b"shudi_up 1" in public.get("/metrics").data
    assert (
        public.get("/metrics", environ_overrides={"REMOTE_ADDR": "203.0.113.9"}).status_code == 404
    )
    assert public.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404


def test_every_route_is_documented_and_declares_its_scope(api, public):
    shown = public.get("/api/v1/openapi.json").json
    assert shown["openapi"] == "3.1.0"
    documented = {
        (path, method.upper()) for path, methods in shown["paths"].items() for method in methods
    }
    routes = set()
    for rule in api.url_map.iter_rules():
        path = (
            rule.rule.replace("<account:account>", "{account}").replace("<", "{").replace(">", "}")
        )
        routes |= {(path, method) for method in rule.methods - {"HEAD", "OPTIONS"}}
    assert documented == routes
    references = set(json.dumps(shown).split('"#/components/schemas/')[1:])
    assert {one.partition('"')[0] for one in references} <= set(shown["components"]["schemas"])
    scopes = {
        one["security"][0]["key"][0]
        for methods in shown["paths"].values()
        for one in methods.values()
        if one["security"]
    }
    assert scopes == {scope.value for scope in Scope}


def test_the_readable_page_needs_nothing_from_elsewhere(public):
    answer = public.get("/api/v1/docs")
    assert "<script" not in answer.text
    assert "http://" not in answer.text.replace("http://localhost", "")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "/api/v1/labels/query" in answer.text


def test_a_problem_type_leads_to_its_meaning(public):
    problem = public.get("/api/v1/labels").json
    assert public.get(problem["type"]).json["title"] == problem["title"]
