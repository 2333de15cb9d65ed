"""The second person's word on a correction. Who may give it is asked in shudi.cases."""

from datetime import datetime

from sqlalchemy.orm import Session

from shudi.errors import Stale
from shudi.labels import rules
from shudi.labels.actions.corrections import (
    check_not_withheld_since,
    check_seen,
    get,
    loaded,
    supersede,
)
from shudi.labels.actions.display import refresh
from shudi.labels.actions.record import end, record
from shudi.labels.actions.restoring import show_without
from shudi.labels.rules import CorrectionKind, CorrectionState
from shudi.labels.store import Correction, Label
from shudi.staff.rules import Actor, Permission


def approve(
    session: Session,
    *,
    actor: Actor,
    correction_id: int,
    version: int,
    label_version: int,
    now: datetime,
) -> Correction:
    """The second person agrees: the correction decides the label, from now or from its day on."""
    correction = _waiting_for(session, actor, correction_id, version)
    _, label = loaded(session, correction.account_id, now)
    check_seen(label, label_version)
    correction.approved_by, correction.approved_at = actor.staff_id, now
    if correction.unconfirmed:
        correction.unconfirmed = False
        record(session, actor, "correction.confirmed", correction, now)
        return correction
    _check_still_meant(session, correction, label)
    if correction.starts_at is not None and correction.starts_at > now:
        correction.state = CorrectionState.SCHEDULED
        record(session, actor, "correction.approved_ahead", correction, now)
        return correction
    supersede(session, actor, correction, now)
    correction.state = CorrectionState.IN_FORCE
    refresh(session, label, correction, now)
    record(session, actor, "correction.approved", correction, now)
    return correction


def _check_still_meant(session: Session, correction: Correction, label: Label) -> None:
    """A coarser place was meant for the place shown then; it is not coarser than another one.
    Nor was anything meant for a label that somebody has withheld since to protect its account.
    """
    check_not_withheld_since(session, correction)
    derived = correction.kind in (CorrectionKind.COARSEN, CorrectionKind.MARK_UNCERTAIN)
    if derived and label.region != correction.original_region:
        check_seen(label, correction.label_version)


def refuse(
    session: Session, *, actor: Actor, correction_id: int, version: int, text: str, now: datetime
) -> Correction:
    """The second person does not agree; the reason goes to the proposer. What was in force in the
    meantime ends, and the label is again what it was.
    """
    correction = _waiting_for(session, actor, correction_id, version)
    text = rules.check_reason(text)
    applied, correction.unconfirmed = correction.unconfirmed, False
    end(correction, CorrectionState.REFUSED, actor, text, now)
    if applied:
        show_without(session, actor, correction, now, restore=True)
    action = "correction.not_confirmed" if applied else "correction.refused"
    record(session, actor, action, correction, now, text=text)
    return correction


def _waiting_for(session: Session, actor: Actor, correction_id: int, version: int) -> Correction:
    correction = get(session, correction_id, version)
    actor.require(Permission.CORRECTION_APPROVE, account_id=correction.account_id)
    if correction.state is not CorrectionState.PROPOSED and not correction.unconfirmed:
        raise Stale("correction-moved", "This proposal does not wait any more.")
    return correction


def withdraw(
    session: Session, *, actor: Actor, correction_id: int, version: int, now: datetime
) -> Correction:
    """The proposer takes the proposal back."""
    correction = get(session, correction_id, version)
    actor.require(Permission.CORRECTION_PROPOSE, account_id=correction.account_id)
    if correction.state is not CorrectionState.PROPOSED:
        raise Stale("correction-moved", "This proposal does not wait any more.")
    end(correction, CorrectionState.WITHDRAWN, actor, "", now)
    record(session, actor, "correction.withdrawn", correction, now)
    return correction
