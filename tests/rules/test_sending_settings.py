"""What is asked of the settings of webhooks and mail before anything starts."""

import base64

import pytest

from shudi.settings import SettingsError, load

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
MAIL = {"SMTP_HOST": "mail.example", "SMTP_FROM": "shudi@desk.example", "SMTP_TO": "a@x.example"}


def loaded(tmp_path, **given):
    return load(
        {"SHUDI_VAR": str(tmp_path), **{f"SHUDI_{name}": text for name, text in given.items()}}
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://platform.example/hook?a=b",
        "http://127.0.0.1:9000/",
        "http://localhost",
        "http://[::1]:8/x",
    ],
)
def test_a_receiver_needs_https_or_this_machine_and_a_secret(tmp_path, url):
    assert loaded(tmp_path, WEBHOOK_URL=url, WEBHOOK_SECRET=SECRET).webhook_url == url
    for secret in ("", "whsec_c2hvcnQ=", "whsec_" + "?" * 44):
        with pytest.raises(SettingsError, match="SHUDI_WEBHOOK_SECRET"):
            loaded(tmp_path, WEBHOOK_URL=url, WEBHOOK_SECRET=secret)


@pytest.mark.parametrize(
    "url",
    [
        "http://platform.example/",
        "http://localhost.example/",
        "https://me:pw@platform.example/",
        "ftp://x",
        "x",
    ],
)
def test_other_receivers_are_refused(tmp_path, url):
    with pytest.raises(SettingsError, match="SHUDI_WEBHOOK_URL"):
        loaded(tmp_path, WEBHOOK_URL=url, WEBHOOK_SECRET=SECRET)


def test_mail_is_off_until_a_host_is_named_and_then_whole(tmp_path):
    assert loaded(tmp_path).smtp_host == ""
    (tmp_path / "password").write_text("pass word\n")
    settings = loaded(
        tmp_path, **MAIL, SMTP_PORT="25", SMTP_PASSWORD_FILE=str(tmp_path / "password")
    )
    assert (settings.smtp_port, settings.smtp_tls, settings.smtp_to) == (
        25,
        "starttls",
        ("a@x.example",),
    )
    assert settings.smtp_password == "pass word"
    assert "pass word" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SMTP_FROM", ""), ("SMTP_FROM", "desk"), ("SMTP_FROM", "a@b.example\nBcc: c@d.example"),
        ("SMTP_TO", ""), ("SMTP_TO", "a@b.example, nobody"), ("SMTP_TLS", "maybe"),
        ("SMTP_PORT", "smtp"), ("SMTP_LANGUAGE", "fr"), ("WEBHOOK_PRIVATE", "perhaps"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path, name, value):
    with pytest.raises(SettingsError, match=f"SHUDI_{name}"):
        loaded(tmp_path, **MAIL | {name: value})


def test_a_password_is_not_sent_in_the_clear_but_to_this_machine(tmp_path):
    clear = MAIL | {"SMTP_TLS": "none", "SMTP_PASSWORD": "x"}
    with pytest.raises(SettingsError, match="SHUDI_SMTP_TLS"):
        loaded(tmp_path, **clear)
    assert loaded(tmp_path, **clear | {"SMTP_HOST": "localhost"}).smtp_tls == "none"
