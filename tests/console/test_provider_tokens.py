"""Tokens that are not what they must be, and each protection taken away once."""

import base64
import json
import time as clocks

import pytest
from joserfc import jwk, jwt

from shudi.staff.gateway import tokens
from tests.console.browser import Browser
from tests.console.trips import changed, is_in, last_why
from tests.forger import CLIENT, SECRET


def _by(header, key):
    return lambda claims: jwt.encode(header, claims, key, algorithms=[header["alg"]])


def _unsigned(claims):
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none'})}.{part(claims)}."


def _with_public_key(forger):
    """HS256 with the public key as its secret: the classic confusion."""
    pem = forger.key.as_pem(private=False)
    return _by({"alg": "HS256", "kid": "first"}, jwk.OctKey.import_key(pem.replace(b"-----", b"=")))


def now_and(seconds):
    return int(clocks.time()) + seconds


CLAIMS = {
    "another nonce": (lambda: changed(nonce="x" * 43), "nonce"),
    "no nonce": (lambda: changed(nonce=None), "nonce"),
    "another audience": (lambda: changed(aud="another-client"), "aud"),
    "no audience": (lambda: changed(aud=None), "aud"),
    "a second audience": (lambda: changed(aud=[CLIENT, "another"]), "azp"),
    "given to another": (lambda: changed(azp="another"), "azp"),
    "two audiences, given to another": (
        lambda: changed(aud=[CLIENT, "another"], azp="another"), "azp",
    ),
    "another issuer": (lambda: changed(iss="https://evil.example"), "iss"),
    "the issuer with a slash": (lambda: changed(iss="http://127.0.0.1/"), "iss"),
    "over": (lambda: changed(exp=now_and(-31)), "exp"),
    "without end": (lambda: changed(exp=None), "exp"),
    "an end that is a word": (lambda: changed(exp="never"), "exp"),
    "of tomorrow": (lambda: changed(iat=now_and(60)), "iat"),
    "of yesterday": (lambda: changed(iat=now_and(-86400)), "iat"),
    "not yet": (lambda: changed(nbf=now_and(120)), "nbf"),
    "of nobody": (lambda: changed(sub=None), "sub"),
    "of an empty name": (lambda: changed(sub=""), "sub"),
    "of a number": (lambda: changed(sub=7), "sub"),
    "of a long name": (lambda: changed(sub="s" * 256), "sub"),
    "another access token": (lambda: changed(at_hash="AAAA"), "at_hash"),
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
