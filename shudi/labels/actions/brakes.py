"""The brake: a change too large to pass by itself waits for a person."""

import dataclasses
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.clock import from_microseconds
from shudi.db import bulk
from shudi.errors import Stale
from shudi.labels.actions.batch import Change, Known, Origin, Unchanged
from shudi.labels.rules.brakes import Limits, tripped
from shudi.labels.store import Brake, HeldResult, Moves
from shudi.settings import Settings
from shudi.sites.queries import SiteRow
from shudi.sites.store import Site

WINDOW_MINUTES = 60
Arrivals = Counter[tuple[str, bool]]  # (region, whether it is the account's first label)


@dataclasses.dataclass(frozen=True, slots=True)
class Stop:
    """Which brake holds this batch, if any, and whether this batch tripped it."""

    brake_id: int | None = None
    opened: bool = False


def holding(session: Session, site_id: int) -> int | None:
    """The brake that holds the site's changes now."""
    return session.scalar(
        sa.select(Brake.id).where(Brake.site_id == site_id, Brake.state == "held")
    )


def stop(
    session: Session,
    *,
    site: SiteRow,
    changes: Sequence[Change],
    settings: Settings,
    now: datetime,
    origin: Origin,
    held_by: int | None,
) -> Stop:
    """Say whether these changes must wait; count them into the site's rolling hour if not.

    Only what readers see move is counted: so no hour shows more than the limits without a
    person's word, in whatever portions it comes, and what was rejected does not count again.
    """
    if not changes:
        return Stop()
    if site.brake_waived_until is not None and now < site.brake_waived_until:
        return Stop()
    if held_by is not None:
        return Stop(held_by)
    moves, arrivals = sorted_out(changes)
    rule = broken(session, site.id, arrivals, settings, now)
    if rule is None:
        _count(session, site.id, arrivals, now)
        return Stop()
    diff = [[old, new, count] for (old, new), count in moves.most_common(200)]
    brake = Brake(
        site_id=site.id,
        origin=origin.kind,
        origin_name=origin.name[:120],
        rule=rule,
        state="held",
        opened_at=now,
        diff={"moves": diff, "accounts": len(changes)},
    )
    session.add(brake)
    session.flush()  # held results refer to it
    return Stop(brake.id, opened=True)


def sorted_out(changes: Sequence[Change]) -> tuple[Counter[tuple[str, str]], Arrivals]:
    """How many go from where to where, and how many arrive where."""
    moves: Counter[tuple[str, str]] = Counter()
    arrivals: Arrivals = Counter()
    for change in changes:
        new = change.resolved.region or ""
        old = _shown(change.known)
        moves[old, new] += 1
        arrivals[new, not old] += 1
    return moves, arrivals


def _shown(known: Known) -> str:
    """What readers see of it: a region, "-" for a label without one, empty for no label."""
    return "" if known.state in (None, "none") else known.region or "-"


def _count(session: Session, site_id: int, arrivals: Arrivals, now: datetime) -> None:
    minute = int(now.timestamp()) // 60
    bulk.many(
        session,
        "INSERT INTO label_moves (site_id, minute, region, first, count) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (site_id, minute, region, first)"
        " DO UPDATE SET count = label_moves.count + excluded.count",
        [(site_id, minute, region, first, n) for (region, first), n in arrivals.items()],
    )


def broken(
    session: Session,
    site_id: int,
    arrivals: Arrivals,
    settings: Settings,
    now: datetime,
    newcomers: int = 0,
) -> str | None:
    """The rule that the hour breaks with these arrivals added, or None. `newcomers` are accounts
    that the site does not count yet.
    """
    minute = int(now.timestamp()) // 60
    rows = session.execute(
        sa.select(Moves.region, Moves.first, sa.func.sum(Moves.count))
        .where(Moves.site_id == site_id, Moves.minute > minute - WINDOW_MINUTES)
        .group_by(Moves.region, Moves.first)
    ).all()
    hour = arrivals.copy()
    for region, first, count in rows:
        hour[region, first] += int(count)
    into: Counter[str] = Counter()
    for (region, _), count in hour.items():
        if region:
            into[region] += count
    accounts = session.scalar(sa.select(Site.account_count).where(Site.id == site_id)) or 0
    return tripped(
        accounts=accounts + newcomers,
        moved=sum(count for (_, first), count in hour.items() if not first),
        into=into,
        limits=Limits(settings.brake_share, settings.brake_region, settings.brake_minimum),
    )


def hold(session: Session, brake_id: int, changes: Sequence[Change]) -> None:
    """Keep the latest held resolution of each account until a person decides."""
    bulk.many(
        session,
        "INSERT INTO held_results (brake_id, account_id, at, state, region, shown, evidence)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (brake_id, account_id) DO UPDATE SET"
        " at = excluded.at, state = excluded.state, region = excluded.region,"
        " shown = excluded.shown, evidence = excluded.evidence WHERE excluded.at > held_results.at"
        # as labels.rules.rank: at the same instant the place decides
        " OR (excluded.at = held_results.at"
        " AND coalesce(excluded.region, '') > coalesce(held_results.region, ''))",
        [
            (
                brake_id,
                change.known.account_id,
                bulk.instant(from_microseconds(change.seen.at)),
                change.resolved.state.value,
                change.resolved.region,
                _shown(change.known),
                change.seen.place.evidence_json(),
            )
            for change in changes
        ],
    )


def forget(session: Session, brake_id: int, spoken: Sequence[Change | Unchanged]) -> None:
    """Let go of what later activity has overtaken: an account that went back to what is shown
    would not move any more, so it is no part of the difference.
    """
    bulk.many(
        session,
        "DELETE FROM held_results WHERE brake_id = ? AND account_id = ? AND at <= ?",
        [
            (brake_id, one.known.account_id, bulk.instant(from_microseconds(one.seen.at)))
            for one in spoken
        ],
    )


def decide(
    session: Session,
    brake: Brake,
    *,
    accept: bool,
    difference: dict[str, Any],
    staff_id: int | None,
    now: datetime,
) -> None:
    """Record the decision, and what it was about, and empty what was held; applying comes before
    (`release`).
    """
    if brake.state != "held":
        raise Stale("brake-decided", "Somebody else has decided this already.", state=brake.state)
    if difference["accounts"]:
        brake.diff = difference
    brake.state = "accepted" if accept else "rejected"
    brake.decided_at, brake.decided_by = now, staff_id
    session.flush()  # its version check belongs before the bulk statements
    session.execute(sa.delete(HeldResult).where(HeldResult.brake_id == brake.id))


def waive(session: Session, site_id: int, *, hours: int, now: datetime) -> None:
    """Let the site's changes pass for some hours, and start its count afresh."""
    session.execute(sa.delete(Moves).where(Moves.site_id == site_id))
    if hours > 0:
        session.execute(
            sa.update(Site)
            .where(Site.id == site_id)
            .values(brake_waived_until=now + timedelta(hours=hours))
            .execution_options(synchronize_session=False)
        )
