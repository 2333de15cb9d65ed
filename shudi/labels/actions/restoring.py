"""What the label shows once a correction no longer counts: what was there before, or activity."""

from datetime import datetime

from sqlalchemy.orm import Session

from shudi.errors import NotFound, Stale
from shudi.labels.actions.display import in_force, refresh
from shudi.labels.actions.record import end, record
from shudi.labels.rules import AtExpiry, CorrectionKind, CorrectionState
from shudi.labels.store import Correction, Label
from shudi.staff.rules import Actor


def comes_back(correction: Correction | None, now: datetime) -> bool:
    """Whether what another correction replaced would count again. A withheld label is shown by
    no clock, so its term does not matter.
    """
    if correction is None or correction.state is not CorrectionState.SUPERSEDED:
        return False
    lasts = correction.expires_at is None or correction.expires_at > now
    return lasts or correction.kind is CorrectionKind.WITHHOLD


def show_without(
    session: Session, actor: Actor, correction: Correction, now: datetime, *, restore: bool
) -> None:
    """Show the label as it is without `correction`, which has ended; with `restore` the one that
    it had replaced is in force again, if its time is not over.
    """
    session.flush()  # one in force at a time, by constraint
    label = session.get(Label, correction.account_id)
    if label is None:
        raise NotFound("account-unknown", "There is no such account.")
    former = session.get(Correction, correction.replaced_id) if correction.replaced_id else None
    if not restore or former is None or not comes_back(former, now):
        refresh(session, label, None, now)
        return
    former.state = CorrectionState.IN_FORCE
    former.ended_at = former.ended_by = None
    if former.expires_at is not None and former.expires_at <= now:
        former.expired_at = None  # the worker puts it before people again
    refresh(session, label, former, now)
    record(session, actor, "correction.restored", former, now)


def undo(session: Session, actor: Actor, correction: Correction, now: datetime) -> None:
    """The correction is as if it had not been. Stale where it no longer stands as it was made."""
    planned = correction.state is CorrectionState.SCHEDULED
    if not planned and correction.state is not CorrectionState.IN_FORCE:
        raise Stale("correction-moved", "This correction does not stand any more.")
    correction.lift_proposed_by = correction.lift_proposed_at = None
    end(correction, CorrectionState.UNDONE, actor, "", now)
    if not planned:
        show_without(session, actor, correction, now, restore=True)
    record(session, actor, "correction.undone", correction, now)


def put_back(session: Session, actor: Actor, correction: Correction, now: datetime) -> None:
    """An ended correction is in force as if it had not ended. Stale where another is by now."""
    label = session.get(Label, correction.account_id)
    if label is None or in_force(session, correction.account_id) is not None:
        raise Stale("correction-moved", "Another correction is in force by now.")
    correction.state, correction.end_reason = CorrectionState.IN_FORCE, ""
    correction.ended_at = correction.ended_by = None
    if correction.at_expiry is AtExpiry.REQUEUE and correction.expires_at:
        correction.expired_at = correction.expired_at if correction.expires_at <= now else None
    session.flush()  # the label is computed with it
    refresh(session, label, correction, now)
    record(session, actor, "correction.restored", correction, now)
