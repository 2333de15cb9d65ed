"""Acceptance tests 24, 26 and 27 on every route: where answers lead, and what they carry."""

import itertools
import re
from urllib.parse import quote, urljoin, urlsplit

import pytest
from werkzeug.test import TestResponse

from extension_api.access import HEADERS as API_HEADERS
from extension_api.access import POLICY
from shudi.staff.rules import Actor
from tests import people
from tests.architecture.doors import BASE, HOME, Doors
from tests.architecture.walk import ask, routes

COOKIES = {"__Host-shudi", "__Host-shudi-csrf", "__Host-shudi-flash", "__Host-shudi-lang"}
CAST: dict[str, Actor | None] = {
    "nobody": None,
    "moderator": people.ALICE,
    "senior": people.SAM,
    "auditor": people.AUDREY,
    "admin": people.BOB,
}


# -- 24: nobody is led elsewhere ------------------------------------------------------------------

EVIL = "evil.example"
SLASHES = ("//", "////", "/\\", "\\\\", "\\/", "/%09/", "/%0a/", "/%0d/", "/.//", "/%5c", "/;/",
           "/%2f", "%2f%2f", "/%00/", "/\t/", "/ /", "/%20/", "//%2f", "\u2044\u2044",
           "\uff0f\uff0f", "\u3002//", "/\u200b/", "/%E3%80%82/", "/..//", "/%2e%2e//", "/./\\",
           "\t//", " //", "%09//")  # fmt: skip
SCHEMES = ("http://", "https://", "HTTPS://", "http:", "https:", "http:/", "https:/\\", "ftp://",
           "javascript:alert(1)//", "JaVaScRiPt:alert(1)//", "java\tscript:alert(1)//", "data:text/html,",
           "vbscript:x//", "file:///", "blob:https://", "about:blank#", "x-y://", "mailto:a@",
           "view-source:http://", "http://labels.example.org@", "https://labels.example.org.",
           "//labels.example.org@", "//labels.example.org:443@", "https:labels.example.org@",
           "//labels.example.org%2f@", "///labels.example.org@", "https://[::1]@",
           "//0x7f000001#", "//[::ffff:127.0.0.1]#", "http:///", "\\\\\\", ".", "@", "?", "#",
           )  # fmt: skip
PAYLOADS = [start + EVIL for start in SLASHES + SCHEMES]
NAMES = (
    "to",
    "next",
    "url",
    "then",
    "return_to",
    "continue",
    "redirect",
    "lang",
    "queue",
    "case_id",
)


def _stays(answer: TestResponse) -> bool:
    """Whether a browser that follows the answer is still on our pages."""
    assert answer.status_code < 500, answer.text[-300:]
    location = answer.headers.get("Location")
    if location is None:
        return True
    # browsers read a backslash as a slash, and leave out tabs and line ends
    read = re.sub(r"[\t\r\n]", "", location.strip()).replace("\\", "/")
    there = urlsplit(urljoin(f"{BASE}/here", read))
    return f"{there.scheme}://{there.netloc}" == BASE and not there.path.startswith("//")


@pytest.mark.parametrize("who", ["nobody", "senior"])
def test_no_parameter_leads_elsewhere(still_doors: Doors, who: str):
    assert len(set(PAYLOADS)) >= 60
    led, redirecting = [], 0
    for _, method, path in routes(still_doors, "console", "GET"):
        first = still_doors.person(CAST[who], method, path + "?to=queue.index")
        payloads = PAYLOADS if first.status_code in range(300, 400) else PAYLOADS[:1]
        redirecting += len(payloads) > 1
        for payload in payloads:
            query = "&".join(f"{name}={quote(payload)}" for name in NAMES)
            answer = still_doors.person(CAST[who], method, f"{path}?{query}")
            if not _stays(answer):
                led.append((path, payload, answer.location))
    assert not led
    assert redirecting >= 2


def test_no_field_leads_elsewhere(still_doors: Doors):
    """Signing in, changing the language, answering: whatever redirects after a POST."""
    led = []
    for (_, method, path), payload in itertools.product(
        routes(still_doors, "console", "POST"), PAYLOADS[::12]
    ):
        if path == "/sign-out":
            continue
        form = dict.fromkeys(NAMES, payload)
        answer = still_doors.person(people.SAM, method, f"{path}?to={quote(payload)}", form)
        if not _stays(answer):
            led.append((path, payload, answer.location))
    assert not led


@pytest.mark.parametrize("door", ["console", "api"])
def test_no_address_leads_elsewhere(still_doors: Doors, door: str):
    starts = ("", "/api/v1") if door == "api" else ("", "/sign-in", "/static", "/cases")
    for start, payload in itertools.product(starts, PAYLOADS):
        for path in {payload, f"/{payload}", start + payload, f"{start}/{payload}"}:
            for sent in (path, quote(path, safe="/%")):
                wire = sent.encode().decode("latin-1")  # as WSGI has it
                environ = {"PATH_INFO": wire, "REMOTE_ADDR": HOME}
                answer = (
                    still_doors.apps[door]
                    .test_client()
                    .open("/", base_url=BASE, environ_overrides=environ)
                )
                assert _stays(answer), (sent, answer.headers.get("Location"))


# -- 26: headers ----------------------------------------------------------------------------------

INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE
)


def test_every_page_has_nothing_inline(still_doors: Doors):
    """The nonce marks files of ours only: docs/decisions/0020-doors.md."""
    for who in (None, people.SAM, people.BOB):
        for _, method, path in routes(still_doors, "console", "GET"):
            answer = still_doors.person(who, method, path)
            policy = answer.headers["Content-Security-Policy"]
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            if answer.mimetype == "text/html":
                assert not INLINE.search(answer.text), (path, INLINE.search(answer.text))
            answer.close()


@pytest.mark.parametrize("key", ["good", "none"])
def test_every_answer_of_the_api_has_them(still_doors: Doors, key: str):
    headers = {"Authorization": f"Bearer {still_doors.found.key}"} if key == "good" else {}
    asked = [(method, path) for _, method, path in routes(still_doors, "api")]
    asked += [("GET", "/api/v1/nothing"), ("TRACE", "/api/v1/labels"), ("POST", "/api/v1/regions")]
    asked += [("GET", "/api/v1/labels?key=shudi_x"), ("OPTIONS", "/api/v1/regions")]
    for method, path in asked:
        answer = ask(still_doors, "api", method, path, headers=headers)
        for name, value in API_HEADERS.items():
            if name == "Content-Security-Policy" and path == "/api/v1/docs":
                assert "unsafe" not in answer.headers[name]
                assert "frame-ancestors 'none'" in answer.headers[name]
            elif name != "Cross-Origin-Resource-Policy":
                assert answer.headers[name] == value, (method, path, name)
        if answer.status_code >= 400:
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["Content-Security-Policy"] == POLICY
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        answer.close()


# -- 27: cookies ----------------------------------------------------------------------------------


@pytest.mark.parametrize("who", CAST)
def test_no_route_sets_another_cookie(still_doors: Doors, who: str):
    asked = routes(still_doors, "console")
    for (_, method, path), query in itertools.product(asked, ("", "?lang=zh_Hans")):
        answer = still_doors.person(CAST[who], method, path + query)
        for cookie in answer.headers.getlist("Set-Cookie"):
            name, _, rest = cookie.partition("=")
            assert name in COOKIES | {"__Host-shudi-holder"}, path
            assert "; Secure" in rest
            assert "; HttpOnly" in rest
            assert "; SameSite=Strict" in rest
            assert "; Path=/" in rest
            assert "domain" not in rest.lower()
            assert len(cookie) <= 4096
            assert HOME not in cookie
        answer.close()


def test_the_api_sets_none_and_reads_none(still_doors: Doors):
    for _, method, path in routes(still_doors, "api"):
        answer = ask(still_doors, "api", method, path, headers={"Cookie": "__Host-shudi=x"})
        assert "Set-Cookie" not in answer.headers
        answer.close()
