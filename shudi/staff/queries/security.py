"""A person's own ways in, as they see them."""

import dataclasses
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.staff.codec.keyring import token_hash
from shudi.staff.store import Staff
from shudi.staff.store.factors import KnownDevice, NoticeKind, Passkey, RecoveryCode, StaffNotice

_RECENT = 20


@dataclasses.dataclass(frozen=True, slots=True)
class PasskeyRow:
    """A passkey as its owner knows it; `synced` ones are on more than one device of theirs."""

    id: int
    name: str
    synced: bool
    created_at: datetime
    used_at: datetime | None


@dataclasses.dataclass(frozen=True, slots=True)
class DeviceRow:
    """A browser in which they signed in before."""

    id: int
    created_at: datetime
    used_at: datetime
    current: bool


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


def passkeys_of(session: Session, *, staff_id: int) -> list[PasskeyRow]:
    """Their passkeys, first one first."""
    columns = (Passkey.id, Passkey.name, Passkey.synced, Passkey.created_at, Passkey.used_at)
    query = sa.select(*columns).where(Passkey.staff_id == staff_id).order_by(Passkey.id)
    return [PasskeyRow(*row) for row in session.execute(query)]


def has_passkey(session: Session, *, staff_id: int) -> bool:
    """Whether they have any."""
    query = sa.select(Passkey.id).where(Passkey.staff_id == staff_id).limit(1)
    return session.scalar(query) is not None


def devices_of(session: Session, *, staff_id: int, token: str) -> list[DeviceRow]:
    """Browsers in which they are known, the one used last first; `token` marks the present one."""
    columns = (KnownDevice.id, KnownDevice.created_at, KnownDevice.used_at, KnownDevice.token_hash)
    query = sa.select(*columns).where(KnownDevice.staff_id == staff_id)
    present = token_hash(token)
    return [
        DeviceRow(*row[:-1], current=row.token_hash == present)
        for row in session.execute(query.order_by(KnownDevice.used_at.desc()))
    ]
