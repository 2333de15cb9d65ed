"""Telling people what happened to their own way in."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.audit.queries import count_since
from shudi.errors import NotAllowed
from shudi.staff.rules import Actor
from shudi.staff.store.factors import NoticeKind, StaffNotice

_KEPT = timedelta(days=365)
_SEVERAL = 3  # refusals: one or two are a slip of one's own


def tell(
    session: Session, *, staff_id: int, kind: NoticeKind, now: datetime, count: int = 0
) -> None:
    """Leave a notice that this person sees until they say so."""
    row = {"staff_id": staff_id, "kind": kind, "count": count, "at": now}
    session.execute(sa.insert(StaffNotice), row)


def tell_of_refusals(session: Session, *, staff_id: int, now: datetime) -> None:
    """Tell them if signing in as them was refused several times since they came last."""
    refused = count_since(
        session,
        action="staff.sign_in_refused",
        since="staff.signed_in",
        target=("staff", str(staff_id)),
    )
    if refused >= _SEVERAL:
        tell(session, staff_id=staff_id, kind=NoticeKind.REFUSALS, now=now, count=refused)


def see_notices(session: Session, *, actor: Actor, last: int, now: datetime) -> None:
    """The actor has seen their notices up to the one with id `last`."""
    if actor.staff_id is None:
        raise NotAllowed("not-staff", "Only people who work here have notices.")
    session.execute(
        sa.update(StaffNotice)
        .where(
            StaffNotice.staff_id == actor.staff_id,
            StaffNotice.id <= last,
            StaffNotice.seen_at.is_(None),
        )
        .values(seen_at=now)
    )


def forget_notices(session: Session, *, now: datetime) -> int:
    """Delete what is older than a year; returns how many."""
    gone = session.execute(
        sa.delete(StaffNotice).where(StaffNotice.at < now - _KEPT).returning(StaffNotice.id)
    )
    return len(gone.all())
