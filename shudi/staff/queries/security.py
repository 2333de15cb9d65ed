"""A person's own ways in, as they see them."""

import dataclasses
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.staff.store import Staff
from shudi.staff.store.factors import NoticeKind, RecoveryCode, StaffNotice

_RECENT = 20


@dataclasses.dataclass(frozen=True, slots=True)
class WaysIn:
    """What they can sign in with. `used`: when recovery codes were used, first one first."""

    password: bool
    app: bool
    codes_left: int
    used: tuple[datetime, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class NoticeRow:
    """Something that they are told; `seen` once they said so."""

    id: int
    kind: NoticeKind
    count: int
    at: datetime
    seen: bool


def ways_in(session: Session, *, staff_id: int) -> WaysIn:
    """What this person can sign in with."""
    person = session.execute(
        sa.select(Staff.password_hash != "", Staff.totp_secret != "").where(Staff.id == staff_id)
    ).one()
    codes = session.scalars(
        sa.select(RecoveryCode.used_at)
        .where(RecoveryCode.staff_id == staff_id)
        .order_by(RecoveryCode.used_at)
    ).all()
    used = tuple(at for at in codes if at is not None)
    return WaysIn(bool(person[0]), bool(person[1]), len(codes) - len(used), used)


def notices_of(session: Session, *, staff_id: int, seen: bool = True) -> list[NoticeRow]:
    """What they were told lately, newest first; with `seen` False only what they have not seen."""
    query = (
        sa.select(
            StaffNotice.id,
            StaffNotice.kind,
            StaffNotice.count,
            StaffNotice.at,
            StaffNotice.seen_at.is_not(None),
        )
        .where(StaffNotice.staff_id == staff_id)
        .order_by(StaffNotice.id.desc())
        .limit(_RECENT)
    )
    if not seen:
        query = query.where(StaffNotice.seen_at.is_(None))
    return [NoticeRow(*row[:-1], seen=bool(row[-1])) for row in session.execute(query)]
