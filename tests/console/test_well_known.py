"""security.txt (RFC 9116)."""

from datetime import timedelta

import pytest

from console import create_app
from shudi.settings import SettingsError, load
from tests.console.browser import BASE, Browser


@pytest.fixture
def browser(sqlite_database, make_settings, vocabulary, time):
    settings = make_settings(
        base_url=BASE,
        security_contact="mailto:security@example.org",
        security_expires=time.now + timedelta(days=30),
    )
    return Browser(create_app(settings, database=sqlite_database, vocabulary=vocabulary))


def test_it_says_whom_to_tell_until_it_expires(browser, time):
    answer = browser.get("/.well-known/security.txt")
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert browser.page.splitlines() == [
        "Contact: mailto:security@example.org",
        f"Expires: {time.now + timedelta(days=30):%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en, zh",
        f"Canonical: {BASE}/.well-known/security.txt",
    ]
    time.turn(days=30)
    assert browser.get("/.well-known/security.txt").status_code == 404


def test_without_a_contact_there_is_none(app):
    assert Browser(app).get("/.well-known/security.txt").status_code == 404


@pytest.mark.parametrize(
    ("contact", "expires"),
    [
        ("security@example.org", "2027-01-01"),
        ("http://example.org/report", "2027-01-01"),
        ("mailto:a@example.org", None),
        ("mailto:a@example.org", "soon"),
        ("mailto:a@example.org", "2027-01-01T00:00"),
        ("", "2027-01-01"),
    ],
)
def test_half_a_promise_is_refused_at_start(tmp_path, contact, expires):
    environ = {"SHUDI_VAR": str(tmp_path), "SHUDI_SECURITY_CONTACT": contact}
    if expires is not None:
        environ["SHUDI_SECURITY_EXPIRES"] = expires
    with pytest.raises(SettingsError):
        load(environ)
