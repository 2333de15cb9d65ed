"""Reading sites."""

import dataclasses
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.errors import NotFound
from shudi.sites.rules import is_key
from shudi.sites.store import Fold, PageKeyKind, Site, SiteReceiver, SiteWording


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
_SITES = sa.select(*_COLUMNS).where(Site.closed_at.is_(None))


def all_sites(session: Session) -> list[SiteRow]:
    """Every site that is not closed, by key."""
    return [SiteRow(*row) for row in session.execute(_SITES.order_by(Site.key))]


def closed_keys(session: Session) -> list[str]:
    """The keys of the sites that are closed."""
    return list(session.scalars(sa.select(Site.key).where(Site.closed_at.is_not(None))))


def site_by_key(session: Session, key: str) -> SiteRow | None:
    """The site of that key, or None, as for a closed one. What can be no key is not asked for."""
    if not is_key(key):
        return None
    row = session.execute(_SITES.where(Site.key == key)).first()
    return SiteRow(*row) if row else None


def site_by_id(session: Session, site_id: int) -> SiteRow | None:
    """The site of that id, or None; a closed one is none."""
    row = session.execute(_SITES.where(Site.id == site_id)).first()
    return SiteRow(*row) if row else None


def check_serving(session: Session, site_id: int) -> None:
    """Raise NotFound if the site is closed: nothing of it is there for anybody any more."""
    if session.scalar(sa.select(Site.closed_at).where(Site.id == site_id)) is not None:
        raise NotFound("site-closed", "This site is closed.")


@dataclasses.dataclass(frozen=True, slots=True)
class ReceiverRow:
    """A site's own webhook; what is empty is left to the settings. `version` 0: nothing is set."""

    site_id: int
    url: str = ""
    sealed: str = dataclasses.field(default="", repr=False)
    sealed_before: str = dataclasses.field(default="", repr=False)
    before_until: datetime | None = None
    version: int = 0


_RECEIVER = (
    SiteReceiver.site_id,
    SiteReceiver.url,
    SiteReceiver.sealed,
    SiteReceiver.sealed_before,
    SiteReceiver.before_until,
    SiteReceiver.version,
)


def receivers(session: Session) -> dict[int, ReceiverRow]:
    """The receivers that sites have of their own, by site."""
    return {row.site_id: ReceiverRow(*row) for row in session.execute(sa.select(*_RECEIVER))}


def receiver(session: Session, site_id: int) -> ReceiverRow:
    """The site's own receiver, or an empty row."""
    row = session.execute(sa.select(*_RECEIVER).where(SiteReceiver.site_id == site_id)).first()
    return ReceiverRow(*row) if row else ReceiverRow(site_id)


@dataclasses.dataclass(frozen=True, slots=True)
class WordingRow:
    """Words that a site has of its own."""

    topic: str
    channel: str
    language: str
    title: str
    text: str
    version: int


def wordings(session: Session, site_id: int) -> dict[tuple[str, str, str], WordingRow]:
    """A site's own words by topic, channel and language; a few dozen at most."""
    columns = (
        SiteWording.topic,
        SiteWording.channel,
        SiteWording.language,
        SiteWording.title,
        SiteWording.text,
        SiteWording.version,
    )
    rows = session.execute(sa.select(*columns).where(SiteWording.site_id == site_id))
    return {(row.topic, row.channel, row.language): WordingRow(*row) for row in rows}
