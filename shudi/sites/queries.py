"""Reading sites."""

import dataclasses
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.sites.store import Fold, PageKeyKind, Site


@dataclasses.dataclass(frozen=True, slots=True)
class SiteRow:
    """A community as the doors need it."""

    id: int
    key: str
    name: str
    match: list[str]
    page_key: PageKeyKind
    fold: Fold
    adapter: dict[str, Any]
    seq: int
    as_of: datetime
    account_count: int
    brake_waived_until: datetime | None


_COLUMNS = (
    Site.id,
    Site.key,
    Site.name,
    Site.match,
    Site.page_key,
    Site.fold,
    Site.adapter,
    Site.seq,
    Site.as_of,
    Site.account_count,
    Site.brake_waived_until,
)


def all_sites(session: Session) -> list[SiteRow]:
    """Every site, by key."""
    return [SiteRow(*row) for row in session.execute(sa.select(*_COLUMNS).order_by(Site.key))]


def site_by_key(session: Session, key: str) -> SiteRow | None:
    """The site of that key, or None."""
    row = session.execute(sa.select(*_COLUMNS).where(Site.key == key)).first()
    return SiteRow(*row) if row else None


def site_by_id(session: Session, site_id: int) -> SiteRow | None:
    """The site of that id, or None."""
    row = session.execute(sa.select(*_COLUMNS).where(Site.id == site_id)).first()
    return SiteRow(*row) if row else None
