"""From sightings to labels: addresses are located in memory and dropped."""

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import repeat
from typing import Protocol

from sqlalchemy.orm import Session

from shudi.accounts.rules import check_identifier
from shudi.clock import DAY, microseconds
from shudi.errors import Invalid
from shudi.geo.actions import Locator
from shudi.geo.rules import Place
from shudi.labels.actions import resolution
from shudi.labels.actions.batch import LIVE, Batch, LineError, Origin, Recorded, Seen
from shudi.labels.rules import PUBLISHING, ActivityKind, Window, rank, window
from shudi.settings import Settings
from shudi.sites.queries import SiteRow

_PUBLISHES = {kind.value: kind in PUBLISHING for kind in ActivityKind}


class RawSighting(Protocol):
    """A sighting as it came: nothing about it is checked yet."""

    site: str
    account: str
    ip: str
    at: str
    kind: str


@dataclasses.dataclass(slots=True)
class Columns:
    """The lines that are in order, column by column. `kinds`: whether something was published."""

    numbers: list[int] = dataclasses.field(default_factory=list)
    site_ids: list[int] = dataclasses.field(default_factory=list)
    accounts: list[str] = dataclasses.field(default_factory=list)
    instants: list[int] = dataclasses.field(default_factory=list)
    kinds: list[bool] = dataclasses.field(default_factory=list)
    ips: list[str] = dataclasses.field(default_factory=list)


def record(
    session: Session,
    *,
    sightings: Sequence[RawSighting],
    sites: Mapping[str, SiteRow],
    allowed_site_id: int | None,
    locator: Locator,
    settings: Settings,
    now: datetime,
    origin: Origin = LIVE,
) -> Recorded:
    """Turn a batch into tallies and labels. A bad line costs only itself.

    Later activity outranks earlier whatever the order of arrival (R 12).
    """
    recorded = Recorded(origin=origin)
    taken = window(now, settings.retention_days)
    columns = checked(sightings, Sites(sites, allowed_site_id), taken, recorded.errors)
    by_site = located(columns, locator, recorded.errors)
    for site in sites.values():
        if site.id in by_site and by_site[site.id].lines:
            recorded.sites.append(site.id)
            resolution.resolve(
                session,
                site=site,
                batch=by_site[site.id],
                recorded=recorded,
                settings=settings,
                now=now,
            )
    recorded.errors.sort(key=lambda error: error.index)
    recorded.accepted = len(sightings) - len(recorded.errors)
    return recorded


class Sites:
    """Which sites this batch may speak of."""

    def __init__(self, sites: Mapping[str, SiteRow], allowed: int | None) -> None:
        self.known = sites
        self.ids = {key: site.id for key, site in sites.items() if allowed in (None, site.id)}

    def wrong(self, key: str) -> str:
        """The code for a site that is not among `ids`."""
        return "site-forbidden" if key in self.known else "site-unknown"


def checked(
    sightings: Sequence[RawSighting], sites: Sites, taken: Window, errors: list[LineError]
) -> Columns:
    """The lines that are in order; what is wrong with the others goes to `errors`."""
    columns = Columns()
    accounts: dict[str, str | None] = {}
    for number, raw in enumerate(sightings):
        site_id, kind, at = sites.ids.get(raw.site), _PUBLISHES.get(raw.kind), _instant(raw.at)
        account = accounts.get(raw.account) or _identifier(raw.account, accounts)
        code: str | None = None
        if site_id is None:
            code = sites.wrong(raw.site)
        elif kind is None:
            code = "kind-unknown"
        elif at is None:
            code = "at-malformed"
        elif not taken.earliest <= at <= taken.latest:
            code = taken.wrong(at)
        elif account is not None:
            columns.numbers.append(number)
            columns.site_ids.append(site_id)
            columns.accounts.append(account)
            columns.instants.append(at)
            columns.kinds.append(kind)
            columns.ips.append(raw.ip)
            continue
        errors.append(LineError(number, code or "account-invalid"))
    return columns


def _instant(text: str) -> int | None:
    """An instant with an offset; None for anything else (never a guessed zone)."""
    try:
        return microseconds(datetime.fromisoformat(text))
    except (ValueError, TypeError, OverflowError):
        return None


def _identifier(text: str, known: dict[str, str | None]) -> str | None:
    try:
        known[text] = check_identifier(text)
    except Invalid:
        known[text] = None
    return known[text]


def located(columns: Columns, locator: Locator, errors: list[LineError]) -> dict[int, Batch]:
    """Each site's part of the batch. After this no address is left."""
    by_site = {site_id: Batch() for site_id in set(columns.site_ids)}
    places = locator.locate_many(columns.ips)
    tried = locator.try_many(columns.ips) if locator.trial_of else repeat(None, len(places))
    for number, site_id, account, at, published, place, other in zip(
        columns.numbers,
        columns.site_ids,
        columns.accounts,
        columns.instants,
        columns.kinds,
        places,
        tried,
        strict=True,
    ):
        if isinstance(place, str) or isinstance(other, str):  # both, or neither
            errors.append(LineError(number, place))
            continue
        batch = by_site[site_id]
        batch.lines.append((account, number))
        if not published:
            batch.signed_in.add(account)  # it neither decides nor is kept
            continue
        mark, known = (at // DAY, place.region or ""), batch.seen.get(account)
        if known is None:
            batch.seen[account] = Seen(at, place, [mark], other)
            continue
        known.days.append(mark)
        if outranks(at, place, known):
            known.at, known.place, known.tried = at, place, other
    return by_site


def outranks(at: int, place: Place, known: Seen) -> bool:
    """Whether a sighting decides over what was seen of the account before."""
    return _rank(at, place) > _rank(known.at, known.place)


def _rank(at: int, place: Place) -> tuple[bool, tuple[int, str, str]]:
    """«none» says nothing about the place, so it never outranks one that does."""
    return place.state != "none", rank(at, place.state, place.region)
