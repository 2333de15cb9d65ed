"""Typed settings, read once from the environment (`SHUDI_…`) and checked at start."""

import base64
import dataclasses
import ipaddress
import os
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from shudi.settings import single_sign_on

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class SettingsError(ValueError):
    """A setting is missing, unknown or of the wrong form; the message names it and the fix."""


# A correction says something about a person's whereabouts: after two years at the latest somebody
# looks at it again. A longer one would be an edit of a fact.
CORRECTION_DAYS_MOST = 730
# What days and places an account was seen on is a trace of a person: it is promised to go.
RETENTION_DAYS_MOST = 90


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything a deployment may choose. Field `x` is environment variable `SHUDI_X`."""

    var: Path = Path("var")
    database_url: str = dataclasses.field(default="", repr=False)
    migrate_database_url: str = dataclasses.field(default="", repr=False)
    secret_key: str = dataclasses.field(default="", repr=False)
    secret_key_fallbacks: tuple[str, ...] = dataclasses.field(default=(), repr=False)
    base_url: str = "http://localhost:8000"
    trusted_proxies: tuple[Network, ...] = ()
    forwarded_header: str = "X-Forwarded-For"  # where proxies say for whom they speak
    trusted_hosts: tuple[str, ...] = ()
    read_only: bool = False  # show everything, take nothing in
    # where to tell of a weakness: security.txt (RFC 9116) says it until it expires
    security_contact: str = ""
    security_expires: datetime | None = None
    # labels
    granularity: Literal["subdivision", "country"] = "subdivision"
    names_override: Path | None = None
    geo_sources: str = "bundled"
    geo_quorum: int = 0  # 0: every source that answers must agree
    geo_max_age_days: int = 180
    stability_days: int = 0  # 0: the latest activity decides at once
    stability_mixed: int = 0
    retention_days: int = 90
    correction_days: int = 90
    attachment_mib: int = 2048  # room for evidence files in all
    # brakes
    brake_share: float = 0.05
    brake_region: int = 500
    brake_minimum: int = 20  # fewer moved accounts than this never trip the share rule
    # decisions
    second_look_share: float = 0.05  # of single-person decisions, decided again without knowing
    batch_second: int = 20  # a batch over more accounts takes a second person
    batch_most: int = 1000  # accounts in one batch
    # contests
    contest_days: int = 0  # after the label changed last; 0 is no end
    contest_marks: Literal["always", "corrected_or_old", "never"] = "always"
    # people
    lease_minutes: int = 15
    session_idle_minutes: int = 30
    session_hours: int = 12
    # single sign-on by OpenID Connect; none without an issuer
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = dataclasses.field(default="", repr=False)
    oidc_name: str = ""  # as the button calls the provider
    oidc_scopes: tuple[str, ...] = ("openid", "profile")
    oidc_groups_claim: str = "groups"
    oidc_roles: tuple[tuple[str, str], ...] = ()  # (group, role)
    oidc_factors: tuple[str, ...] = ()  # values of acr or amr that say: by two factors
    oidc_create: bool = False  # whether the groups alone let somebody in
    # publication
    publish_seconds: float = 2.0
    # programs
    lookup_limit: int = 600_000  # keyed requests a minute and key
    report_limit: int = 20  # anonymous reports an hour and reporter
    webhook_url: str = ""
    webhook_secret: str = dataclasses.field(default="", repr=False)
    webhook_private: bool = False  # whether receivers may have private addresses
    # mail to the desk's own address; none without a host
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_tls: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""
    smtp_password: str = dataclasses.field(default="", repr=False)
    smtp_from: str = ""
    smtp_to: tuple[str, ...] = ()
    smtp_language: Literal["en", "zh-Hans", "zh-Hant"] = "en"

    def __post_init__(self) -> None:
        if self.granularity not in ("subdivision", "country"):
            raise SettingsError("SHUDI_GRANULARITY must be subdivision or country.")
        if not 0 < self.brake_share <= 1:
            raise SettingsError("SHUDI_BRAKE_SHARE must be above 0 and at most 1.")
        if not 0 <= self.second_look_share <= 1:
            raise SettingsError("SHUDI_SECOND_LOOK_SHARE must be between 0 and 1.")
        if self.contest_days < 0:
            raise SettingsError("SHUDI_CONTEST_DAYS must be 0 (no end) or more.")
        parts = urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path not in ("", "/"):
            raise SettingsError("SHUDI_BASE_URL must be like https://labels.example.org.")
        if not _HEADER.fullmatch(self.forwarded_header):
            raise SettingsError("SHUDI_FORWARDED_HEADER must be a header's name.")
        _check_most(self)
        for name in (
            "retention_days",
            "correction_days",
            "attachment_mib",
            "batch_second",
            "batch_most",
            "lease_minutes",
            "session_hours",
        ):
            if getattr(self, name) < 1:
                raise SettingsError(f"SHUDI_{name.upper()} must be at least 1.")
        _check_others(self)

    def hosts(self) -> list[str]:
        """The names under which both doors answer: another Host is refused."""
        own = urlsplit(self.base_url).hostname or ""
        return [own, "localhost", "127.0.0.1", *self.trusted_hosts]


def _check_others(settings: Settings) -> None:
    """What we are told of others: who writes to us, whom we write to, who signs people in."""
    _check_security(settings.security_contact, settings.security_expires)
    _check_webhook(settings.webhook_url, settings.webhook_secret)
    if settings.smtp_host:
        _check_mail(settings)
    if problem := single_sign_on.problem(settings):
        raise SettingsError(problem)


def _check_most(settings: Settings) -> None:
    for name, most in (
        ("correction_days", CORRECTION_DAYS_MOST),
        ("retention_days", RETENTION_DAYS_MOST),
    ):
        if getattr(settings, name) > most:
            raise SettingsError(f"SHUDI_{name.upper()} must be at most {most}.")


_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
# A URL or a mail address as we send to: the gateways ask more closely when they do.
_RECEIVER = re.compile(
    r"https://[^\s@#]+|http://(localhost|127\.[0-9.]+|\[::1\])(:\d+)?(/[^\s@#]*)?"
)
_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")
_CONTACT = re.compile(r"(https://|mailto:|tel:)[^\s]+")
_LEAST_SECRET = 24  # bytes, as Standard Webhooks asks


def _check_webhook(url: str, secret: str) -> None:
    if not url:
        return
    if not _RECEIVER.fullmatch(url):
        raise SettingsError("SHUDI_WEBHOOK_URL must be https (http to this machine only).")
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    if len(key) < _LEAST_SECRET:
        raise SettingsError("SHUDI_WEBHOOK_SECRET must be whsec_ and at least 24 bytes in base64.")


def _check_security(contact: str, expires: datetime | None) -> None:
    if contact and not _CONTACT.fullmatch(contact):
        raise SettingsError("SHUDI_SECURITY_CONTACT must be mailto:…, https://… or tel:….")
    if bool(contact) != (expires is not None):
        raise SettingsError("SHUDI_SECURITY_CONTACT and SHUDI_SECURITY_EXPIRES go together.")


def _check_mail(settings: Settings) -> None:
    if settings.smtp_tls not in ("starttls", "tls", "none"):
        raise SettingsError("SHUDI_SMTP_TLS must be starttls, tls or none.")
    if settings.smtp_language not in ("en", "zh-Hans", "zh-Hant"):
        raise SettingsError("SHUDI_SMTP_LANGUAGE must be en, zh-Hans or zh-Hant.")
    if not _MAILBOX.fullmatch(settings.smtp_from):
        raise SettingsError("SHUDI_SMTP_FROM must be like desk@example.org.")
    if not settings.smtp_to or not all(_MAILBOX.fullmatch(one) for one in settings.smtp_to):
        raise SettingsError("SHUDI_SMTP_TO must be one or more addresses like desk@example.org.")
    here = settings.smtp_host in ("localhost", "127.0.0.1", "::1")
    if settings.smtp_password and settings.smtp_tls == "none" and not here:
        raise SettingsError("SHUDI_SMTP_TLS must not be none where a password is sent.")


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(part) for part in _words(text))


def _words(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.replace(",", " ").split() if part)


def _instant(text: str) -> datetime:
    """An instant with its offset, or the beginning of a UTC day."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None and len(text) > len("2027-01-31"):
        raise ValueError
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _flag(text: str) -> bool:
    if text.lower() not in ("0", "1", "false", "true", "no", "yes"):
        raise ValueError
    return text.lower() in ("1", "true", "yes")


_PARSERS: dict[str, Callable[[str], Any]] = {
    "var": Path,
    "names_override": Path,
    "secret_key_fallbacks": _words,
    "trusted_hosts": _words,
    "trusted_proxies": _networks,
    "brake_share": float,
    "second_look_share": float,
    "publish_seconds": float,
    "smtp_to": _words,
    "oidc_scopes": _words,
    "oidc_roles": single_sign_on.group_roles,
    "oidc_factors": _words,
    "oidc_create": _flag,
    "webhook_private": _flag,
    "read_only": _flag,
    "security_expires": _instant,
}


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from `environ`; secrets may come as `SHUDI_…_FILE`.

    Creates the state folder and a missing secret key (mode 0600).
    Raises SettingsError naming the first setting that is wrong.
    """
    values: dict[str, Any] = {}
    for field in dataclasses.fields(Settings):
        text = _text(environ, f"SHUDI_{field.name.upper()}")
        if text is None:
            continue
        parse = _PARSERS.get(field.name, int if isinstance(field.default, int) else str)
        try:
            values[field.name] = parse(text)
        except ValueError as error:
            kind = type(field.default).__name__
            raise SettingsError(f"SHUDI_{field.name.upper()} is not a valid {kind}.") from error
    var = Path(values.get("var", "var"))
    var.mkdir(mode=0o700, parents=True, exist_ok=True)
    values.setdefault("database_url", f"sqlite:///{var / 'shudi.db'}")
    if not values.get("secret_key"):
        values["secret_key"] = kept_secret(var / "secret-key", lambda: secrets.token_hex(32))
    return Settings(**values)


def _text(environ: Mapping[str, str], name: str) -> str | None:
    if name in environ:
        return environ[name]
    path = environ.get(f"{name}_FILE")
    if path is None:
        return None
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(f"{name}_FILE cannot be read.") from error


def kept_secret(path: Path, make: Callable[[], str]) -> str:
    """The text in `path`, made and stored (mode 0600) if the file is not there.

    Two processes that start together agree: the file appears whole, and once.
    """
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(make())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="utf-8").strip()
