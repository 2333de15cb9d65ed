"""Sending mail to the desk's own address."""

import dataclasses
import html
import smtplib
import socket
import ssl
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final, Literal

from shudi.outbox.gateway import cut_off
from shudi.outbox.rules import Wording

TIMEOUT: Final = 10.0  # seconds to connect, and for each answer
DEADLINE: Final = 30.0  # seconds for all of it
# From the narrower kind to the wider.
_WORDS: Final[dict[type[Exception], str]] = {
    smtplib.SMTPRecipientsRefused: "recipient-refused",
    smtplib.SMTPNotSupportedError: "not-supported",
    socket.gaierror: "name-unknown",
    ssl.SSLError: "tls",
    TimeoutError: "timeout",
}
Security = Literal["starttls", "tls", "none"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A mail server, and between whom it carries."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = dataclasses.field(default="", repr=False)
    sender: str
    recipients: tuple[str, ...]


def compose(server: Server, *, uid: str, words: Wording, language: str, now: datetime) -> bytes:
    """The message as it travels: plain text and HTML, UTF-8, one id for all its attempts.

    The policy refuses a line break in a header (ValueError), whoever put it there.
    """
    message = EmailMessage(policy=SMTP)
    message["Subject"] = words.title
    message["From"] = Address(addr_spec=server.sender)
    message["To"] = [Address(addr_spec=one) for one in server.recipients]
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{uid}@{server.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(words.text + "\n", cte="quoted-printable")
    message.add_alternative(_html(words, language), subtype="html", cte="quoted-printable")
    message["Content-Language"] = language  # making the parts clears headers of this family
    return message.as_bytes()


def _html(words: Wording, language: str) -> str:
    parts = "".join(f"<p>{_linked(part)}</p>\n" for part in words.text.split("\n\n"))
    title = html.escape(words.title)
    return (
        f'<!doctype html>\n<html lang="{html.escape(language)}">\n<meta charset="utf-8">\n'
        f"<title>{title}</title>\n{parts}</html>\n"
    )


def _linked(part: str) -> str:
    """The paragraph escaped; one that is an address and nothing else is a link."""
    text = html.escape(part)
    if part.startswith(("https://", "http://")) and len(part.split()) == 1:
        return f'<a href="{text}">{text}</a>'
    return text.replace("\n", "<br>\n")


def send(server: Server, message: bytes) -> str:
    """Hand it over; returns an empty string, or a word for what went wrong. What the server said
    is not kept: it may repeat addresses.
    """
    try:
        _send(server, message)
    except smtplib.SMTPResponseException as error:
        refused = isinstance(error, smtplib.SMTPAuthenticationError)
        return "login-refused" if refused else f"status-{error.smtp_code // 100}xx"
    except (smtplib.SMTPException, OSError) as error:
        return next(
            (word for kind, word in _WORDS.items() if isinstance(error, kind)), "unreachable"
        )
    return ""


def _send(server: Server, message: bytes) -> None:
    context = ssl.create_default_context()
    client = (
        smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=context)
        if server.security == "tls"
        else smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
    )
    try:
        # STARTTLS puts another socket in the first one's place
        with cut_off(lambda: client.sock, DEADLINE) as late:
            try:
                _speak(client, server, context, message)
            except (smtplib.SMTPException, OSError):
                if late.is_set():
                    raise TimeoutError from None
                raise
    finally:
        client.close()


def _speak(client: smtplib.SMTP, server: Server, context: ssl.SSLContext, message: bytes) -> None:
    if server.security == "starttls":
        client.starttls(context=context)
    if server.user:
        client.login(server.user, server.password)
    client.sendmail(server.sender, list(server.recipients), message)
    # it is sent; a server that is rude at the end changes nothing of that
    try:
        client.quit()
    except (smtplib.SMTPException, OSError):
        return
