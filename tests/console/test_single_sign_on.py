"""Single sign-on at the door, with a provider that lies in every way we know of.

What an honest one does is tests/e2e/test_single_sign_on.py's.
"""

import base64
import html
import json
import re
import subprocess
import sys
import time as clocks
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from joserfc import jwk, jwt

from console import create_app
from shudi.audit.queries import page as log_page
from shudi.staff.gateway import fetching, tokens
from shudi.staff.store import Staff, StaffSession
from shudi.staff.store.identities import Identity, Trip
from tests.console.browser import Browser
from tests.forger import CLIENT, SECRET, Forger, answer
from tests.people import ALICE, BOB

ONWARD = re.compile(r'http-equiv="refresh" content="0; url=([^"]+)"')


@pytest.fixture
def forger():
    made = Forger()
    yield made
    made.close()


@pytest.fixture
def time(time):
    """The provider's clock is the machine's, so ours is, too."""
    time.now = datetime.now(UTC)
    return time


@pytest.fixture
def make_app(app, sqlite_database, make_settings, vocabulary, forger):
    """An app that believes the forger; Alice is known to it as `somebody`."""
    with sqlite_database.transaction() as session:
        session.add(
            Identity(
                staff_id=ALICE.staff_id,
                issuer=forger.issuer,
                subject="somebody",
                linked_at=datetime.now(UTC),
            )
        )

    def make(**more):
        settings = make_settings(
            base_url="https://labels.example.org",
            **forger.settings(**{"roles": (("desk", "moderator"),), "factors": ("mfa",), **more}),
        )
        built = create_app(settings, database=sqlite_database, vocabulary=vocabulary)
        built.testing = False
        return built

    return make


@pytest.fixture
def trip(make_app, forger):
    """Go out and come back, all in one browser; what the last page said."""

    def go(browser=None, spoil_return=lambda back: back, **more):
        browser = browser or Browser(make_app(**more))
        back = set_out(browser, forger)
        return come_back(browser, spoil_return(back)), browser

    return go


def set_out(browser, forger):
    browser.get("/sign-in")
    answered = browser.post("/sign-in/sso")
    assert answered.status_code == 200, answered.text
    return forger.visit(html.unescape(ONWARD.search(answered.text)[1]))


def come_back(browser, back):
    """Both pages on the way in, as a browser follows them."""
    led = browser.get("/sign-in/sso/return?" + "&".join(f"{k}={v}" for k, v in back.items()),
                      Sec_Fetch_Site="cross-site")  # fmt: skip
    assert "Set-Cookie" not in led.headers  # nothing of ours is touched by another site's coming
    browser.get(html.unescape(ONWARD.search(led.text)[1]))
    return browser.post("/sign-in/sso/finish", dict(back))


def is_in(answered, browser):
    """Whether it opened a session."""
    return answered.status_code == 303 and bool(browser.cookie("__Host-shudi"))


def last_why(database):
    with database.read_session() as session:
        after = log_page(session, action="staff.sign_in_refused", limit=1)[0].after
        return json.loads(after).get("why")


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


# -- tokens ---------------------------------------------------------------------------------------


def _unsigned(claims):
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none'})}.{part(claims)}."


def _by(header, key):
    return lambda claims: jwt.encode(header, claims, key, algorithms=[header["alg"]])


def _with_public_key(forger):
    """HS256 with the public key as its secret: the classic confusion."""
    pem = forger.key.as_pem(private=False)
    return _by({"alg": "HS256", "kid": "first"}, jwk.OctKey.import_key(pem.replace(b"-----", b"=")))


def _changed(**changes):
    def spoil(claims):
        for name, value in changes.items():
            claims.pop(name) if value is None else claims.update({name: value})

    return spoil


def now_and(seconds):
    return int(clocks.time()) + seconds


CLAIMS = {
    "another nonce": (lambda: _changed(nonce="x" * 43), "nonce"),
    "no nonce": (lambda: _changed(nonce=None), "nonce"),
    "another audience": (lambda: _changed(aud="another-client"), "aud"),
    "no audience": (lambda: _changed(aud=None), "aud"),
    "a second audience": (lambda: _changed(aud=[CLIENT, "another"]), "azp"),
    "given to another": (lambda: _changed(azp="another"), "azp"),
    "two audiences, given to another": (
        lambda: _changed(aud=[CLIENT, "another"], azp="another"), "azp",
    ),
    "another issuer": (lambda: _changed(iss="https://evil.example"), "iss"),
    "the issuer with a slash": (lambda: _changed(iss="http://127.0.0.1/"), "iss"),
    "over": (lambda: _changed(exp=now_and(-31)), "exp"),
    "without end": (lambda: _changed(exp=None), "exp"),
    "an end that is a word": (lambda: _changed(exp="never"), "exp"),
    "of tomorrow": (lambda: _changed(iat=now_and(60)), "iat"),
    "of yesterday": (lambda: _changed(iat=now_and(-86400)), "iat"),
    "not yet": (lambda: _changed(nbf=now_and(120)), "nbf"),
    "of nobody": (lambda: _changed(sub=None), "sub"),
    "of an empty name": (lambda: _changed(sub=""), "sub"),
    "of a number": (lambda: _changed(sub=7), "sub"),
    "of a long name": (lambda: _changed(sub="s" * 256), "sub"),
    "another access token": (lambda: _changed(at_hash="AAAA"), "at_hash"),
}  # fmt: skip


@pytest.mark.parametrize("what", CLAIMS)
def test_a_token_that_says_it_is(trip, forger, sqlite_database, what):
    make, why = CLAIMS[what]
    forger.spoil = make()
    answered, browser = trip()
    assert answered.status_code == 422
    assert not browser.cookie("__Host-shudi")
    assert last_why(sqlite_database) == why
    assert "What the service said was not accepted" in answered.text


SIGNERS = {
    "nobody": (lambda forger: _unsigned, "algorithm"),
    "our own secret": (
        lambda forger: _by({"alg": "HS256", "kid": "first"}, jwk.OctKey.import_key(SECRET)),
        "algorithm",
    ),
    "the public key as a secret": (_with_public_key, "algorithm"),
    "another key under its name": (
        lambda forger: _by(
            {"alg": "RS256", "kid": "first"}, jwk.RSAKey.generate_key(2048, {"kid": "first"})
        ),
        "signature",
    ),
    "a key nobody published": (
        lambda forger: _by(
            {"alg": "RS256", "kid": "new"}, jwk.RSAKey.generate_key(2048, {"kid": "new"})
        ),
        "key",
    ),
    "another kind of key": (
        lambda forger: _by(
            {"alg": "ES256", "kid": "first"}, jwk.ECKey.generate_key("P-256", {"kid": "first"})
        ),
        "signature",
    ),
    "nothing": (lambda forger: lambda claims: "", "form"),
    "a word": (lambda forger: lambda claims: "a.b.c", "signature"),
    "too much": (lambda forger: lambda claims: "a" * 20_000 + ".b.c", "form"),
}


@pytest.mark.parametrize("who", SIGNERS)
def test_a_token_that_is_signed_by(trip, forger, sqlite_database, who):
    make, why = SIGNERS[who]
    forger.sign = make(forger)
    answered, browser = trip()
    assert answered.status_code == 422
    assert not browser.cookie("__Host-shudi")
    assert last_why(sqlite_database) == why


@pytest.mark.filterwarnings("ignore:JWS algorithm")  # joserfc warns of what we allow here
@pytest.mark.parametrize("who", ["our own secret", "nobody"])
def test_control_whoever_takes_any_algorithm_is_deceived(trip, forger, monkeypatch, who):
    """With the list of algorithms and the kind of key taken away, the same tokens are believed."""
    forger.sign = SIGNERS[who][0](forger)
    known = jwk.OctKey.import_key(SECRET)
    monkeypatch.setattr(tokens, "ALGORITHMS", ("none", "HS256", "RS256"))
    monkeypatch.setattr(tokens, "_key", lambda header, keys: known)
    answered, browser = trip()
    assert is_in(answered, browser)


@pytest.mark.parametrize("what", ["another audience", "over", "another issuer"])
def test_control_whoever_asks_no_claim_is_deceived(trip, forger, monkeypatch, what):
    forger.spoil = CLAIMS[what][0]()
    monkeypatch.setattr(tokens, "check_id_token", lambda *_, **__: None)
    answered, browser = trip()
    assert is_in(answered, browser)


def test_a_new_key_is_fetched_once(trip, forger, make_app, monkeypatch):
    browser = Browser(make_app())
    assert is_in(*trip(browser))
    new = jwk.RSAKey.generate_key(2048, {"kid": "second", "use": "sig"})
    forger.published = [forger.key, new]
    forger.sign = _by({"alg": "RS256", "kid": "second"}, new)
    assert trip(browser)[0].status_code == 422  # asked a moment ago: not again so soon
    assert forger.asked.count("/keys") == 1
    monkeypatch.setattr("shudi.staff.gateway.provider._ANEW", 0)
    assert is_in(*trip(browser))
    assert forger.asked.count("/keys") == 2


def test_a_token_without_a_name_of_its_key_is_taken_where_there_is_one_key(trip, forger):
    forger.sign = _by({"alg": "RS256"}, forger.key)
    assert is_in(*trip())
    forger.published = [forger.key, jwk.RSAKey.generate_key(2048, {"kid": "other"})]
    assert trip()[0].status_code == 422


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
    assert "You did not sign in there" in answered.text


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
    forger.spoil = _changed(groups=None)
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
    assert "Your account there opens nothing at this desk." in answered.text


def test_all_who_are_not_let_in_are_told_the_same(trip, forger, sqlite_database):
    texts = set()
    for change in ("stranger", "groups", "disabled"):
        forger.subject = "stranger" if change == "stranger" else "somebody"
        forger.groups = ["choir"] if change == "groups" else ["desk"]
        if change == "disabled":
            with sqlite_database.transaction() as session:
                session.execute(sa.update(Staff).values(state="disabled"))
        answered, _ = trip()
        texts.add((answered.status_code, answered.text))
    assert len(texts) == 1


def test_attempts_are_limited(make_app, forger):
    app = make_app()
    forger.groups = ["choir"]
    statuses = []
    for _ in range(11):
        browser = Browser(app)
        statuses.append(come_back(browser, set_out(browser, forger)).status_code)
    assert statuses == [422] * 10 + [429]


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
