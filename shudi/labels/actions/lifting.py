"""How a correction ends: lifted by people, or at its expiry."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from shudi.errors import NotAllowed, NotFound, Refused, Stale
from shudi.labels import rules
from shudi.labels.actions.corrections import get
from shudi.labels.actions.display import refresh
from shudi.labels.actions.record import end, record
from shudi.labels.rules import AtExpiry, CorrectionState
from shudi.labels.store import Correction, Label
from shudi.settings import Settings
from shudi.staff.rules import Actor, Permission


def lift(
    session: Session, *, actor: Actor, correction_id: int, version: int, text: str, now: datetime
) -> Correction:
    """End a correction before its time, or propose to, where making it took two people."""
    correction = _in_force(session, actor, correction_id, version)
    text = rules.check_reason(text)
    if rules.needs_second_person(correction.kind) and correction.expired_at is None:
        return _propose_lift(session, actor, correction, text, now)
    _lift(session, actor, correction, text, now)
    return correction


def _in_force(session: Session, actor: Actor, correction_id: int, version: int) -> Correction:
    correction = get(session, correction_id, version)
    actor.require(Permission.CORRECTION_LIFT, account_id=correction.account_id)
    if correction.state is not CorrectionState.IN_FORCE:
        raise Stale("correction-moved", "This correction is not in force any more.")
    senior = actor.may(Permission.CORRECTION_APPROVE)
    if rules.lifting_needs_senior(correction.kind) and not senior:
        raise NotAllowed("senior-needed", "A withheld label is shown again by a senior only.")
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
    _lift(session, actor, correction, correction.lift_reason, now)
    return correction


def refuse_lift(
    session: Session, *, actor: Actor, correction_id: int, version: int, text: str, now: datetime
) -> Correction:
    """The second person wants it to stay in force."""
    correction = _lift_waiting_for(session, actor, correction_id, version)
    text = rules.check_reason(text)
    correction.lift_proposed_by = correction.lift_proposed_at = None
    correction.lift_reason = ""
    record(session, actor, "correction.lift_refused", correction, now, text=text)
    return correction


def _lift_waiting_for(
    session: Session, actor: Actor, correction_id: int, version: int
) -> Correction:
    correction = _in_force(session, actor, correction_id, version)
    actor.require(Permission.CORRECTION_APPROVE, account_id=correction.account_id)
    if correction.lift_proposed_by is None:
        raise Refused("lift-not-proposed", "Nobody proposed to end this correction.")
    if correction.lift_proposed_by == actor.staff_id:
        raise NotAllowed("own-proposal", "A second person must decide on your proposal.")
    return correction


def _lift(session: Session, actor: Actor, correction: Correction, text: str, now: datetime) -> None:
    end(correction, CorrectionState.LIFTED, actor, text, now)
    session.flush()  # the label is computed without it
    _show_again(session, correction, now)
    record(session, actor, "correction.lifted", correction, now, text=text)


def _show_again(session: Session, correction: Correction, now: datetime) -> None:
    label = session.get(Label, correction.account_id)
    if label is None:
        raise NotFound("account-unknown", "There is no such account.")
    refresh(session, label, None, now)


def extend(
    session: Session, *, actor: Actor, correction: Correction, settings: Settings, now: datetime
) -> None:
    """At its expiry a person finds it still right: it stands for another term.

    What took two people to make takes somebody other than its proposer to renew, a senior.
    """
    if rules.needs_second_person(correction.kind) and (
        correction.proposed_by == actor.staff_id or not actor.may(Permission.CORRECTION_APPROVE)
    ):
        raise NotAllowed("second-person-needed", "A senior other than the proposer renews this.")
    correction.expired_at = None
    correction.expires_at = now + timedelta(days=settings.correction_days)
    record(session, actor, "correction.extended", correction, now)


def expire(session: Session, *, actor: Actor, correction: Correction, now: datetime) -> bool:
    """The clock ran out: revert, or stay in force and go back to the queue (then True)."""
    if correction.at_expiry is AtExpiry.REVERT and rules.may_revert_by_itself(correction.kind):
        end(correction, CorrectionState.REVERTED, actor, "", now)
        session.flush()  # the label is computed without it
        _show_again(session, correction, now)
        record(session, actor, "correction.reverted", correction, now)
        return False
    correction.expired_at = now
    record(session, actor, "correction.expired", correction, now)
    return True
