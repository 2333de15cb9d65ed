"""How a correction is marked as ended, and what of it goes on record."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from shudi.audit.actions import Entry, append
from shudi.labels import rules
from shudi.labels.rules import CorrectionState
from shudi.labels.store import Correction
from shudi.staff.rules import Actor


def end(
    correction: Correction,
    state: CorrectionState,
    actor: Actor,
    reason: str,
    now: datetime,
) -> None:
    """Mark how the correction ended; the `reason` of a person is checked before."""
    correction.state, correction.ended_at = state, now
    correction.ended_by, correction.end_reason = actor.staff_id, reason


def record(
    session: Session,
    actor: Actor,
    action: str,
    correction: Correction,
    now: datetime,
    *,
    text: str = "",
) -> None:
    """One audit row about a correction: kept original before, coarse value and codes after.

    Every act on a correction ends here, so its words are checked here.
    """
    text = rules.check_words(text)
    after: dict[str, Any] = {
        "kind": correction.kind.value,
        "region": correction.region,
        "state": correction.state.value,
        "reason": correction.reason,
        "account": correction.account_id,
    }
    before = {"state": correction.original_state.value, "region": correction.original_region}
    append(
        session,
        Entry(
            actor_id=actor.id,
            actor_name=actor.name,
            action=action,
            target_type="correction",
            target_id=correction.id,
            before=before,
            after=after,
            text=text,
            request_id=actor.request_id,
        ),
        now=now,
    )
