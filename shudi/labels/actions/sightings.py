"""From sightings to labels: addresses are located in memory and dropped."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

from sqlalchemy.orm import Session

from shudi.accounts.rules import check_identifier
from shudi.db import bulk
from shudi.errors import Invalid
from shudi.geo.actions import Locator
from shudi.geo.rules import Place
from shudi.labels.actions import resolution
from shudi.labels.actions.batch import LineError, Recorded, Seen
from shudi.labels.rules import PUBLISHING, ActivityKind, check_instant, rank
from shudi.settings import Settings
from shudi.sites.queries import SiteRow

_KINDS = frozenset(kind.value for kind in ActivityKind)
_PUBLISHING = frozenset(kind.value for kind in PUBLISHING)


class RawSighting(Protocol):
    """A sighting as it came: nothing about it is checked yet."""

    site: str
    account: str
    ip: str
    at: str
    kind: str


class _Line(NamedTuple):
    number: int
    site_id: int
    account: str
    at: datetime
    publishing: bool
    ip: str


def record(
    session: Session,
    *,
    sightings: Sequence[RawSighting],
    sites: Mapping[str, SiteRow],
    allowed_site_id: int | None,
    locator: Locator,
    settings: Settings,
    now: datetime,
    origin: str = "sightings",
) -> Recorded:
    """Turn a batch into tallies and labels. A bad line costs only itself.

    Later activity outranks earlier whatever the order of arrival (R 12).
    """
    recorded = Recorded(origin=origin)
    lines = _checked(sightings, sites, allowed_site_id, settings, now, recorded.errors)
    by_site = _located(lines, locator, recorded)
    for site_id, (seen, indices) in by_site.items():
        recorded.sites.append(site_id)
        resolution.resolve(
            session,
            site=next(site for site in sites.values() if site.id == site_id),
            seen=seen,
            indices=indices,
            recorded=recorded,
            settings=settings,
            now=now,
        )
    recorded.errors.sort(key=lambda error: error.index)
    recorded.accepted = len(sightings) - len(recorded.errors)
    return recorded


def _checked(
    sightings: Sequence[RawSighting],
    sites: Mapping[str, SiteRow],
    allowed_site_id: int | None,
    settings: Settings,
    now: datetime,
    errors: list[LineError],
) -> list[_Line]:
    lines: list[_Line] = []
    accounts: dict[str, str] = {}
    for index, raw in enumerate(sightings):
        code = None
        site = sites.get(raw.site)
        if site is None:
            code = "site-unknown"
        elif allowed_site_id is not None and site.id != allowed_site_id:
            code = "site-forbidden"
        elif raw.kind not in _KINDS:
            code = "kind-unknown"
        else:
            at = _instant(raw.at)
            code = "at-malformed" if at is None else _window(at, now, settings)
        if code is None:
            account = accounts.get(raw.account) or _identifier(raw.account, accounts)
            code = None if account else "account-invalid"
        if code is not None or site is None or at is None or account is None:
            errors.append(LineError(index, code or "account-invalid"))
            continue
        lines.append(_Line(index, site.id, account, at, raw.kind in _PUBLISHING, raw.ip))
    return lines


def _window(at: datetime, now: datetime, settings: Settings) -> str | None:
    return check_instant(at, now=now, retention_days=settings.retention_days)


def _instant(text: str) -> datetime | None:
    """An instant with an offset, in UTC; None for anything else (never a guessed zone)."""
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo is not None else None
    except (ValueError, TypeError, OverflowError):
        return None


def _identifier(text: str, known: dict[str, str]) -> str | None:
    try:
        known[text] = check_identifier(text)
    except Invalid:
        return None
    return known[text]


def _located(
    lines: list[_Line], locator: Locator, recorded: Recorded
) -> dict[int, tuple[dict[str, Seen], dict[str, list[int]]]]:
    """Per site: what was seen of each account, and which lines named it."""
    by_site: dict[int, tuple[dict[str, Seen], dict[str, list[int]]]] = {}
    places = locator.locate_many([line.ip for line in lines])
    for line, place in zip(lines, places, strict=True):
        if isinstance(place, str):
            recorded.errors.append(LineError(line.number, place))
            continue
        seen, indices = by_site.setdefault(line.site_id, ({}, {}))
        indices.setdefault(line.account, []).append(line.number)
        if not line.publishing:
            continue  # signing in publishes nothing: it neither decides nor is kept
        stamp = bulk.instant(line.at)
        mark = (stamp[:10], place.region or "")
        known = seen.get(line.account)
        if known is None:
            seen[line.account] = Seen(stamp, place, {mark})
            continue
        known.days.add(mark)
        if _rank(stamp, place) > _rank(known.stamp, known.place):
            known.stamp, known.place = stamp, place
    return by_site


def _rank(stamp: str, place: Place) -> tuple[bool, tuple[str, str, str]]:
    """«none» says nothing about the place, so it never outranks one that does."""
    return place.state != "none", rank(stamp, place.state, place.region)
