"""Mail to the desk, by a real SMTP server."""

import email
import email.policy
from datetime import timedelta

import pytest
import sqlalchemy as sa

from shudi.cases.actions import notices
from shudi.outbox import rules
from shudi.outbox.rules import Channel, Topic
from shudi.outbox.store import MessageState
from shudi.worker import Worker
from tests.actions.outbound import outcomes, put, rows, send
from tests.conftest import NOW
from tests.receivers import MailServer, certificate

MAIL = {
    "smtp_host": "localhost",
    "smtp_from": "shudi@desk.example",
    "smtp_to": ("desk@desk.example",),
}


def read(message: bytes):
    return email.message_from_bytes(message, policy=email.policy.default)


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_the_desk_gets_mail_over_starttls(make_desk, tmp_path, monkeypatch, language):
    pem = certificate(tmp_path / "mail.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    server = MailServer(certificate=pem, login="\0shudi\0pass word")
    desk = make_desk(
        **MAIL,
        smtp_port=server.port,
        smtp_user="shudi",
        smtp_password="pass word",
        smtp_language=language,
    )
    put(desk, Topic.CONTEST_RECEIVED, account="ann-the-secret", case=12)
    send(desk)
    server.close()
    [raw], [secured] = server.messages, server.secured
    assert secured
    raw.decode("ascii")
    message = read(raw)
    [row] = [one for one in rows(desk) if one.channel is Channel.MAIL]
    assert message["Message-ID"] == f"<{row.uid}@desk.example>"
    assert message["To"] == "desk@desk.example"
    assert message.get_content_type() == "multipart/alternative"
    plain, rich = (part.get_content() for part in message.iter_parts())
    assert "Forum" in message["Subject"]
    assert ("异议" if language == "zh-Hans" else "objects") in message["Subject"]
    for text in (plain, rich):
        assert "http://localhost:8000/cases/12" in text
        assert "ann-the-secret" not in text
    assert row.state is MessageState.SENT


def test_mail_that_fails_is_tried_again_until_it_is_taken(make_desk):
    server = MailServer(behaviour=lambda number: (451, 0, 554, 250)[min(number, 4) - 1])
    desk = make_desk(**MAIL, smtp_port=server.port, smtp_tls="none")
    put(desk, Topic.BRAKE_TRIPPED, case=3)
    working = Worker(desk.settings, desk.database, desk.vocabulary)
    at = desk.now
    for wait in (timedelta(), *rules.RETRIES[:4]):
        at += wait * (1 + rules.JITTER) + timedelta(seconds=2)
        send(desk, at, working)
    server.close()
    assert outcomes(desk) == ["status-4xx", "unreachable", "status-5xx", ""]
    assert len(server.messages) == 1


def test_a_wrong_password_and_a_server_without_tls_are_said_in_a_word(
    make_desk, tmp_path, monkeypatch
):
    pem = certificate(tmp_path / "mail.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    strict, plain = MailServer(certificate=pem, login="\0shudi\0right"), MailServer()
    for server, word in ((strict, "login-refused"), (plain, "not-supported")):
        desk = make_desk(**MAIL, smtp_port=server.port, smtp_user="shudi", smtp_password="wrong")
        put(desk, Topic.BRAKE_TRIPPED, case=3)
        send(desk)
        server.close()
        assert outcomes(desk)[-1] == word
        assert server.messages == []


def test_no_word_becomes_a_header(make_desk):
    server = MailServer()
    desk = make_desk(**MAIL, smtp_port=server.port, smtp_tls="none")
    with desk.database.transaction() as session:
        session.execute(
            sa.text("UPDATE sites SET name = :name"),
            {"name": "Forum\r\nBcc: all@x.example\r\n\r\nx"},
        )
    put(desk, Topic.BRAKE_TRIPPED, case=3)
    send(desk)
    server.close()
    [raw] = server.messages
    message = read(raw)
    assert message["Bcc"] is None
    assert set(message.keys()) == {
        "Subject", "From", "To", "Date", "Message-ID", "Content-Language", "Auto-Submitted",
        "MIME-Version", "Content-Type",
    }  # fmt: skip


def test_the_digest_comes_once_a_week_and_counts_what_ends(desk):
    monday = NOW.replace(hour=5) + timedelta(days=2)  # NOW is a Saturday
    desk.see(("ann", "CN-GD"), ("bert", "US"))
    for name in ("ann", "bert"):
        desk.correct(name, "withhold", expires_at=monday + timedelta(days=3))
    desk.act(notices.digest, now=NOW + timedelta(hours=20))
    assert desk.act(notices.digest, now=monday) == 0
    after = [one for one in rows(desk) if one.topic == "digest.expiring"]
    assert [one.payload for one in after] == [{"count": 2}]
    assert desk.act(notices.digest, now=monday + timedelta(hours=1)) == 1
    assert desk.act(notices.digest, now=monday + timedelta(days=1)) == 0
