"""Tables of people, their credentials and their sessions."""

import enum
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shudi.db import Base, primary_key
from shudi.staff.rules import LOOK_KEPT, Look, Role


class StaffState(enum.StrEnum):
    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"


class LinkPurpose(enum.StrEnum):
    """`enrol` sets password and second factor; `demo` signs in, in a demo store only."""

    ENROL = "enrol"
    DEMO = "demo"


class Staff(Base):
    """A person who works here. `totp_secret` is encrypted under the secret key."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key, primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(64), unique=True)
    role: Mapped[Role]
    state: Mapped[StaffState]
    password_hash: Mapped[str] = mapped_column(sa.String(255), default="")
    totp_secret: Mapped[str] = mapped_column(sa.String(255), default="")
    totp_last_step: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    language: Mapped[str] = mapped_column(sa.String(16), default="")
    timezone: Mapped[str] = mapped_column(sa.String(64), default="")
    scheme: Mapped[str] = mapped_column(sa.String(8), default="")
    keyboard: Mapped[dict[str, Any]] = mapped_column(
        sa.JSON, default=dict, server_default=sa.text("'{}'")
    )
    # The version of the agreement on personal data that was accepted last; empty: none.
    agreement: Mapped[str] = mapped_column(sa.String(16), default="", server_default="")
    agreed_at: Mapped[datetime | None]
    # For oneself alone; 0 and False: off.
    break_minutes: Mapped[int] = mapped_column(default=0, server_default=sa.text("0"))
    counts: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class OwnAccount(Base):
    """An account that a member of staff declared as their own: every act on it is refused."""

    __tablename__ = "staff_own_accounts"

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    declared_at: Mapped[datetime]


class StaffLink(Base):
    """A single-use link; only the hash of its token is kept."""

    __tablename__ = "staff_links"

    id: Mapped[int] = mapped_column(primary_key, primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), index=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    purpose: Mapped[LinkPurpose]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    # The person who made it; None for the operator at the terminal.
    made_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))


class StaffSignIn(Base):
    """That somebody came in: roughly where, and by which kind of browser. Kept for a while.

    `region` is a country, or a division of the mainland; None where that is not known. `browser`
    and `system` are words of codec/devices.py.
    """

    __tablename__ = "staff_sign_ins"
    __table_args__ = (sa.Index("ix_staff_sign_ins_staff_id", "staff_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key, primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(index=True)
    region: Mapped[str | None] = mapped_column(sa.String(6))
    browser: Mapped[str] = mapped_column(sa.String(20))
    system: Mapped[str] = mapped_column(sa.String(20))
    # By what: `password+code`, `passkey`, `sso`, …; empty where an older release did not say.
    method: Mapped[str] = mapped_column(sa.String(24), default="", server_default="")


class StaffSession(Base):
    """A signed-in browser. The cookie holds a token whose hash is the key here."""

    __tablename__ = "staff_sessions"

    token_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), index=True)
    csrf: Mapped[str] = mapped_column(sa.String(64))
    # False between password and second factor, and while enrolling: may do nothing else.
    full: Mapped[bool]
    # When a second factor was given last; dangerous acts ask again a while later.
    factor_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    # How it began; None while it is not full. No key: what came of it may outlive the row.
    sign_in_id: Mapped[int | None] = mapped_column(sa.BigInteger, index=True)
    # By what it began, so far; and, by single sign-on, who that was there and in which session.
    method: Mapped[str] = mapped_column(sa.String(24), default="", server_default="")
    identity_id: Mapped[int | None] = mapped_column(sa.BigInteger, index=True)
    provider_hash: Mapped[str] = mapped_column(sa.String(64), default="", server_default="")


class StaffLook(Base):
    """What somebody's audit row says that they were shown, and when; for a day, so that further
    looks at it are not put on record anew. `thing` is `case`, `page`, …; `name` its id.
    """

    __tablename__ = "staff_looks"

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), primary_key=True)
    thing: Mapped[str] = mapped_column(sa.String(30), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)

    @classmethod
    def lately(cls, staff_id: Any, looks: Sequence[Look], now: datetime) -> sa.ColumnElement[bool]:
        """Rows of this person about any of these, not older than a day."""
        names: dict[str, list[str]] = {}
        for one in looks:
            names.setdefault(one.thing, []).append(one.name)
        any_of = (sa.and_(cls.thing == thing, cls.name.in_(some)) for thing, some in names.items())
        return sa.and_(cls.staff_id == staff_id, cls.at > now - LOOK_KEPT, sa.or_(*any_of))


class StaffExposure(Base):
    """A case that somebody opened today, if they count them; gone when their day is over."""

    __tablename__ = "staff_exposures"

    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"), primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    until: Mapped[datetime] = mapped_column(index=True)


class ProposalState(enum.StrEnum):
    """`dropped`: the standing of one of the two changed, or nobody decided in time."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    DROPPED = "dropped"


class StaffProposal(Base):
    """That somebody become an admin: proposed by one, for another admin to confirm."""

    __tablename__ = "staff_proposals"
    __table_args__ = (
        sa.Index(
            "uq_staff_proposals_open",
            "staff_id",
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key, primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    role: Mapped[Role]
    state: Mapped[ProposalState]
    proposed_by: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    proposed_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    decided_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None]

    @classmethod
    def waits(cls, now: datetime) -> sa.ColumnElement[bool]:
        """Whether it can be decided still."""
        return sa.and_(cls.state == ProposalState.OPEN, cls.expires_at > now)


class Attempts(Base):
    """Sign-in attempts per keyed pseudonym and window, shared by all workers."""

    __tablename__ = "staff_attempts"

    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    window: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    count: Mapped[int]
