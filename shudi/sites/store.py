"""Tables of the communities we serve."""

import enum
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shudi.db import Base, primary_key
from shudi.staff.rules import GRANTS, Permission
from shudi.staff.store import ProposalState, Staff, StaffState
from shudi.staff.store.scopes import unlimited


class PageKeyKind(enum.StrEnum):
    """What a page shows beside a name: the account's id, or its handle."""

    ID = "id"
    HANDLE = "handle"


class Fold(enum.StrEnum):
    """How page keys compare."""

    EXACT = "exact"
    CASEFOLD = "casefold"


class Site(Base):
    """A community. `seq` and `as_of` move with its labels, under the write lock."""

    __tablename__ = "sites"

    id: Mapped[int] = mapped_column(primary_key, primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(64), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    match: Mapped[list[str]]
    page_key: Mapped[PageKeyKind]
    fold: Mapped[Fold]
    adapter: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    seq: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    as_of: Mapped[datetime]
    account_count: Mapped[int] = mapped_column(default=0)
    brake_waived_until: Mapped[datetime | None]
    # A closed site serves nothing; its row stays, so that its key is no other site's.
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def serving(cls, site_id: Any) -> sa.ColumnElement[bool]:
        """The condition to join what belongs to a site: nothing does once it is closed."""
        return sa.and_(cls.id == site_id, cls.closed_at.is_(None))


class SiteClosing(Base):
    """That a site be closed: proposed by one, for another to confirm; and how far erasing is.

    `erased_to` is the last account id that was looked at, `erased` how many accounts were erased.
    Nobody proposed what a backup is closed again for.
    """

    __tablename__ = "site_closings"
    __table_args__ = (
        sa.Index(
            "uq_site_closings_open",
            "site_id",
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key, primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey(Site.id))
    reason: Mapped[str] = mapped_column(sa.String(500))
    state: Mapped[ProposalState]
    proposed_by: Mapped[int | None] = mapped_column(sa.ForeignKey(Staff.id))
    proposed_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(sa.ForeignKey(Staff.id))
    decided_at: Mapped[datetime | None]
    erased_to: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    erased: Mapped[int] = mapped_column(default=0)
    erased_at: Mapped[datetime | None]

    @classmethod
    def waits(cls, now: datetime) -> sa.ColumnElement[bool]:
        """Whether it can be decided still: in time, and whoever proposed it may still."""
        roles = [role for role, granted in GRANTS.items() if Permission.SITE_MANAGE in granted]
        may = sa.select(Staff.id).where(
            Staff.state == StaffState.ACTIVE, Staff.role.in_(roles), unlimited(Staff.id)
        )
        in_time = sa.and_(cls.state == ProposalState.OPEN, cls.expires_at > now)
        return sa.and_(in_time, cls.proposed_by.in_(may))


class SiteReceiver(Base):
    """A site's own webhook. An empty `url` or `sealed` leaves it to the settings; secrets are
    sealed with the deployment's key. `sealed_before` signs, too, until `before_until`.
    """

    __tablename__ = "site_receivers"

    site_id: Mapped[int] = mapped_column(
        sa.ForeignKey(Site.id), primary_key=True, autoincrement=False
    )
    url: Mapped[str] = mapped_column(sa.String(500), default="")
    sealed: Mapped[str] = mapped_column(sa.String(500), default="")
    sealed_before: Mapped[str] = mapped_column(sa.String(500), default="")
    before_until: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class SiteWording(Base):
    """A notice's words as a site has them instead of the shipped ones."""

    __tablename__ = "site_wordings"

    id: Mapped[int] = mapped_column(primary_key, primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey(Site.id))
    topic: Mapped[str] = mapped_column(sa.String(60))
    channel: Mapped[str] = mapped_column(sa.String(40))
    language: Mapped[str] = mapped_column(sa.String(10))
    title: Mapped[str] = mapped_column(sa.String(120))
    text: Mapped[str] = mapped_column(sa.String(1000))
    version: Mapped[int] = mapped_column(default=1)

    __table_args__ = (sa.UniqueConstraint("site_id", "topic", "channel", "language"),)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
