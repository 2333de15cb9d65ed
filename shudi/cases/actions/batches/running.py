"""What the worker does: a few accounts at a time, each by the ordinary acts."""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.audit.actions import record
from shudi.cases.actions.batches.items import Target, Work, prepare
from shudi.cases.actions.batches.listing import lacks_second, work_of
from shudi.cases.rules.batches import BatchState, Outcome, outcome_of
from shudi.cases.store.batches import Batch, BatchItem
from shudi.db import OUTAGES
from shudi.errors import ShudiError
from shudi.regions.rules import Vocabulary
from shudi.settings import Settings
from shudi.staff.rules import Actor

log = logging.getLogger("shudi.batches")
AT_ONCE = 25  # accounts in one transaction: other writers wait for as long as these take
_WORKER = Actor.system("worker")


def run_some(
    session: Session,
    *,
    vocabulary: Vocabulary,
    settings: Settings,
    now: datetime,
    limit: int = AT_ONCE,
) -> int:
    """Do the next accounts of the batch that has waited longest; returns how many (0: none left).
    One that takes a second person by now, and has none, waits for one.

    What became of an account is written in the transaction that changes its label, and this
    transaction is the only one that writes: whoever is killed, or works beside, an account is
    done once.
    """
    batch = session.scalar(
        sa.select(Batch)
        .where(Batch.state == BatchState.RUNNING)
        .order_by(Batch.touched_at, Batch.id)
        .limit(1)
    )
    if batch is None:
        return 0
    if lacks_second(session, batch, settings):
        # the rule was tightened after it was made: nothing more is done on one person's word
        batch.second, batch.state, batch.touched_at = True, BatchState.WAITING, now
        record(session, _WORKER, "batch.held", ("batch", batch.id), now)
        return 1
    if batch.started_at is None:
        record(session, _WORKER, "batch.started", ("batch", batch.id), now)
    waiting = session.scalars(
        sa.select(BatchItem)
        .where(BatchItem.batch_id == batch.id, BatchItem.outcome == Outcome.WAITING)
        .order_by(BatchItem.position)
        .limit(limit + 1)
    ).all()
    work = work_of(session, batch, vocabulary=vocabulary, settings=settings, now=now)
    for item in waiting[:limit]:
        _do(session, work, item)
    _count(session, batch, waiting[:limit], now)
    if len(waiting) <= limit:
        _end(session, batch, now)
    return max(len(waiting[:limit]), 1)


def _do(session: Session, work: Work, item: BatchItem) -> None:
    """One account: all of it, or nothing and why."""
    target = Target(item.account_id, item.version, item.correction_id)
    try:
        with session.begin_nested():
            correction = prepare(session, work, target).carry_out()
            session.flush()  # what the store refuses is this account's refusal
        item.outcome, item.code, item.correction_id = Outcome.DONE, "", correction.id
    except ShudiError as error:
        item.outcome, item.code = outcome_of(error), error.code
    except OUTAGES:
        raise  # says nothing of this account: all of them are tried again
    except Exception:  # the last handler: one account must not hold up the others for ever
        log.exception("batch item failed")
        item.outcome, item.code = Outcome.FAILED, "fault"
    item.at = work.now
    if item.outcome is not Outcome.STALE:  # whoever tries it again sees what it was, nobody else
        item.seen_state = item.seen_region = None


def _count(session: Session, batch: Batch, items: Sequence[BatchItem], now: datetime) -> None:
    """Say how far it is. That is no change that a person who read the batch must see first, so
    its version stays.
    """
    values: dict[str, Any] = {
        "worked": Batch.worked + len(items),
        "done": Batch.done + sum(item.outcome is Outcome.DONE for item in items),
        "touched_at": now,
    }
    if batch.started_at is None:
        values["started_at"] = now
    session.execute(
        sa.update(Batch)
        .where(Batch.id == batch.id)
        .values(values)
        .execution_options(synchronize_session=False)
    )


def _end(session: Session, batch: Batch, now: datetime) -> None:
    session.flush()  # the outcomes are counted below
    batch.state, batch.ended_at = BatchState.DONE, now
    rows = session.execute(
        sa.select(BatchItem.outcome, sa.func.count())
        .where(BatchItem.batch_id == batch.id)
        .group_by(BatchItem.outcome)
    )
    after = {outcome.value: count for outcome, count in rows}
    record(session, _WORKER, "batch.ended", ("batch", batch.id), now, after)
