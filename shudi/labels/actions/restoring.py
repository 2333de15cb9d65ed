"""What the label shows once a correction no longer counts: what was there before, or activity."""

from datetime import datetime

from sqlalchemy.orm import Session

from shudi.errors import NotFound, Stale
from shudi.labels.actions.display import in_force, refresh
from shudi.labels.actions.record import end, record
from shudi.labels.rules import AtExpiry, CorrectionState
from shudi.labels.store import Correction, Label
from shudi.staff.rules import Actor


def comes_back(correction: Correction | None, now: datetime) -> bool:
    """Whether what another correction replaced would count again. Only one that was to end by
    itself has an end that nobody decides.
    """
    if correction is None or correction.state is not CorrectionState.SUPERSEDED:
        return False
    lasts = correction.expires_at is None or correction.expires_at > now
    return lasts or correction.at_expiry is AtExpiry.REQUEUE


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
    _count_again(former, now, asked=False)
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


def put_back(
    session: Session, actor: Actor, correction: Correction, now: datetime, *, asked: bool
) -> None:
    """An ended correction is in force as if it had not ended; `asked`: a case about its end is
    open. Stale where another is in force by now.
    """
    label = session.get(Label, correction.account_id)
    if label is None or in_force(session, correction.account_id) is not None:
        raise Stale("correction-moved", "Another correction is in force by now.")
    correction.state, correction.end_reason = CorrectionState.IN_FORCE, ""
    _count_again(correction, now, asked=asked)
    session.flush()  # the label is computed with it
    refresh(session, label, correction, now)
    record(session, actor, "correction.restored", correction, now)


def _count_again(correction: Correction, now: datetime, *, asked: bool) -> None:
    """A proposal to end it came to nothing when it ended another way; if its own term is over and
    nobody is `asked`, the worker puts it before people again.
    """
    correction.ended_at = correction.ended_by = None
    correction.lift_proposed_by = correction.lift_proposed_at = None
    over = correction.expires_at is not None and correction.expires_at <= now
    if over and not asked:
        correction.expired_at = None
