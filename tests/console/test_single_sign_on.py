"""Single sign-on at the door, with a provider that is in trouble, or lies.

What an honest one does is tests/e2e/test_single_sign_on.py's; lies about tokens are
test_provider_tokens.py's.
"""

import base64
import html
import re
import subprocess
import sys
import time as clocks

import pytest
import sqlalchemy as sa
from joserfc import jwt

from shudi.staff.gateway import fetching, tokens
from shudi.staff.store import Staff, StaffSession
from shudi.staff.store.identities import Trip
from tests.console.browser import Browser
from tests.console.trips import ONWARD, changed, come_back, is_in, last_why, set_out
from tests.forger import CLIENT, SECRET, answer
from tests.people import BOB


def test_an_honest_token_signs_in_up_to_our_own_factor(trip, forger, sqlite_database):
    answered, browser = trip()
    assert is_in(answered, browser)
    assert answered.location == "/sign-in/sso/factor"
    basic = base64.b64decode(forger.sent["Authorization"].removeprefix("Basic ")).decode()
    assert basic == f"{CLIENT}:{SECRET}"
    assert forger.last["redirect_uri"] == "https://labels.example.org/sign-in/sso/return"
    assert forger.last["code_challenge_method"] == "S256"
    assert len(forger.form["code_verifier"][0]) >= 43
    forger.spoil = lambda claims: claims.update(amr=["pwd", "mfa"])
    answered, browser = trip()
    assert is_in(answered, browser)
    assert answered.location == "/"
    with sqlite_database.read_session() as session:
        assert session.scalars(sa.select(StaffSession.method)).all().count("sso") == 2
        assert session.scalars(sa.select(Trip.state_hash)).all() == []


# -- the way back ---------------------------------------------------------------------------------


def test_a_trip_comes_back_once_where_it_began_and_soon(make_app, forger, time, sqlite_database):
    app = make_app()
    browser, other = Browser(app), Browser(app)
    back = set_out(browser, forger)
    other.get("/sign-in")
    assert come_back(other, back).status_code == 422  # another browser's state
    assert is_in(come_back(browser, back), browser)
    assert come_back(browser, back).status_code == 422  # used
    again = Browser(app)
    back = set_out(again, forger)
    time.turn(minutes=10)
    late = come_back(again, back)
    assert late.status_code == 422
    assert "begun in another browser" in late.text
    with sqlite_database.read_session() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(StaffSession)) == 1


def test_control_without_the_holder_another_browsers_state_is_taken(make_app, forger, monkeypatch):
    monkeypatch.setattr("console.door._holder", lambda: "anybody")
    app = make_app()
    browser, other = Browser(app), Browser(app)
    back = set_out(browser, forger)
    assert is_in(come_back(other, back), other)


@pytest.mark.parametrize("told", [{}, {"authorization_response_iss_parameter_supported": True}])
def test_an_answer_of_another_issuer_is_refused(trip, forger, sqlite_database, told):
    forger.metadata = told
    mixed = trip(spoil_return=lambda back: back | {"iss": "https://evil.example"})[0]
    assert mixed.status_code == 422
    assert last_why(sqlite_database) == "iss"
    silent = trip(spoil_return=lambda back: {k: v for k, v in back.items() if k != "iss"})
    assert is_in(*silent) is not bool(told)
    assert forger.asked.count("/token") == int(not told)


def test_what_the_provider_says_of_an_error_is_not_shown(make_app, forger):
    browser = Browser(make_app())
    back = set_out(browser, forger)
    told = {"state": back["state"], "error": "access_denied&lt;b&gt;told"}
    answered = come_back(browser, told)
    assert answered.status_code == 422
    assert "told" not in answered.text
    assert "You did not sign in at that service" in answered.text


def test_the_way_back_needs_a_form_of_ours(make_app, forger):
    browser = Browser(make_app())
    back = set_out(browser, forger)
    assert browser.raw("/sign-in/sso/finish", method="POST", data=back).status_code == 403
    strange = browser.post("/sign-in/sso/finish", back, Origin=forger.issuer)
    assert strange.status_code == 403
    assert browser.get("/sign-in/sso/return").status_code == 404


def test_where_one_goes_afterwards_is_a_page_of_ours(make_app, forger):
    forger.spoil = lambda claims: claims.update(amr=["mfa"])
    for asked, reached in (
        ("to=cases.show&case_id=7", "/cases/7"),
        ("to=https://evil.example", "/"),
        ("to=//evil.example", "/"),
    ):
        browser = Browser(make_app())
        browser.get(f"/sign-in?{asked}")
        answered = browser.post(f"/sign-in/sso?{asked}")
        back = forger.visit(html.unescape(ONWARD.search(answered.text)[1]))
        assert come_back(browser, back).location == reached


# -- a provider in trouble ------------------------------------------------------------------------


def _hang(handler):
    clocks.sleep(3)


def _drip(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(30):
        try:
            handler.wfile.write(b" ")
            handler.wfile.flush()
        except OSError:
            return
        clocks.sleep(0.1)


TROUBLE = {
    "hangs": _hang,
    "drips": _drip,
    "says too much": lambda one: answer(one, 200, b'{"a":"' + b"x" * fetching.MOST + b'"}'),
    "fails": lambda one: answer(one, 500, {}),
    "leads elsewhere": lambda one: answer(one, 302, {}, Location="http://127.0.0.1:9/"),
    "says nothing": lambda one: answer(one, 200, b""),
    "nests": lambda one: answer(one, 200, b"[" * 100_000),
    "is another": lambda one: answer(one, 200, {"issuer": "https://evil.example"}),
}


@pytest.mark.parametrize("how", TROUBLE)
def test_a_provider_in_trouble_is_said_to_be(make_app, forger, monkeypatch, how):
    monkeypatch.setattr(fetching, "DEADLINE", 0.5)
    forger.answers["/.well-known/openid-configuration"] = TROUBLE[how]
    browser = Browser(make_app())
    browser.get("/sign-in")
    began = clocks.monotonic()
    answered = browser.post("/sign-in/sso")
    assert answered.status_code == 503
    assert "Single sign-on does not answer" in answered.text
    assert clocks.monotonic() - began < 3
    assert browser.get("/sign-in").status_code == 200


@pytest.mark.parametrize("endpoint", ["token_endpoint", "jwks_uri", "authorization_endpoint"])
@pytest.mark.parametrize(
    "url", ["http://idp.example/x", "file:///etc/passwd", "https://user@idp.example/", ""]
)
def test_it_is_not_believed_where_it_names_an_address_in_the_open(make_app, forger, endpoint, url):
    forger.metadata = {endpoint: url}
    browser = Browser(make_app())
    browser.get("/sign-in")
    assert browser.post("/sign-in/sso").status_code == 503


def test_at_most_two_wait_for_it_in_a_process(make_app, forger, monkeypatch):
    browser = Browser(make_app())
    browser.get("/sign-in")
    for _ in range(2):
        assert fetching._AT_ONCE.acquire(blocking=False)
    try:
        assert browser.post("/sign-in/sso").status_code == 503
    finally:
        for _ in range(2):
            fetching._AT_ONCE.release()
    browser.get("/sign-in")
    assert browser.post("/sign-in/sso").status_code == 200


# -- groups, kept apart or not --------------------------------------------------------------------


def test_groups_that_are_kept_apart_are_asked_for_and_only_of_this_subject(trip, forger):
    forger.spoil = changed(groups=None)
    assert is_in(*trip())
    assert "/userinfo" in forger.asked
    forger.answers["/userinfo"] = lambda one: answer(
        one, 200, {"sub": "another", "groups": ["desk"]}
    )
    assert trip()[0].status_code == 422


@pytest.mark.parametrize("groups", [[], ["choir"], "choir", {"desk": 1}, [["desk"]], 7, None])
def test_who_is_in_no_group_of_the_desks_is_not_let_in(trip, forger, sqlite_database, groups):
    forger.groups = groups
    answered, _ = trip()
    assert answered.status_code == 422
    assert last_why(sqlite_database) == "groups"
    assert "account opens nothing at this desk." in answered.text


def test_all_who_are_not_let_in_are_told_the_same(trip, forger, sqlite_database):
    texts = set()
    for change in ("stranger", "groups", "disabled"):
        forger.subject = "stranger" if change == "stranger" else "somebody"
        forger.groups = ["choir"] if change == "groups" else ["desk"]
        if change == "disabled":
            with sqlite_database.transaction() as session:
                session.execute(sa.update(Staff).values(state="disabled"))
        answered, _ = trip()
        said = re.sub(r'nonce="[^"]+"', "", answered.text)  # another one each time
        texts.add((answered.status_code, said))
    assert len(texts) == 1


def test_coming_back_is_limited_for_a_household_and_not_for_another(make_app, forger):
    app = make_app()
    browser = Browser(app)
    browser.get("/sign-in")
    tried = {"state": "x" * 43, "code": "c"}
    statuses = []
    for _ in range(61):
        browser.get("/sign-in")
        statuses.append(browser.post("/sign-in/sso/finish", tried).status_code)
    assert statuses == [422] * 60 + [429]
    other = Browser(app, "198.51.100.7")
    assert is_in(come_back(other, set_out(other, forger)), other)


# -- the provider's own sign-out ------------------------------------------------------------------


def _logout(forger, **changes):
    now = int(clocks.time())
    claims = {
        "iss": forger.issuer, "aud": CLIENT, "iat": now, "exp": now + 120, "jti": "1",
        "sub": "somebody", "events": {tokens.LOGOUT_EVENT: {}},
    } | changes  # fmt: skip
    claims = {name: value for name, value in claims.items() if value is not None}
    header = {"alg": "RS256", "kid": "first", "typ": "logout+jwt"}
    return jwt.encode(header, claims, forger.key)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"}, {"aud": "another"}, {"iat": 1}, {"exp": 1},
        {"events": {}}, {"events": None}, {"nonce": "n"}, {"sub": None}, {"jti": None},
    ],
)  # fmt: skip
def test_a_wrong_word_of_signing_out_ends_nothing(trip, forger, sqlite_database, changes):
    _, browser = trip()
    path = "/sign-in/sso/back-channel-logout"

    def send(token):
        return browser.raw(path, method="POST", data={"logout_token": token}).status_code

    assert send(_logout(forger, **changes)) == 400
    assert send("nonsense") == 400
    assert send(forger.token()) == 400  # an ID token is none
    with sqlite_database.read_session() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(StaffSession)) == 1
    assert send(_logout(forger)) == 200
    with sqlite_database.read_session() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(StaffSession)) == 0


# -- without it -----------------------------------------------------------------------------------


def test_where_none_is_set_there_is_none(app, browser, signed_in):
    assert "single sign-on" not in browser.get("/sign-in").text.lower()
    assert browser.post("/sign-in/sso").status_code == 404
    assert browser.get("/sign-in/sso/return?state=x&code=y").status_code == 404
    inside = signed_in(BOB)
    inside.get("/profile/security")
    assert inside.post("/profile/security/sso").status_code == 404
    assert not [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("sso.")]


def test_where_none_is_set_nothing_of_it_is_loaded():
    code = "import wsgi, sys; sys.exit(any(n.split('.')[0] in ('authlib', 'joserfc') for n in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=120).returncode == 0
