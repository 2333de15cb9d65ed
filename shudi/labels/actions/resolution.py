"""One site's part of a batch: which labels change, which a correction or a brake holds back.

Plain SQL over many rows: this is the hot path of `POST /sightings` and of imports.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.db import bulk
from shudi.labels.actions import arrivals, brakes
from shudi.labels.actions.arrivals import WANTED
from shudi.labels.actions.batch import Change, Known, LineError, Recorded, Seen
from shudi.labels.actions.display import next_seqs
from shudi.labels.rules import CorrectionState, Resolved, State, displayed, rank, stable
from shudi.labels.store import Correction, DroppedResult, Tally
from shudi.settings import Settings
from shudi.sites.queries import SiteRow


def resolve(
    session: Session,
    *,
    site: SiteRow,
    seen: dict[str, Seen],
    indices: dict[str, list[int]],
    recorded: Recorded,
    settings: Settings,
    now: datetime,
) -> None:
    """Write one site's tallies and labels; adds its refusals and changes to `recorded`."""
    known = _known(session, site.id, list(indices))
    missing = [account for account in indices if account not in known]
    if missing:
        arrivals.create(session, site, missing, now)
        known |= _known(session, site.id, missing)
    _refuse_deleted(known, indices, seen, recorded)
    _tally(session, known, seen)
    quiet, changes = _sorted_out(session, known, seen, settings)
    _write_quiet(session, site.id, quiet, now)
    _record_drops(session, quiet, now)
    stop = brakes.stop(
        session,
        site=site,
        changes=changes,
        settings=settings,
        now=now,
        origin=recorded.origin,
    )
    if stop.brake_id is None:
        write_changes(session, site.id, changes, now)
        recorded.changed += len(changes)
    else:
        brakes.hold(session, stop.brake_id, changes)
        recorded.held += len(changes)
        if stop.opened:
            recorded.brakes.append((site.id, stop.brake_id))
        changes = []
    recorded.disagreeing += [
        (site.id, change.known.account_id) for change in (*quiet, *changes) if _disagreed(change)
    ]


def _disagreed(change: Change) -> bool:
    """Whether the sources disagree about a label that may be shown. What came too late, is
    hidden or is held by a brake puts no case before anybody.
    """
    place = change.seen.place
    return place.state == "uncertain" and place.network is None and not change.known.hidden


_LATEST = {
    "sqlite": "l.latest_at",
    "postgresql": "to_char(l.latest_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')",
}
_KNOWN_SQL = """
SELECT a.id, a.account, a.deleted_at IS NOT NULL, a.protection <> 'none', {latest},
       l.resolved_state, l.resolved_region, l.state, l.region, l.corrected
FROM {wanted} accounts a ON a.site_id = ? AND a.account = wanted.value
LEFT JOIN labels l ON l.account_id = a.id
"""


def _known(session: Session, site_id: int, accounts: list[str]) -> dict[str, Known]:
    dialect = session.get_bind().dialect.name
    sql = _KNOWN_SQL.format(latest=_LATEST[dialect], wanted=WANTED[dialect])
    rows = bulk.rows(session, sql, (bulk.listed(accounts), site_id))
    return {row[1]: Known(*row) for row in rows}


def _refuse_deleted(
    known: dict[str, Known],
    indices: dict[str, list[int]],
    seen: dict[str, Seen],
    recorded: Recorded,
) -> None:
    for account, lines in indices.items():
        if known[account].deleted:
            recorded.errors += [LineError(index, "account-deleted") for index in lines]
            seen.pop(account, None)


def _tally(session: Session, known: dict[str, Known], seen: dict[str, Seen]) -> None:
    bulk.many(
        session,
        "INSERT INTO tallies (account_id, day, region) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [
            (known[account].account_id, day, region)
            for account, one in seen.items()
            for day, region in one.days
        ],
    )


def _sorted_out(
    session: Session, known: dict[str, Known], seen: dict[str, Seen], settings: Settings
) -> tuple[list[Change], list[Change]]:
    """(written without readers noticing, changes that readers would see)."""
    quiet: list[Change] = []
    changes: list[Change] = []
    for account, one in seen.items():
        before = known[account]
        if one.place.state == "none":
            continue  # no place known: the old label stays
        if not _outranks(one, before):
            continue  # later activity has spoken already
        resolved = Resolved(State(one.place.state), one.place.region)
        if settings.stability_days and before.resolved_region not in (None, resolved.region):
            resolved = _steadied(session, before, resolved, one, settings)
        after = displayed(resolved, None, hidden=before.hidden)
        unseen = before.corrected or (after.state, after.region) == (before.state, before.region)
        if unseen or (before.hidden and before.state in (None, State.NONE)):
            quiet.append(Change(before, one, resolved))
        else:
            changes.append(Change(before, one, resolved))
    return quiet, changes


def _outranks(seen: Seen, before: Known) -> bool:
    if before.latest_at is None or seen.stamp > before.latest_at:
        return True
    said = rank(before.latest_at, before.resolved_state or "none", before.resolved_region)
    return rank(seen.stamp, seen.place.state, seen.place.region) > said


def _steadied(
    session: Session, before: Known, wanted: Resolved, seen: Seen, settings: Settings
) -> Resolved:
    """The wanted place if it was seen long enough (the optional stability rule), else the old."""
    days: dict[date, set[str]] = {}
    rows = session.execute(
        sa.select(Tally.day, Tally.region).where(Tally.account_id == before.account_id)
    )
    for day, region in rows:
        days.setdefault(day, set()).add(region)
    steady = stable(
        {day: frozenset(regions) for day, regions in days.items()},
        wanted.region or "",
        today=date.fromisoformat(seen.stamp[:10]),
        days=settings.stability_days,
        mixed=settings.stability_mixed,
    )
    return (
        wanted
        if steady
        else Resolved(State(before.resolved_state or "none"), before.resolved_region)
    )


_WRITE = """
INSERT INTO labels (account_id, site_id, account, latest_at, resolved_state, resolved_region,
    evidence, state, region, basis, corrected, disputed, hidden, since, version, seq)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (account_id) DO UPDATE SET latest_at = excluded.latest_at,
    resolved_state = excluded.resolved_state, resolved_region = excluded.resolved_region,
    evidence = excluded.evidence
"""
_SHOW = """, state = excluded.state, region = excluded.region, basis = excluded.basis,
    since = excluded.since, version = labels.version + 1, seq = excluded.seq
"""


_KEEP = """
UPDATE labels SET latest_at = ?, resolved_state = ?, resolved_region = ?, evidence = ?
WHERE account_id = ?
"""


def _write_quiet(session: Session, site_id: int, quiet: Sequence[Change], now: datetime) -> None:
    """The latest activity, without a change that readers see."""
    today = now.date().isoformat()
    known, new = [], []
    for change in quiet:
        facts = _facts(change, site_id)
        if change.known.resolved_state is None:
            unseen = ("none", None, "none", False, False, change.known.hidden, today, 0, 0)
            new.append((*facts, *unseen))
        else:
            known.append((*facts[3:], facts[0]))
    bulk.many(session, _KEEP, known)
    bulk.many(session, _WRITE, new)


def write_changes(session: Session, site_id: int, changes: Sequence[Change], now: datetime) -> None:
    """Labels that readers see change: each gets the next number of the site's sequence."""
    if not changes:
        return
    first = next_seqs(session, site_id, len(changes), now)
    today = now.date().isoformat()
    rows = []
    for seq, change in enumerate(changes, first):
        shown = displayed(change.resolved, None, hidden=change.known.hidden)
        rows.append(
            (
                *_facts(change, site_id),
                shown.state.value,
                shown.region,
                shown.basis.value,
                False,
                False,
                change.known.hidden,
                today,
                1,
                seq,
            )
        )
    bulk.many(session, _WRITE + _SHOW, rows)


def _facts(change: Change, site_id: int) -> tuple[int, int, str, str, str, str | None, str]:
    return (
        change.known.account_id,
        site_id,
        change.known.account,
        change.seen.stamp,
        change.resolved.state.value,
        change.resolved.region,
        change.seen.place.evidence_json(),
    )


def _record_drops(session: Session, quiet: Iterable[Change], now: datetime) -> None:
    """A result that a correction holds back is recorded with the value it wanted."""
    wanted = {
        change.known.account_id: change.resolved
        for change in quiet
        # a hidden account may have a correction in force as well
        if (change.known.corrected or change.known.hidden)
        and (change.known.resolved_state, change.known.resolved_region)
        != (change.resolved.state, change.resolved.region)
    }
    if not wanted:
        return
    holding = session.execute(
        sa.select(Correction.id, Correction.account_id).where(
            Correction.account_id.in_(list(wanted)),
            Correction.state == CorrectionState.IN_FORCE,
        )
    )
    rows = [
        {
            "correction_id": row.id,
            "at": now,
            "state": wanted[row.account_id].state,
            "region": wanted[row.account_id].region,
        }
        for row in holding
    ]
    if rows:
        session.execute(sa.insert(DroppedResult), rows)
