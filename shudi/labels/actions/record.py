"""How a correction is marked as ended, and what of it goes on record."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from shudi.audit.actions import Entry, append
from shudi.labels import rules
from shudi.labels.rules import CorrectionState
from shudi.labels.store import Correction, Label
from shudi.outbox.actions import put
from shudi.outbox.rules import Topic
from shudi.staff.rules import Actor

# What the platform, or the desk by mail, hears of a correction's life. One that another takes the
# place of is not told of: the other one is.
_TOLD = {
    "correction.approved": Topic.CORRECTION_IN_FORCE,
    "correction.expired": Topic.CORRECTION_DUE,
    "correction.in_force": Topic.CORRECTION_IN_FORCE,
    "correction.lifted": Topic.CORRECTION_LIFTED,
    "correction.not_confirmed": Topic.CORRECTION_LIFTED,
    "correction.restored": Topic.CORRECTION_IN_FORCE,
    "correction.reverted": Topic.CORRECTION_EXPIRED,
    "correction.undone": Topic.CORRECTION_LIFTED,
}


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
    """One audit row about a correction: kept original before, coarse value and codes after; and
    the notice of it, where there is one.

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
    risks = correction.lift_risks if action == "correction.lift_proposed" else correction.risks
    if risks:
        after["second_person"] = risks
    if correction.starts_at is not None:
        after["starts"] = correction.starts_at.isoformat()
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
    if action in _TOLD:
        _tell(session, _TOLD[action], correction, now)


def _tell(session: Session, topic: Topic, correction: Correction, now: datetime) -> None:
    """Queue the notice. The reason is for the holder and the desk alone, so it is left out."""
    label = session.get(Label, correction.account_id)
    if label is None:
        return
    payload = {
        "account": label.account,
        "correction": correction.id,
        "kind": correction.kind.value,
        "label_version": label.version,
    }
    put(session, topic=topic, site_id=correction.site_id, payload=payload, now=now)
