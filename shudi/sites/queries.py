"""Reading sites."""

import dataclasses
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.orm import Session

from shudi.db.ahead import Question
from shudi.errors import NotFound
from shudi.sites.rules import is_key
from shudi.sites.store import (
    Fold,
    PageKeyKind,
    Site,
    SiteClosing,
    SiteReceiver,
    SiteWording,
)
from shudi.staff.store import ProposalState, Staff


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


@Question
def closed_at(session: Session, site_ids: Iterable[int]) -> dict[int, datetime]:
    """Since when a site is closed; one that serves has no such instant."""
    query = sa.select(Site.id, Site.closed_at).where(
        Site.id.in_(site_ids), Site.closed_at.is_not(None)
    )
    return {site_id: at for site_id, at in session.execute(query) if at is not None}


def check_serving(session: Session, site_id: int) -> None:
    """Raise NotFound if the site is closed: nothing of it is there for anybody any more."""
    if closed_at(session, site_id) is not None:
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


@dataclasses.dataclass(frozen=True, slots=True)
class Closing:
    """A proposal to close a site that waits for a second person."""

    id: int
    site_id: int
    reason: str
    proposed_by: int
    proposer: str
    proposed_at: datetime
    expires_at: datetime


def closings(session: Session, *, now: datetime, site_id: int | None = None) -> list[Closing]:
    """The proposals that wait, by site: whoever made them may still, and time is left. `site_id`:
    about this site only.
    """
    query = (
        sa.select(
            SiteClosing.id,
            SiteClosing.site_id,
            SiteClosing.reason,
            Staff.id,
            Staff.name,
            SiteClosing.proposed_at,
            SiteClosing.expires_at,
        )
        .join(Staff, Staff.id == SiteClosing.proposed_by)
        .where(SiteClosing.waits(now))
        .order_by(SiteClosing.site_id)
    )
    if site_id is not None:
        query = query.where(SiteClosing.site_id == site_id)
    return [Closing(*row) for row in session.execute(query)]


@dataclasses.dataclass(frozen=True, slots=True)
class ManagedSite:
    """A site as those who manage sites see it; `erased_at` is set once nothing of it is left."""

    id: int
    key: str
    name: str
    match: list[str]
    created_at: datetime
    account_count: int
    version: int
    closed_at: datetime | None
    closed_by: str | None
    proposer: str | None
    reason: str | None
    erased: int | None
    erased_at: datetime | None


def managed_sites(session: Session, *, site_id: int | None = None) -> list[ManagedSite]:
    """Every site, or the one, by key; closed ones last."""
    closer, proposer = orm.aliased(Staff), orm.aliased(Staff)
    confirmed = sa.and_(
        SiteClosing.site_id == Site.id, SiteClosing.state == ProposalState.CONFIRMED
    )
    columns: tuple[Any, ...] = (
        Site.id,
        Site.key,
        Site.name,
        Site.match,
        Site.created_at,
        Site.account_count,
        Site.version,
        Site.closed_at,
        closer.name,
        proposer.name,
        SiteClosing.reason,
        SiteClosing.erased,
        SiteClosing.erased_at,
    )
    query = (
        sa.select(*columns)
        .outerjoin(SiteClosing, confirmed)
        .outerjoin(closer, closer.id == SiteClosing.decided_by)
        .outerjoin(proposer, proposer.id == SiteClosing.proposed_by)
        .order_by(Site.closed_at.is_not(None), Site.key)
    )
    if site_id is not None:
        query = query.where(Site.id == site_id)
    return [ManagedSite(*row) for row in session.execute(query)]
