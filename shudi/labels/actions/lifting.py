"""How a correction ends: lifted by people, or at its expiry."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from shudi.errors import Refused, Stale
from shudi.labels import rules
from shudi.labels.actions.corrections import get
from shudi.labels.actions.record import end, record
from shudi.labels.actions.restoring import show_without
from shudi.labels.rules import AtExpiry, CorrectionState
from shudi.labels.store import Correction
from shudi.settings import Settings
from shudi.staff.rules import Actor, Permission


def lift(
    session: Session,
    *,
    actor: Actor,
    correction_id: int,
    version: int,
    text: str,
    now: datetime,
    risks: Sequence[str] = (),
    restores: bool = False,
) -> Correction:
    """End a correction before its time, or propose to, where there are `risks` (codes of why).

    With `restores`, the correction that it replaced comes back instead of what activity shows.
    """
    correction = liftable(session, actor, correction_id, version)
    text = rules.check_reason(text)
    correction.lift_risks, correction.lift_restores = ",".join(risks), restores
    if risks:
        return _propose_lift(session, actor, correction, text, now)
    _lift(session, actor, correction, text, now, restore=restores)
    return correction


def liftable(session: Session, actor: Actor, correction_id: int, version: int) -> Correction:
    """The correction as the person saw it, if they may end it or propose to."""
    correction = _in_force(session, actor, correction_id, version)
    if correction.unconfirmed:
        raise Refused("unconfirmed", "The second person decides on this correction.")
    return correction


def _in_force(session: Session, actor: Actor, correction_id: int, version: int) -> Correction:
    correction = get(session, correction_id, version)
    actor.require(Permission.CORRECTION_LIFT, account_id=correction.account_id)
    if correction.state is not CorrectionState.IN_FORCE:
        raise Stale("correction-moved", "This correction is not in force any more.")
    return correction


def _propose_lift(
    session: Session, actor: Actor, correction: Correction, text: str, now: datetime
) -> Correction:
    if correction.lift_proposed_by is not None:
        raise Stale("lift-waiting", "Ending this correction was proposed already.")
    correction.lift_proposed_by, correction.lift_proposed_at = actor.staff_id, now
    correction.lift_reason = text
    record(session, actor, "correction.lift_proposed", correction, now, text=text)
    return correction


def approve_lift(
    session: Session, *, actor: Actor, correction_id: int, version: int, now: datetime
) -> Correction:
    """The second person agrees that the correction ends."""
    correction = _lift_waiting_for(session, actor, correction_id, version)
    restore = correction.lift_restores
    _lift(session, actor, correction, correction.lift_reason, now, restore=restore)
    return correction


def refuse_lift(
    session: Session, *, actor: Actor, correction_id: int, version: int, text: str, now: datetime
) -> Correction:
    """The second person wants it to stay in force."""
    correction = _lift_waiting_for(session, actor, correction_id, version)
    text = rules.check_reason(text)
    correction.lift_proposed_by = correction.lift_proposed_at = None
    correction.lift_reason = correction.lift_risks = ""
    correction.lift_restores = False
    record(session, actor, "correction.lift_refused", correction, now, text=text)
    return correction


def _lift_waiting_for(
    session: Session, actor: Actor, correction_id: int, version: int
) -> Correction:
    correction = _in_force(session, actor, correction_id, version)
    actor.require(Permission.CORRECTION_APPROVE, account_id=correction.account_id)
    if correction.lift_proposed_by is None:
        raise Refused("lift-not-proposed", "Nobody proposed to end this correction.")
    return correction


def _lift(
    session: Session,
    actor: Actor,
    correction: Correction,
    text: str,
    now: datetime,
    *,
    restore: bool,
) -> None:
    end(correction, CorrectionState.LIFTED, actor, text, now)
    show_without(session, actor, correction, now, restore=restore)
    record(session, actor, "correction.lifted", correction, now, text=text)


def extend(
    session: Session, *, actor: Actor, correction: Correction, settings: Settings, now: datetime
) -> None:
    """At its expiry a person finds it still right: it stands for another term."""
    correction.expired_at = None
    correction.expires_at = now + timedelta(days=settings.correction_days)
    record(session, actor, "correction.extended", correction, now)


def expire(session: Session, *, actor: Actor, correction: Correction, now: datetime) -> bool:
    """The clock ran out: revert, or stay in force and go back to the queue (then True)."""
    if correction.at_expiry is AtExpiry.REVERT and rules.may_revert_by_itself(correction.kind):
        end(correction, CorrectionState.REVERTED, actor, "", now)
        show_without(session, actor, correction, now, restore=False)
        record(session, actor, "correction.reverted", correction, now)
        return False
    correction.expired_at = now
    record(session, actor, "correction.expired", correction, now)
    return True
