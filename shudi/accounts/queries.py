"""Finding accounts. By name, handle or id within one site; never by region."""

import dataclasses
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from shudi.accounts.rules import search_key
from shudi.accounts.store import Account, Protection
from shudi.errors import NotFound
from shudi.sites.store import Site

# The highest code point: no text that begins with the prefix sorts after prefix + this.
_LAST = "\U0010ffff"


@dataclasses.dataclass(frozen=True, slots=True)
class AccountRow:
    """One hit of a search."""

    id: int
    account: str
    handle: str | None
    name: str
    deleted_at: datetime | None


@dataclasses.dataclass(frozen=True, slots=True)
class AccountView:
    """What the platform says of an account."""

    id: int
    site_id: int
    site_key: str
    site_name: str
    account: str
    handle: str | None
    name: str
    avatar_url: str
    bio: str
    protection: Protection
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    version: int


_COLUMNS: tuple[Any, ...] = (
    Account.id,
    Account.site_id,
    Site.key,
    Site.name,
    Account.account,
    Account.handle,
    Account.name,
    Account.avatar_url,
    Account.bio,
    Account.protection,
    Account.created_at,
    Account.updated_at,
    Account.deleted_at,
    Account.version,
)


def account(session: Session, *, account_id: int) -> AccountView:
    """The account; NotFound where there is none."""
    row = session.execute(
        sa.select(*_COLUMNS).join(Site, Site.id == Account.site_id).where(Account.id == account_id)
    ).first()
    if row is None:
        raise NotFound("account-unknown", "There is no such account.")
    return AccountView(*row)


def search(session: Session, *, site_id: int, text: str, limit: int = 25) -> list[AccountRow]:
    """Accounts of a site whose id, handle or name begins with `text`; the exact id first.

    Three index ranges of at most `limit` rows each; names fold case and width.
    """
    text = text.strip()
    if not text:
        return []
    bare = text.removeprefix("@")
    parts = [
        _prefix(session, Account.account, text, site_id, limit),
        _prefix(session, Account.handle, bare, site_id, limit),
        _prefix(session, Account.name_folded, search_key(text), site_id, limit),
    ]
    ids = sa.union_all(*[sa.select(part.subquery().c.id) for part in parts]).subquery()
    query = (
        sa.select(Account.id, Account.account, Account.handle, Account.name, Account.deleted_at)
        .where(Account.id.in_(sa.select(ids.c.id)))
        .order_by(sa.case((Account.account == text, 0), (Account.handle == bare, 1), else_=2))
        .order_by(Account.name_folded, Account.id)
        .limit(limit)
    )
    return [AccountRow(*row) for row in session.execute(query)]


def _prefix(
    session: Session, column: InstrumentedAttribute[Any], text: str, site_id: int, limit: int
) -> sa.Select[int]:
    query = sa.select(Account.id).where(Account.site_id == site_id).limit(limit)
    if session.get_bind().dialect.name == "sqlite":
        return query.where(column >= text, column < text + _LAST).order_by(column)
    # Elsewhere the order follows a language, in which a range is no prefix.
    return query.where(column.startswith(text, autoescape=True))
