"""Writing what a batch resolved to, over many rows at once."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.db import bulk
from shudi.labels.actions.batch import Result
from shudi.labels.actions.display import next_seqs
from shudi.labels.rules import NOTHING, CorrectionState, Displayed, State, displayed
from shudi.labels.store import Correction, DroppedResult

_ADD = """
INSERT INTO labels (account_id, site_id, account, resolved_state, resolved_region, state, region,
    basis, corrected, disputed, hidden, deleted, since, version, seq)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_RESOLVE = "UPDATE labels SET resolved_state = ?, resolved_region = ? WHERE account_id = ?"
_SHOW = """
UPDATE labels SET resolved_state = ?, resolved_region = ?, state = ?, region = ?, basis = ?,
    since = ?, version = version + 1, seq = ?
WHERE account_id = ?
"""


def unseen(change: Result) -> bool:
    """Whether readers will not notice."""
    before = change.known
    after = displayed(change.resolved, None, hidden=before.hidden)
    if before.corrected or (after.state, after.region) == (before.state, before.region):
        return True
    return before.hidden and before.state in (None, State.NONE)


def write_quiet(session: Session, site_id: int, quiet: Sequence[Result], now: datetime) -> None:
    """What activity says now, where readers see no change."""
    new = [_added(change, site_id, NOTHING, now, version=0, seq=0) for change in _new(quiet)]
    old = [
        (change.resolved.state.value, change.resolved.region, change.known.account_id)
        for change in _known(quiet)
    ]
    bulk.many(session, _RESOLVE, old)
    bulk.many(session, _ADD, new)


def write_changes(session: Session, site_id: int, changes: Sequence[Result], now: datetime) -> None:
    """Labels that readers see change: each gets the next number of the site's sequence."""
    if not changes:
        return
    changes = sorted(changes, key=lambda change: change.known.account_id)
    first = next_seqs(session, site_id, len(changes), now)
    today = now.date().isoformat()
    new, old = [], []
    for seq, change in enumerate(changes, first):
        shown = displayed(change.resolved, None, hidden=change.known.hidden)
        if change.known.resolved_state is None:
            new.append(_added(change, site_id, shown, now, version=1, seq=seq))
        else:
            old.append((*_facts(change, shown), today, seq, change.known.account_id))
    bulk.many(session, _SHOW, old)
    bulk.many(session, _ADD, new)


def _new(changes: Sequence[Result]) -> list[Result]:
    return [change for change in changes if change.known.resolved_state is None]


def _known(changes: Sequence[Result]) -> list[Result]:
    return [change for change in changes if change.known.resolved_state is not None]


def _facts(change: Result, shown: Displayed) -> tuple[str, str | None, str, str | None, str]:
    resolved = change.resolved
    return (
        resolved.state.value,
        resolved.region,
        shown.state.value,
        shown.region,
        shown.basis.value,
    )


def _added(
    change: Result, site_id: int, shown: Displayed, now: datetime, *, version: int, seq: int
) -> tuple[object, ...]:
    known = change.known
    return (
        known.account_id,
        site_id,
        known.account,
        *_facts(change, shown),
        False,  # corrected
        False,  # disputed
        known.hidden,
        False,  # deleted
        now.date().isoformat(),
        version,
        seq,
    )


def record_drops(session: Session, quiet: Sequence[Result], now: datetime) -> None:
    """A result that a correction holds back is recorded with the value it wanted."""
    wanted = {
        change.known.account_id: change.resolved
        for change in quiet
        # a hidden account may have a correction in force as well
        if change.known.corrected or change.known.hidden
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
