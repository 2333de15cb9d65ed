"""Tables behind a case's page: who is called to a note, files, ready words, what was told."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shudi.cases.rules import CannedKind
from shudi.cases.store import Case, CaseEvent
from shudi.db import Base, primary_key
from shudi.staff.store import Staff


class Mention(Base):
    """Somebody whom a note calls. Unread until they open it from their overview."""

    __tablename__ = "case_mentions"

    note_id: Mapped[int] = mapped_column(sa.ForeignKey(CaseEvent.id), primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey(Staff.id), primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey(Case.id), index=True)
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]

    __table_args__ = (sa.Index("ix_case_mentions_unread", "staff_id", "read_at", "note_id"),)


class Attachment(Base):
    """A file that belongs to a case's evidence. The bytes lie in the state folder under `file`,
    a random name. Once `gone_at` is set nobody gets the file any more: the worker removes it
    first and the row after it, so that a crash between the two leaves no file without a row.
    """

    __tablename__ = "case_attachments"

    id: Mapped[int] = mapped_column(primary_key, primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey(Case.id), index=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey(Staff.id))
    at: Mapped[datetime]
    name: Mapped[str] = mapped_column(sa.String(120))
    type: Mapped[str] = mapped_column(sa.String(40))
    size: Mapped[int]  # bytes
    digest: Mapped[str] = mapped_column(sa.String(64))  # SHA-256, hex
    file: Mapped[str] = mapped_column(sa.String(64), unique=True)
    gone_at: Mapped[datetime | None] = mapped_column(index=True)


class CannedReason(Base):
    """Ready words for the explanation of a decision, in one language. What they were before is
    in the audit log, one row a version.
    """

    __tablename__ = "canned_reasons"

    id: Mapped[int] = mapped_column(primary_key, primary_key=True)
    kind: Mapped[CannedKind]
    language: Mapped[str] = mapped_column(sa.String(10))
    title: Mapped[str] = mapped_column(sa.String(80))
    text: Mapped[str] = mapped_column(sa.String(2000))
    updated_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __table_args__ = (
        sa.Index(
            "uq_canned_reasons_title",
            "kind",
            "language",
            "title",
            unique=True,
            sqlite_where=sa.text("retired_at IS NULL"),
            postgresql_where=sa.text("retired_at IS NULL"),
        ),
    )
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class CaseNotice(Base):
    """That a notice about a case was put into the outbox. It outlives the message, which goes a
    month after it was sent; what the message said is not repeated here.
    """

    __tablename__ = "case_notices"

    id: Mapped[int] = mapped_column(primary_key, primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey(Case.id))
    uid: Mapped[str] = mapped_column(sa.String(40))
    topic: Mapped[str] = mapped_column(sa.String(60))
    channel: Mapped[str] = mapped_column(sa.String(20))
    at: Mapped[datetime]

    __table_args__ = (sa.Index("ix_case_notices_case", "case_id", "at", "id"),)
