"""Tables of what a person proves themselves with beside password and app, and of what they are
told about it.
"""

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shudi.db import Base, primary_key


class NoticeKind(enum.StrEnum):
    """What a person is told about their own way in (ASVS 6.3.5, 6.3.7)."""

    PASSWORD_CHANGED = "password_changed"  # noqa: S105 -- a kind, no password
    APP_CHANGED = "app_changed"
    RECOVERY_RENEWED = "recovery_renewed"
    RECOVERY_USED = "recovery_used"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    RESET = "reset"
    IDENTITY_LINKED = "identity_linked"
    IDENTITY_CUT = "identity_cut"
    NEW_DEVICE = "new_device"
    REFUSALS = "refusals"


class RecoveryCode(Base):
    """A single-use code in place of the app's; only its hash is kept."""

    __tablename__ = "staff_recovery_codes"

    id: Mapped[int] = mapped_column(primary_key, primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), index=True)
    code_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    used_at: Mapped[datetime | None]


class StaffNotice(Base):
    """Something that happened to a person's way in; shown to them until they say they saw it.

    `count` is how many recovery codes are left, or sign-ins were refused; else 0.
    """

    __tablename__ = "staff_notices"

    id: Mapped[int] = mapped_column(primary_key, primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), index=True)
    kind: Mapped[NoticeKind]
    count: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime] = mapped_column(index=True)
    seen_at: Mapped[datetime | None]


class ChallengePurpose(enum.StrEnum):
    """What an answer to a challenge is for."""

    REGISTER = "register"
    PROVE = "prove"


class Passkey(Base):
    """A key pair of a person's device, of which we hold the public half (WebAuthn)."""

    __tablename__ = "staff_passkeys"

    id: Mapped[int] = mapped_column(primary_key, primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), index=True)
    credential_id: Mapped[str] = mapped_column(sa.String(1400), unique=True)
    public_key: Mapped[bytes] = mapped_column(sa.LargeBinary)
    sign_count: Mapped[int] = mapped_column(sa.BigInteger)
    name: Mapped[str] = mapped_column(sa.String(64))
    synced: Mapped[bool]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Challenge(Base):
    """What a device was asked to sign, once; only its hash is kept, with what it was given to."""

    __tablename__ = "staff_challenges"

    digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    purpose: Mapped[ChallengePurpose]
    holder: Mapped[str] = mapped_column(sa.String(80))
    expires_at: Mapped[datetime] = mapped_column(index=True)


class KnownDevice(Base):
    """A browser in which this person signed in with both factors; its cookie's hash is kept.

    Wrong attempts elsewhere do not count against it. It opens nothing by itself.
    """

    __tablename__ = "staff_devices"

    id: Mapped[int] = mapped_column(primary_key, primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), index=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (sa.UniqueConstraint("token_hash", "staff_id"),)
