"""Forgetting what has served its time."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.clients.rules import ANSWERS_KEPT
from shudi.clients.store import Allowance, IdempotentAnswer

_WINDOWS_KEPT = timedelta(hours=2)  # the longest window is an hour


def forget_old(session: Session, *, now: datetime) -> int:
    """Delete answers past 24 hours and allowances of closed windows; returns how many rows."""
    answers = session.execute(
        sa.delete(IdempotentAnswer).where(IdempotentAnswer.created_at <= now - ANSWERS_KEPT)
    )
    opened_before = int((now - _WINDOWS_KEPT).timestamp())
    windows = session.execute(sa.delete(Allowance).where(Allowance.window < opened_before))
    return int(answers.rowcount + windows.rowcount)  # type: ignore[attr-defined]
