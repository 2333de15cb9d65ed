"""Settings: typed, checked at start, and secrets that two processes agree on."""

import ipaddress
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shudi.settings import Settings, SettingsError, load
from tests.reliability import work
from tests.reliability.harness import at_once


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"SHUDI_VAR": str(tmp_path / "var")}


def test_nothing_set_gives_a_working_default(environ):
    settings = load(environ)
    var = Path(environ["SHUDI_VAR"])
    assert settings.database_url == f"sqlite:///{var / 'shudi.db'}"
    assert len(settings.secret_key) == 64
    assert stat.S_IMODE(var.stat().st_mode) == 0o700
    assert stat.S_IMODE((var / "secret-key").stat().st_mode) == 0o600
    assert load(environ) == settings  # the secret stays


def test_values_are_typed(environ):
    settings = load(
        environ
        | {
            "SHUDI_TRUSTED_PROXIES": "10.0.0.0/8, 2001:db8::/32",
            "SHUDI_SECRET_KEY": "k",
            "SHUDI_SECRET_KEY_FALLBACKS": "one two",
            "SHUDI_BRAKE_SHARE": "0.1",
            "SHUDI_LEASE_MINUTES": "20",
            "SHUDI_NAMES_OVERRIDE": "/etc/names.csv",
        }
    )
    assert settings.trusted_proxies == (
        ipaddress.ip_network("10.0.0.0/8"),
        ipaddress.ip_network("2001:db8::/32"),
    )
    assert settings.secret_key_fallbacks == ("one", "two")
    assert (settings.brake_share, settings.lease_minutes) == (0.1, 20)
    assert settings.names_override == Path("/etc/names.csv")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LEASE_MINUTES", "fifteen"),
        ("LEASE_MINUTES", "0"),
        ("LEASE_MINUTES", ""),
        ("RETENTION_DAYS", "-1"),
        ("CORRECTION_DAYS", "0"),
        ("CORRECTION_DAYS", "731"),
        ("SESSION_HOURS", "0"),
        ("BRAKE_SHARE", "0"),
        ("BRAKE_SHARE", "1.5"),
        ("BRAKE_SHARE", "nan"),
        ("BRAKE_SHARE", "much"),
        ("GRANULARITY", "city"),
        ("BASE_URL", "labels.example.org"),
        ("BASE_URL", "ftp://labels.example.org"),
        ("BASE_URL", "https://labels.example.org/path"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("TRUSTED_PROXIES", "proxy.example"),
        ("GEO_QUORUM", "1.5"),
    ],
)
def test_a_wrong_value_names_its_setting_and_is_not_echoed(environ, name, value):
    with pytest.raises(SettingsError, match=f"SHUDI_{name}") as caught:
        load(environ | {f"SHUDI_{name}": value})
    if len(value) > 3 and value != "labels.example.org":  # the example that the message gives
        assert value not in str(caught.value)


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_any_text_for_a_number_is_a_number_or_a_settings_error(tmp_path_factory, text):
    var = tmp_path_factory.getbasetemp() / "settings"
    try:
        settings = load({"SHUDI_VAR": str(var), "SHUDI_LEASE_MINUTES": text})
    except SettingsError:
        return
    assert settings.lease_minutes == int(text) >= 1


def test_a_secret_may_come_from_a_file(environ, tmp_path):
    path = tmp_path / "key"
    path.write_text("from-a-file\n")
    assert load(environ | {"SHUDI_SECRET_KEY_FILE": str(path)}).secret_key == "from-a-file"
    both = {"SHUDI_SECRET_KEY": "direct", "SHUDI_SECRET_KEY_FILE": str(path)}
    assert load(environ | both).secret_key == "direct"


def test_a_file_that_cannot_be_read_is_said(environ, tmp_path):
    with pytest.raises(SettingsError, match="SHUDI_SECRET_KEY_FILE"):
        load(environ | {"SHUDI_SECRET_KEY_FILE": str(tmp_path / "none")})


def test_no_secret_shows_in_the_settings_own_words():
    shown = repr(
        Settings(
            secret_key="canary-one",
            secret_key_fallbacks=("canary-two",),
            webhook_secret="canary-three",
            database_url="postgresql://app:canary-four@db/shudi",
            migrate_database_url="postgresql://owner:canary-five@db/shudi",
        )
    )
    assert "canary" not in shown


def test_processes_that_start_together_agree_on_a_secret(tmp_path):
    paths = [tmp_path / f"key-{at}" for at in range(20)]
    found = at_once(work.secrets_kept, [(paths, which) for which in range(4)])
    for path, texts in zip(paths, zip(*found, strict=True), strict=True):
        assert set(texts) == {path.read_text()}
        assert len(texts[0]) == 1100
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []
