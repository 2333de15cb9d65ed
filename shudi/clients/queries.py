"""Reading keys."""

import dataclasses
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.clients import rules
from shudi.clients.rules import Client
from shudi.clients.store import ApiKey, ApiKeyDay
from shudi.sites.store import Site


@dataclasses.dataclass(frozen=True, slots=True)
class KeyRow:
    """A key as people see it: never the key, nor its hash. `used_at` is an hour."""

    id: int
    name: str
    hint: str
    scopes: list[str]
    site: str | None
    created_at: datetime
    revoked_at: datetime | None
    expires_at: datetime | None
    before_until: datetime | None
    minute_limit: int | None
    used_at: datetime | None

    def state(self, now: datetime) -> Literal["live", "ending", "expired", "revoked"]:
        """`ending`: in force, and over within a fortnight."""
        if self.revoked_at is not None:
            return "revoked"
        if self.expires_at is None or self.expires_at - now > _SOON:
            return "live"
        return "ending" if self.expires_at > now else "expired"


_SOON = timedelta(days=14)
_ROW = (
    ApiKey.id,
    ApiKey.name,
    ApiKey.hint,
    ApiKey.scopes,
    Site.key,
    ApiKey.created_at,
    ApiKey.revoked_at,
    ApiKey.expires_at,
    ApiKey.before_until,
    ApiKey.minute_limit,
    ApiKey.used_at,
)
_ROWS = sa.select(*_ROW).outerjoin(Site, Site.id == ApiKey.site_id)


def authenticate(session: Session, header: str | None, *, now: datetime) -> Client | None:
    """The program behind an Authorization header, or None for no live key of ours.

    Reads the store every time, so that revoking works at once.
    """
    key = rules.bearer(header)
    if key is None:
        return None
    digest = rules.key_hash(key)
    row = session.execute(
        sa.select(
            ApiKey.id,
            ApiKey.name,
            ApiKey.scopes,
            ApiKey.site_id,
            ApiKey.minute_limit,
            ApiKey.expires_at,
            sa.case((ApiKey.key_hash != digest, ApiKey.before_until)).label("before_until"),
        ).where(
            sa.or_(ApiKey.key_hash == digest, ApiKey.hash_before == digest),
            ApiKey.revoked_at.is_(None),
        )
    ).first()
    if row is None:
        return None
    until = rules.ends(row.expires_at, row.before_until)
    client = Client(row.id, row.name, frozenset(row.scopes), row.site_id, row.minute_limit, until)
    return client if client.live(now) else None


def list_keys(session: Session) -> list[KeyRow]:
    """Every key ever made, oldest first."""
    return [KeyRow(*row) for row in session.execute(_ROWS.order_by(ApiKey.id))]


def key_by_id(session: Session, key_id: int) -> KeyRow | None:
    """One key."""
    row = session.execute(_ROWS.where(ApiKey.id == key_id)).first()
    return KeyRow(*row) if row else None


def requests_by_day(session: Session, *, key_id: int, days: Sequence[date]) -> list[int]:
    """How many requests the key brought on each of `days`."""
    query = sa.select(ApiKeyDay.day, ApiKeyDay.requests).where(
        ApiKeyDay.key_id == key_id, ApiKeyDay.day >= min(days)
    )
    found = {row.day: row.requests for row in session.execute(query)}
    return [found.get(day, 0) for day in days]
