"""Tables of the communities we serve."""

import enum
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shudi.db import Base, primary_key


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
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


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
