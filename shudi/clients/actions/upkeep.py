"""Forgetting what has served its time."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.clients.rules import ANSWERS_KEPT, DAYS_KEPT
from shudi.clients.store import Allowance, ApiKey, ApiKeyDay, IdempotentAnswer

_WINDOWS_KEPT = timedelta(hours=2)  # the longest window is an hour


def forget_old(session: Session, *, now: datetime) -> int:
    """Delete answers past 24 hours, allowances of closed windows, how much keys asked 90 days ago,
    and the hashes of keys that were replaced and are over; returns how many rows.
    """
    answers = session.execute(
        sa.delete(IdempotentAnswer).where(IdempotentAnswer.created_at <= now - ANSWERS_KEPT)
    )
    opened_before = int((now - _WINDOWS_KEPT).timestamp())
    windows = session.execute(sa.delete(Allowance).where(Allowance.window < opened_before))
    days = session.execute(sa.delete(ApiKeyDay).where(ApiKeyDay.day < (now - DAYS_KEPT).date()))
    over = session.execute(
        sa.update(ApiKey)
        .where(ApiKey.before_until <= now)
        .values(hash_before=None, before_until=None)
    )
    done = (answers, windows, days, over)
    return sum(one.rowcount for one in done)  # type: ignore[attr-defined]
