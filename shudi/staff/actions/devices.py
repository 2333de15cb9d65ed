"""Browsers in which somebody signed in with both factors before: they have limits of their own, so
that whoever hammers an account from elsewhere does not lock its owner out.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.errors import NotFound
from shudi.staff.actions.door import Door
from shudi.staff.actions.notices import tell
from shudi.staff.actions.record import record
from shudi.staff.codec.keyring import token_hash
from shudi.staff.rules import Actor
from shudi.staff.store import Staff
from shudi.staff.store.factors import KnownDevice, NoticeKind

KEPT = timedelta(days=90)


def is_known(session: Session, *, door: Door, name: str) -> bool:
    """Whether the person of that name signed in here before. Asked alike for names of nobody."""
    known = (
        sa.select(KnownDevice.id)
        .join(Staff, Staff.id == KnownDevice.staff_id)
        .where(
            KnownDevice.token_hash == token_hash(door.device),
            KnownDevice.used_at > door.now - KEPT,
            Staff.name == name,
        )
    )
    return session.scalar(known) is not None


def remember(session: Session, *, door: Door, staff_id: int) -> None:
    """Know this browser from now on; they are told of it, if they were known in others before."""
    if not door.device:
        return
    digest = token_hash(door.device)
    mine = (KnownDevice.staff_id == staff_id, KnownDevice.token_hash == digest)
    seen = session.execute(
        sa.update(KnownDevice).where(*mine).values(used_at=door.now).returning(KnownDevice.id)
    ).first()
    if seen is not None:
        return
    others = sa.select(KnownDevice.id).where(KnownDevice.staff_id == staff_id).limit(1)
    if session.scalar(others) is not None:
        tell(session, staff_id=staff_id, kind=NoticeKind.NEW_DEVICE, now=door.now)
    values = {"token_hash": digest, "created_at": door.now, "used_at": door.now}
    session.execute(sa.insert(KnownDevice), {"staff_id": staff_id, **values})


def forget_device(session: Session, *, actor: Actor, device_id: int, now: datetime) -> None:
    """Know the actor in one of their browsers no more; NotFound if it is none of theirs."""
    gone = session.execute(
        sa.delete(KnownDevice)
        .where(KnownDevice.id == device_id, KnownDevice.staff_id == (actor.staff_id or 0))
        .returning(KnownDevice.id)
    ).first()
    if gone is None:
        raise NotFound("device-unknown", "There is no such browser.")
    record(session, actor, "staff.device_forgotten", actor.staff_id or 0, now)


def forget_devices(session: Session, *, staff_id: int, but: str = "") -> None:
    """Know this person in no browser any more but the one with that token."""
    session.execute(
        sa.delete(KnownDevice).where(
            KnownDevice.staff_id == staff_id, KnownDevice.token_hash != token_hash(but)
        )
    )


def forget_old_devices(session: Session, *, now: datetime) -> int:
    """Delete those unused for 90 days; returns how many."""
    gone = session.execute(
        sa.delete(KnownDevice).where(KnownDevice.used_at <= now - KEPT).returning(KnownDevice.id)
    )
    return len(gone.all())
