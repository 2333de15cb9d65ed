"""What the worker does on a timer: expiry, leases, retention. Each call is one small batch."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.actions import forget_refused
from shudi.cases.actions import attachments
from shudi.cases.actions.claims import lapse
from shudi.cases.actions.closing import close_answered
from shudi.cases.actions.opening import Opening, open_case
from shudi.cases.rules import SENDER_KEPT, CaseKind
from shudi.cases.store import Case, Claim, HolderLink, HolderSession
from shudi.cases.store.batches import Batch, BatchItem
from shudi.cases.store.case_page import Mention
from shudi.cases.store.queue import CaseReport, Presence, Skip
from shudi.clients.actions.upkeep import forget_old
from shudi.labels.actions import lifting
from shudi.labels.rules import CorrectionState
from shudi.labels.store import Correction, DroppedResult, HeldResult, Moves, Tally
from shudi.labels.store.samples import BrakeSample
from shudi.labels.store.trials import SourceTrial
from shudi.outbox.actions import forget_old as forget_messages
from shudi.settings import Settings
from shudi.staff.actions.sessions import purge as purge_staff
from shudi.staff.rules import Actor
from shudi.staff.store import Staff, StaffState
from shudi.staff.store.scopes import works_at

BATCH = 500
_WORKER = Actor.system("worker")
_DAY = timedelta(days=1)


def expire_corrections(session: Session, *, now: datetime, limit: int = 50) -> int:
    """End or re-queue corrections whose time is over; returns how many."""
    due = session.scalars(
        sa.select(Correction)
        .where(
            Correction.state == CorrectionState.IN_FORCE,
            Correction.expires_at <= now,
            Correction.expired_at.is_(None),
        )
        .order_by(Correction.expires_at)
        .limit(limit)
    ).all()
    for correction in due:
        if lifting.expire(session, actor=_WORKER, correction=correction, now=now):
            opening = Opening(
                kind=CaseKind.EXPIRY,
                site_id=correction.site_id,
                account_id=correction.account_id,
                correction_id=correction.id,
            )
            open_case(session, actor=_WORKER, opening=opening, now=now)
        else:
            close_answered(session, actor=_WORKER, account_id=correction.account_id, now=now)
    return len(due)


def release_leases(session: Session, *, now: datetime, limit: int = BATCH) -> int:
    """End claims whose lease ran out, and those of people who work here, or at the case's site, no
    longer, however long theirs would run, so that the queue shows the case as free.
    """
    gone = sa.select(Staff.id).where(Staff.state == StaffState.DISABLED)
    left = ~works_at(Claim.staff_id, Case.site_id)
    over = sa.or_(Claim.expires_at <= now, Claim.staff_id.in_(gone), left)
    lapsed = session.execute(
        sa.select(Claim, Case)
        .join(Case, Case.id == Claim.case_id)
        .where(Claim.ended_at.is_(None), over)
        .limit(limit)
    ).all()
    for claim, case in lapsed:
        lapse(session, case, claim, now)
    return len(lapsed)


def purge(session: Session, *, settings: Settings, now: datetime) -> int:
    """Delete at most BATCH rows a table whose time is over; returns how many (0: none left)."""
    oldest = (now - timedelta(days=settings.retention_days)).date()
    ids = (
        sa.select(Tally.account_id, Tally.day, Tally.region)
        # a day that began before the window did may hold what is older than it: all of it goes
        .where(Tally.day <= oldest)
        .order_by(Tally.day)
        .limit(BATCH)
    )
    gone = _delete(
        session,
        sa.delete(Tally).where(sa.tuple_(Tally.account_id, Tally.day, Tally.region).in_(ids)),
    )
    gone += _purge_results(session, now - timedelta(days=settings.retention_days))
    minute = int(now.timestamp()) // 60
    for statement in (
        sa.delete(Moves).where(Moves.minute < minute - 120),
        sa.delete(HolderSession).where(HolderSession.expires_at < now),
        sa.delete(HolderLink).where(HolderLink.expires_at < now - _DAY),
        sa.delete(Presence).where(Presence.expires_at < now),
        sa.delete(Skip).where(Skip.until < now),
        sa.delete(CaseReport).where(CaseReport.id.in_(_old_senders(now))),
        sa.delete(Mention).where(Mention.at < now - timedelta(days=settings.retention_days)),
    ):
        gone += _delete(session, statement)
    gone += forget_refused(session, now=now, limit=BATCH)
    gone += attachments.expire(session, settings=settings, now=now, limit=BATCH)
    gone += forget_old(session, now=now)
    gone += forget_messages(session, now=now)
    return gone + purge_staff(session, now=now)


def _old_senders(now: datetime) -> sa.Select[int]:
    """Reports whose sender need not be told from others any more."""
    old = CaseReport.at < now - SENDER_KEPT
    return sa.select(CaseReport.id).where(old).order_by(CaseReport.at).limit(BATCH)


def _purge_results(session: Session, before: datetime) -> int:
    """What a correction or a brake held back is a trace of activity too, and goes with it; so is
    what a batch found moved.
    """
    dropped = sa.select(DroppedResult.id).where(DroppedResult.at < before).limit(BATCH)
    held = (
        sa.select(HeldResult.brake_id, HeldResult.account_id)
        .where(HeldResult.at < before)
        .limit(BATCH)
    )
    sampled = (
        sa.select(BrakeSample.brake_id, BrakeSample.account_id)
        .where(BrakeSample.sampled_at < before)
        .limit(BATCH)
    )
    tried = (
        sa.select(SourceTrial.update_id, SourceTrial.account_id)
        .where(SourceTrial.at < before)
        .limit(BATCH)
    )
    seen = (
        sa.select(BatchItem.batch_id, BatchItem.position)
        .join(Batch, Batch.id == BatchItem.batch_id)
        .where(BatchItem.seen_state.is_not(None), Batch.touched_at < before)
        .limit(BATCH)
    )
    item_key = sa.tuple_(BatchItem.batch_id, BatchItem.position)
    key = sa.tuple_(HeldResult.brake_id, HeldResult.account_id)
    trial_key = sa.tuple_(SourceTrial.update_id, SourceTrial.account_id)
    sample_key = sa.tuple_(BrakeSample.brake_id, BrakeSample.account_id)
    return (
        _delete(session, sa.delete(DroppedResult).where(DroppedResult.id.in_(dropped)))
        + _delete(session, sa.delete(HeldResult).where(key.in_(held)))
        + _delete(session, sa.delete(BrakeSample).where(sample_key.in_(sampled)))
        + _delete(session, sa.delete(SourceTrial).where(trial_key.in_(tried)))
        + _delete(
            session,
            sa.update(BatchItem)
            .where(item_key.in_(seen))
            .values(seen_state=None, seen_region=None),
        )
    )


def _delete(session: Session, statement: sa.Delete | sa.Update) -> int:
    result = session.execute(statement.execution_options(synchronize_session=False))
    return int(getattr(result, "rowcount", 0))
