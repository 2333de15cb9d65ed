"""Letting go of what a brake held: each account as it stands now, not as it stood then."""

import dataclasses
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.store import Account, Protection
from shudi.clock import microseconds
from shudi.labels.actions import changing
from shudi.labels.actions.batch import Known
from shudi.labels.actions.latest import keep
from shudi.labels.rules import Resolved, rank
from shudi.labels.store import Brake, HeldResult, Label, LatestActivity

_CHUNK = 5000


class Held(NamedTuple):
    """What a brake holds of an account as it is `known` now: what it would resolve to, from the
    activity of which instant (microseconds since 1970), and on what evidence.
    """

    known: Known
    resolved: Resolved
    at: int
    shown: str
    evidence: str


@dataclasses.dataclass(frozen=True, slots=True)
class Applied:
    """What became of it: readers see it, or something hides it, or later activity had spoken."""

    seen: list[Held]
    quiet: list[Held]
    overtaken: list[Held]


@dataclasses.dataclass(slots=True)
class Released:
    """How many labels changed, and how many later activity or a correction had overtaken."""

    changed: int = 0
    overtaken: int = 0


def release(session: Session, brake: Brake, *, now: datetime) -> Released:
    """Apply all that the brake holds, unless later activity has spoken since. The held rows
    stay: whoever decides removes them.
    """
    released, after = Released(), 0
    while rows := held(session, brake.id, HeldResult.account_id > after):
        done = apply(session, brake.site_id, rows, now)
        released.changed += len(done.seen)
        released.overtaken += len(done.overtaken) + sum(bool(x.known.corrected) for x in done.quiet)
        after = rows[-1].known.account_id
    return released


def held_of(session: Session, brake: Brake, accounts: Collection[int]) -> list[Held]:
    """What the brake holds of these accounts."""
    return held(session, brake.id, HeldResult.account_id.in_(accounts))


def held(session: Session, brake_id: int, which: sa.ColumnElement[bool]) -> list[Held]:
    """The next part of what a brake holds, by account."""
    query = (
        sa.select(
            Account.id,
            Account.account,
            Account.deleted_at.is_not(None),
            Account.protection != Protection.NONE,
            LatestActivity.at,
            Label.resolved_state,
            Label.resolved_region,
            Label.state,
            Label.region,
            sa.func.coalesce(Label.corrected, sa.false()),
            HeldResult.at,
            HeldResult.state,
            HeldResult.region,
            HeldResult.shown,
            HeldResult.evidence,
        )
        .join(Account, Account.id == HeldResult.account_id)
        .outerjoin(Label, Label.account_id == Account.id)
        .outerjoin(LatestActivity, LatestActivity.account_id == Account.id)
        .where(HeldResult.brake_id == brake_id, Account.deleted_at.is_(None), which)
        .order_by(HeldResult.account_id)
        .limit(_CHUNK)
    )
    found = []
    for *about, at, state, region, shown, evidence in session.execute(query):
        about[4] = None if about[4] is None else microseconds(about[4])
        found.append(
            Held(Known(*about), Resolved(state, region), microseconds(at), shown, evidence)
        )
    return found


def apply(session: Session, site_id: int, rows: Sequence[Held], now: datetime) -> Applied:
    """Write what nothing outranks."""
    done = Applied([], [], [])
    for one in rows:
        if _overtaken(one):
            done.overtaken.append(one)
        else:
            (done.quiet if changing.unseen(one) else done.seen).append(one)
    changing.write_quiet(session, site_id, done.quiet, now)
    changing.record_drops(session, done.quiet, now)
    changing.write_changes(session, site_id, done.seen, now)
    written = [*done.quiet, *done.seen]
    keep(session, [(one.known.account_id, one.at, one.evidence) for one in written])
    return done


def _overtaken(one: Held) -> bool:
    known = one.known
    if known.latest_at is None:
        return False
    said = rank(known.latest_at, known.resolved_state or "", known.resolved_region)
    return rank(one.at, one.resolved.state, one.resolved.region) <= said
