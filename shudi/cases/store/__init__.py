"""Tables of the review desk."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shudi.accounts.store import Account
from shudi.cases.rules import CaseKind, CaseState, EventKind, Verdict
from shudi.db import Base, primary_key
from shudi.geo.store import SourceUpdate
from shudi.labels.store import Brake, Correction
from shudi.sites.store import Site
from shudi.staff.store import Staff


class Case(Base):
    """Something a person must look at. `account_id` is empty for a case of a brake or of new geo
    databases.
    """

    __tablename__ = "cases"

    id: Mapped[int] = mapped_column(primary_key, primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey(Site.id))
    account_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Account.id), index=True)
    brake_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Brake.id))
    update_id: Mapped[int | None] = mapped_column(sa.ForeignKey(SourceUpdate.id))
    correction_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Correction.id))
    kind: Mapped[CaseKind]
    state: Mapped[CaseState]
    severity: Mapped[int]  # 1 (look when you can) to 4 (now)
    reports: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    # why `severity` is above the kind's own: rules.Raise, with commas
    raised_by: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")

    __table_args__ = (
        # A second report of the same thing joins the open case.
        sa.Index(
            "uq_cases_open",
            "account_id",
            "kind",
            unique=True,
            sqlite_where=sa.text("state != 'closed'"),
            postgresql_where=sa.text("state != 'closed'"),
        ),
        sa.Index("ix_cases_queue", "state", "severity", "due_at", "id"),
        sa.Index("ix_cases_queue_site", "site_id", "state", "severity", "due_at", "id"),
        sa.Index(
            "ix_cases_queue_site_kind", "site_id", "kind", "state", "severity", "due_at", "id"
        ),
        sa.Index("ix_cases_queue_kind", "kind", "state", "severity", "due_at", "id"),
        sa.Index("ix_cases_opened_at", "opened_at"),
        sa.Index("ix_cases_closed_at", "closed_at"),
        sa.Index(
            "ix_cases_brake",
            "brake_id",
            sqlite_where=sa.text("brake_id IS NOT NULL"),
            postgresql_where=sa.text("brake_id IS NOT NULL"),
        ),
    )
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Claim(Base):
    """Who is working on a case, and until when. One active claim a case, by constraint."""

    __tablename__ = "claims"

    id: Mapped[int] = mapped_column(primary_key, primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"), index=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey(Staff.id), index=True)
    claimed_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        sa.Index(
            "uq_claims_active",
            "case_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index("ix_claims_active", "ended_at", "expires_at"),
    )


class Excluded(Base):
    """A person who may not decide this case, having decided what it contests."""

    __tablename__ = "case_excluded"

    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey(Staff.id), primary_key=True)


class CaseEvent(Base):
    """One line of a case's timeline; added, never changed (erasure and taking a note back empty
    `text`).
    """

    __tablename__ = "case_events"

    id: Mapped[int] = mapped_column(primary_key, primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"))
    at: Mapped[datetime]
    kind: Mapped[EventKind]
    staff_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Staff.id))
    actor: Mapped[str] = mapped_column(sa.String(120))
    text: Mapped[str] = mapped_column(sa.String(2000), default="")
    data: Mapped[dict[str, Any]]

    __table_args__ = (sa.Index("ix_case_events_time", "case_id", "at", "id"),)


class Decision(Base):
    """What was decided, with the evidence as it stood then."""

    __tablename__ = "decisions"

    id: Mapped[int] = mapped_column(primary_key, primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("cases.id"), index=True)
    account_id: Mapped[int | None] = mapped_column(sa.BigInteger, index=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey(Staff.id))
    at: Mapped[datetime]
    verdict: Mapped[Verdict]
    reason: Mapped[str] = mapped_column(sa.String(40))
    text: Mapped[str] = mapped_column(sa.String(2000), default="")
    correction_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Correction.id))
    frozen: Mapped[dict[str, Any]]

    __table_args__ = (
        sa.Index("ix_decisions_at", "at"),
        sa.Index("ix_decisions_staff", "staff_id", "id"),
    )


class HolderLink(Base):
    """A one-time link to an account holder's own page; only the token's hash is kept."""

    __tablename__ = "holder_links"

    id: Mapped[int] = mapped_column(primary_key, primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey(Account.id), index=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class HolderSession(Base):
    """A holder's browser after the link was used: half an hour, this account only."""

    __tablename__ = "holder_sessions"

    token_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey(Account.id), index=True)
    csrf: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
