"""A sample of what a brake holds, let go first so that a person can look at it."""

import hashlib
import heapq
import hmac
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.clock import from_microseconds
from shudi.errors import Refused
from shudi.labels.actions.display import in_force, refresh
from shudi.labels.actions.held import Held, apply, held_of
from shudi.labels.rules import State
from shudi.labels.rules.brakes import Sampled, sample_size
from shudi.labels.store import Brake, HeldResult, Label, LatestActivity
from shudi.labels.store.samples import BrakeSample

_QUIET = {"synchronize_session": False}


def release_sample(session: Session, brake: Brake, *, key: bytes, now: datetime) -> int:
    """Let some of the held accounts go, drawn by a key so that nobody can tell which beforehand;
    returns how many. Refused where too few are held for a sample to say anything.
    """
    held = session.scalars(
        sa.select(HeldResult.account_id).where(HeldResult.brake_id == brake.id)
    ).all()
    size = sample_size(len(held))
    if not size:
        raise Refused("sample-too-few", "So few accounts are held that a sample says nothing.")
    drawn = heapq.nsmallest(size, held, key=lambda account: _lot(key, brake.id, account))
    before = _evidence_ids(session, drawn)
    rows = held_of(session, brake, drawn)
    done = apply(session, brake.site_id, rows, now)
    for outcome, some in (
        (Sampled.CHANGED, done.seen),
        (Sampled.QUIET, done.quiet),
        (Sampled.OVERTAKEN, done.overtaken),
    ):
        session.add_all(_row(brake, one, outcome, before, now) for one in some)
    _let_go(session, brake.id, drawn)
    return len(rows)


def _lot(key: bytes, brake_id: int, account_id: int) -> bytes:
    return hmac.digest(key, f"brake-sample:{brake_id}:{account_id}".encode(), hashlib.sha256)


def _evidence_ids(session: Session, accounts: Sequence[int]) -> dict[int, int]:
    query = sa.select(LatestActivity.account_id, LatestActivity.evidence_id)
    found = session.execute(query.where(LatestActivity.account_id.in_(accounts)))
    return {row.account_id: row.evidence_id for row in found}


def _row(
    brake: Brake, one: Held, outcome: Sampled, evidence_ids: dict[int, int], now: datetime
) -> BrakeSample:
    known = one.known
    return BrakeSample(
        brake_id=brake.id,
        account_id=known.account_id,
        sampled_at=now,
        shown=one.shown,
        state=one.resolved.state,
        region=one.resolved.region,
        outcome=outcome,
        evidence=one.evidence,
        before_state=State(known.resolved_state or State.NONE),
        before_region=known.resolved_region,
        before_at=None if known.latest_at is None else from_microseconds(known.latest_at),
        before_evidence_id=evidence_ids.get(known.account_id),
    )


def _let_go(session: Session, brake_id: int, accounts: Sequence[int]) -> None:
    session.execute(
        sa.delete(HeldResult)
        .where(HeldResult.brake_id == brake_id, HeldResult.account_id.in_(accounts))
        .execution_options(**_QUIET)
    )


def take_back(session: Session, brake: Brake, *, now: datetime) -> tuple[int, int]:
    """Put the sample's labels back as they were, but those of which something else was said
    since; returns how many went back, and how many did not.

    Activity that says the sample's place again is part of what is rejected and keeps nothing; a
    correction that came since stays in force, over what was there before.
    """
    query = (
        sa.select(BrakeSample, Label)
        .join(Label, Label.account_id == BrakeSample.account_id)
        .where(BrakeSample.brake_id == brake.id, Label.deleted.is_(False))
        .where(BrakeSample.outcome.in_((Sampled.CHANGED, Sampled.QUIET)))
    )
    back = stayed = 0
    for sample, label in session.execute(query):
        if (label.resolved_state, label.resolved_region) != (sample.state, sample.region):
            sample.outcome = Sampled.KEPT
            stayed += 1
            continue
        label.resolved_state, label.resolved_region = sample.before_state, sample.before_region
        correction = in_force(session, label.account_id) if label.corrected else None
        refresh(session, label, correction, now)
        _activity_back(session, sample)
        sample.outcome = Sampled.REVERTED
        back += 1
    session.flush()  # the outcomes go in before `seal` empties the rest
    return back, stayed


def _activity_back(session: Session, sample: BrakeSample) -> None:
    """So that later activity is compared with what is shown again."""
    mine = LatestActivity.account_id == sample.account_id
    if sample.before_at is None:
        session.execute(sa.delete(LatestActivity).where(mine).execution_options(**_QUIET))
        return
    values = {"at": sample.before_at, "evidence_id": sample.before_evidence_id}
    session.execute(
        sa.update(LatestActivity).where(mine).values(values).execution_options(**_QUIET)
    )


def seal(session: Session, brake_id: int) -> None:
    """Keep of a sample what came of it, and no more: the brake is decided."""
    session.execute(
        sa.update(BrakeSample)
        .where(BrakeSample.brake_id == brake_id)
        .values(evidence="", before_at=None, before_evidence_id=None)
        .execution_options(**_QUIET)
    )
