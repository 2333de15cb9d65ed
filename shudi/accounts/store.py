"""Tables of account information."""

import enum
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shudi.accounts.rules import Rule
from shudi.db import Base, primary_key
from shudi.sites.store import Site


class Protection(enum.StrEnum):
    """Why an account never shows a label. Outside, all of these look like no activity."""

    NONE = "none"
    PROTECTED = "protected"
    MINOR = "minor"


class SubmissionState(enum.StrEnum):
    """`refused`: by a person; kept for a while, so that it need not be looked at again."""

    WAITING = "waiting"
    REFUSED = "refused"


def _prefix(column: str) -> dict[str, Any]:
    return {"postgresql_ops": {column: "varchar_pattern_ops"}}


class Account(Base):
    """An account of a site. A deleted one keeps only its id, as a tombstone."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key, primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey(Site.id))
    account: Mapped[str] = mapped_column(sa.String(128))
    handle: Mapped[str | None] = mapped_column(sa.String(128))
    # What a page shows, folded as the site compares; unique, so a handle that passes on
    # takes nothing along.
    page_key: Mapped[str | None] = mapped_column(sa.String(256))
    name: Mapped[str] = mapped_column(sa.String(128), default="")
    name_folded: Mapped[str] = mapped_column(sa.String(256), default="")
    avatar_url: Mapped[str] = mapped_column(sa.String(500), default="")
    bio: Mapped[str] = mapped_column(sa.String(500), default="")
    protection: Mapped[Protection] = mapped_column(default=Protection.NONE)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __table_args__ = (
        sa.UniqueConstraint("site_id", "account"),
        sa.UniqueConstraint("site_id", "page_key"),
        # Beginnings are looked up; PostgreSQL's usual order follows a language, which has none.
        sa.Index("ix_accounts_name_folded", "site_id", "name_folded", **_prefix("name_folded")),
        sa.Index("ix_accounts_handle", "site_id", "handle", **_prefix("handle")),
        # SQLite's unique index on the same columns finds beginnings, too
        sa.Index(
            "ix_accounts_account_prefix",
            "site_id",
            "account",
            info={"only_on": "postgresql"},
            **_prefix("account"),
        ).ddl_if(dialect="postgresql"),
    )
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Submission(Base):
    """What the platform last sent of an account that is not live: one an account, by its key."""

    __tablename__ = "account_submissions"

    account_id: Mapped[int] = mapped_column(
        primary_key, sa.ForeignKey(Account.id), primary_key=True, autoincrement=False
    )
    state: Mapped[SubmissionState]
    handle: Mapped[str | None] = mapped_column(sa.String(128))
    name: Mapped[str] = mapped_column(sa.String(128))
    avatar_url: Mapped[str] = mapped_column(sa.String(500))
    bio: Mapped[str] = mapped_column(sa.String(500))
    # The first finding, by which it came to wait; a person may refuse for another rule.
    field: Mapped[str] = mapped_column(sa.String(20))
    rule: Mapped[Rule]
    refused_for: Mapped[Rule | None]
    submitted_at: Mapped[datetime]
    refused_at: Mapped[datetime | None] = mapped_column(index=True)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
