"""One site's part of a batch: which labels change, which a correction or a brake holds back.

Plain SQL over many rows: this is the hot path of `POST /sightings` and of imports.
"""

import functools
from collections.abc import Iterable
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.clock import DAY
from shudi.db import bulk
from shudi.geo.rules import Place
from shudi.labels.actions import arrivals, brakes, changing
from shudi.labels.actions.arrivals import WANTED
from shudi.labels.actions.batch import (
    Batch,
    Change,
    Known,
    LineError,
    Recorded,
    Seen,
    Tried,
    Unchanged,
)
from shudi.labels.actions.latest import keep
from shudi.labels.rules import Resolved, State, rank, stable
from shudi.labels.store import Tally
from shudi.settings import Settings
from shudi.sites.queries import SiteRow

_FIRST_DAY = date(1970, 1, 1)


def resolve(
    session: Session,
    *,
    site: SiteRow,
    batch: Batch,
    recorded: Recorded,
    settings: Settings,
    now: datetime,
) -> None:
    """Write one site's tallies and labels; adds its refusals and changes to `recorded`."""
    known = _known(session, site, batch, now)
    _refuse_deleted(known, batch, recorded)
    _tally(session, known, batch.seen, settings)
    recorded.tried += _tried(site.id, known, batch.seen)
    same, changed = compared(session, known, batch.seen, settings)
    held_by = brakes.holding(session, site.id)
    quiet = [change for change in changed if changing.unseen(change)]
    changing.write_quiet(session, site.id, quiet, now)
    changing.record_drops(session, quiet, now)
    noticed = [change for change in changed if not changing.unseen(change)]
    shown = _shown(session, site, noticed, recorded, settings, now, held_by)
    spoken: list[Change | Unchanged] = [*same, *quiet, *shown]
    if held_by is not None:
        brakes.forget(session, held_by, spoken)
    keep(
        session,
        [(one.known.account_id, one.seen.at, one.seen.place.evidence_json()) for one in spoken],
    )
    recorded.disagreeing += [
        (site.id, one.known.account_id) for one in spoken if _disagreed(one.known, one.seen.place)
    ]


def _shown(
    session: Session,
    site: SiteRow,
    changes: list[Change],
    recorded: Recorded,
    settings: Settings,
    now: datetime,
    held_by: int | None,
) -> list[Change]:
    """The changes that readers see now: all of them, or none where a brake holds them."""
    stop = brakes.stop(
        session,
        site=site,
        changes=changes,
        settings=settings,
        now=now,
        origin=recorded.origin,
        held_by=held_by,
    )
    if stop.brake_id is None:
        changing.write_changes(session, site.id, changes, now)
        recorded.changed += len(changes)
        return changes
    brakes.hold(session, stop.brake_id, changes)
    recorded.held += len(changes)
    if stop.opened:
        recorded.brakes.append((site.id, stop.brake_id))
    return []


def _tried(site_id: int, known: dict[str, Known], seen: dict[str, Seen]) -> list[Tried]:
    return [
        Tried(site_id, known[account].account_id, one.place.code, one.tried.code)
        for account, one in seen.items()
        if one.tried is not None and one.place.state != "none"
    ]


def _disagreed(known: Known, place: Place) -> bool:
    """Whether the sources disagree about a label that may be shown. What came too late, is
    hidden or is held by a brake puts no case before anybody.
    """
    return place.state == "uncertain" and place.network is None and not known.hidden


_KNOWN_SQL = """
SELECT l.account_id, l.account, l.deleted, l.hidden, latest.at,
       l.resolved_state, l.resolved_region, l.state, l.region, l.corrected
FROM {wanted} labels l ON l.site_id = ? AND l.account = wanted.value
LEFT JOIN latest_activity latest ON latest.account_id = l.account_id
"""
_UNLABELLED_SQL = """
SELECT a.id, a.account, a.deleted_at IS NOT NULL, a.protection <> 'none'
FROM {wanted} accounts a ON a.site_id = ? AND a.account = wanted.value
"""


def _known(session: Session, site: SiteRow, batch: Batch, now: datetime) -> dict[str, Known]:
    """What the store says of each account; one it has never heard of is added."""
    known = read(session, site.id, batch.seen.keys() | batch.signed_in)
    new = list({account: None for account, _ in batch.lines if account not in known})
    if new:
        arrivals.create(session, site, new, now)
        known |= _read(session, _UNLABELLED_SQL, site.id, new)
    return known


def read(session: Session, site_id: int, accounts: Iterable[str]) -> dict[str, Known]:
    """What the store says of those of these accounts that it has heard of."""
    accounts = set(accounts)
    known = _read(session, _KNOWN_SQL, site_id, accounts)
    missing = accounts - known.keys()
    return known | (_read(session, _UNLABELLED_SQL, site_id, missing) if missing else {})


def _read(session: Session, sql: str, site_id: int, accounts: Iterable[str]) -> dict[str, Known]:
    sql = sql.format(wanted=WANTED[session.get_bind().dialect.name])
    wanted = sorted(accounts)  # as the index is, so that each of its pages is visited once
    rows = bulk.rows(session, sql, (bulk.listed(wanted), site_id))
    return {row[1]: Known(*row) for row in rows}


def _refuse_deleted(known: dict[str, Known], batch: Batch, recorded: Recorded) -> None:
    deleted = {account for account, one in known.items() if one.deleted}
    if deleted:
        recorded.errors += [
            LineError(number, "account-deleted")
            for account, number in batch.lines
            if account in deleted
        ]
        for account in deleted:
            batch.seen.pop(account, None)


def _tally(
    session: Session, known: dict[str, Known], seen: dict[str, Seen], settings: Settings
) -> None:
    rows = []
    for account, one in seen.items():
        before = known[account]
        tallied = _tallied(before, settings)
        rows += [
            (before.account_id, _iso(day), region)
            for day, region in one.days
            if (day, region) != tallied
        ]
    bulk.many(
        session,
        "INSERT INTO tallies (account_id, day, region) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        sorted(rows),
    )


def _tallied(before: Known, settings: Settings) -> tuple[int, str] | None:
    """What the store is known to hold already: the latest activity's day and place. With the
    stability rule what was seen then and what it resolved to may differ.
    """
    if before.latest_at is None or settings.stability_days:
        return None
    return before.latest_at // DAY, before.resolved_region or ""


@functools.lru_cache(maxsize=400)  # the retention window's days
def _iso(day: int) -> str:
    return _day(day).isoformat()


def _day(day: int) -> date:
    return _FIRST_DAY + timedelta(days=day)


def compared(
    session: Session, known: dict[str, Known], seen: dict[str, Seen], settings: Settings
) -> tuple[list[Unchanged], list[Change]]:
    """What activity says again, and what it says anew; reads only."""
    same: list[Unchanged] = []
    changed: list[Change] = []
    for account, one in seen.items():
        before, place = known[account], one.place
        if place.state == "none":
            continue  # no place known: the old label stays
        if not _outranks(one, before):
            continue  # later activity has spoken already
        resolved = None
        if place.region != before.resolved_region or place.state != before.resolved_state:
            resolved = _resolved(session, before, one, settings)
        if resolved is None:
            same.append(Unchanged(before, one))
        else:
            changed.append(Change(before, one, resolved))
    return same, changed


def _resolved(session: Session, before: Known, seen: Seen, settings: Settings) -> Resolved | None:
    """What was seen, or None where the optional stability rule keeps the old place: the new one
    was not seen long enough.
    """
    wanted = Resolved(State(seen.place.state), seen.place.region)
    if settings.stability_days and before.resolved_region not in (None, wanted.region):
        return wanted if _steady(session, before, wanted, seen, settings) else None
    return wanted


def _outranks(seen: Seen, before: Known) -> bool:
    if before.latest_at is None or seen.at > before.latest_at:
        return True
    said = rank(before.latest_at, before.resolved_state or "none", before.resolved_region)
    return rank(seen.at, seen.place.state, seen.place.region) > said


def _steady(
    session: Session, before: Known, wanted: Resolved, seen: Seen, settings: Settings
) -> bool:
    days: dict[date, set[str]] = {}
    rows = session.execute(
        sa.select(Tally.day, Tally.region).where(Tally.account_id == before.account_id)
    )
    for day, region in [*rows, *((_day(day), region) for day, region in seen.days)]:
        days.setdefault(day, set()).add(region)
    return stable(
        {day: frozenset(regions) for day, regions in days.items()},
        wanted.region or "",
        today=_day(seen.at // DAY),
        days=settings.stability_days,
        mixed=settings.stability_mixed,
    )
