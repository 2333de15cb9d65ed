"""Trying new geo databases on accounts as they are seen; no label changes by it."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.db import bulk_upsert
from shudi.geo.rules import UpdateState
from shudi.geo.store import SourceUpdate
from shudi.labels.actions.batch import Tried
from shudi.labels.rules.drift import TRIAL_MOST
from shudi.labels.store.trials import SourceTrial


def note(session: Session, update_id: int, tried: Sequence[Tried], now: datetime) -> None:
    """Keep what the new databases say of these accounts, until enough are known. What is decided
    meanwhile ends the trial.
    """
    if not tried:
        return
    update = session.get(SourceUpdate, update_id)
    if update is None or update.state is not UpdateState.HELD:
        return
    count = sa.select(sa.func.count()).where(SourceTrial.update_id == update_id)
    room = TRIAL_MOST - (session.scalar(count) or 0)
    rows = [{"update_id": update_id, "at": now, **one._asdict()} for one in tried[: max(0, room)]]
    bulk_upsert(session, SourceTrial.__table__, rows, key=("update_id", "account_id"))
