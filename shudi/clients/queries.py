"""Reading keys."""

import dataclasses
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.clients import rules
from shudi.clients.rules import Client
from shudi.clients.store import ApiKey
from shudi.sites.store import Site


@dataclasses.dataclass(frozen=True, slots=True)
class KeyRow:
    """A key as people see it: never the key, nor its hash."""

    id: int
    name: str
    hint: str
    scopes: list[str]
    site: str | None
    created_at: datetime
    revoked_at: datetime | None


def authenticate(session: Session, header: str | None) -> Client | None:
    """The program behind an Authorization header, or None for no live key of ours.

    Reads the store every time, so that revoking works at once.
    """
    key = rules.bearer(header)
    if key is None:
        return None
    row = session.execute(
        sa.select(ApiKey.id, ApiKey.name, ApiKey.scopes, ApiKey.site_id).where(
            ApiKey.key_hash == rules.key_hash(key), ApiKey.revoked_at.is_(None)
        )
    ).first()
    return Client(row.id, row.name, frozenset(row.scopes), row.site_id) if row else None


def list_keys(session: Session) -> list[KeyRow]:
    """Every key ever made, oldest first."""
    query = (
        sa.select(
            ApiKey.id,
            ApiKey.name,
            ApiKey.hint,
            ApiKey.scopes,
            Site.key,
            ApiKey.created_at,
            ApiKey.revoked_at,
        )
        .outerjoin(Site, Site.id == ApiKey.site_id)
        .order_by(ApiKey.id)
    )
    return [KeyRow(*row) for row in session.execute(query)]
