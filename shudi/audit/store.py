"""Tables of the audit log. Nothing here refers to another table: rows outlive their subjects."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shudi.db import Base, primary_key


class AuditRow(Base):
    """One act. Holds ids, coarse values and codes; never an address, a name or free text."""

    __tablename__ = "audit"

    seq: Mapped[int] = mapped_column(primary_key, primary_key=True, autoincrement=False)
    at: Mapped[str] = mapped_column(sa.String(32))
    actor_id: Mapped[str] = mapped_column(sa.String(80))
    actor_name: Mapped[str] = mapped_column(sa.String(120))
    action: Mapped[str] = mapped_column(sa.String(60))
    target_type: Mapped[str] = mapped_column(sa.String(30))
    target_id: Mapped[str] = mapped_column(sa.String(80))
    before: Mapped[str] = mapped_column(sa.Text)
    after: Mapped[str] = mapped_column(sa.Text)
    request_id: Mapped[str] = mapped_column(sa.String(40))
    text_mac: Mapped[str] = mapped_column(sa.String(64))
    prev_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    row_hash: Mapped[str] = mapped_column(sa.String(64))

    __table_args__ = (
        sa.Index("ix_audit_target", "target_type", "target_id"),
        sa.Index("ix_audit_actor_id", "actor_id"),
        sa.Index("ix_audit_action", "action"),
    )


class AuditText(Base):
    """Erasable words of one row: deleting key and text erases them; the chain still verifies."""

    __tablename__ = "audit_texts"

    seq: Mapped[int] = mapped_column(primary_key, primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(sa.String(64))
    text: Mapped[str] = mapped_column(sa.Text)


class AuditCheckpoint(Base):
    """A signed statement of the chain's head, also written off the store (var/checkpoints)."""

    __tablename__ = "audit_checkpoints"

    seq: Mapped[int] = mapped_column(primary_key, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    row_hash: Mapped[str] = mapped_column(sa.String(64))
    signature: Mapped[str] = mapped_column(sa.String(128))
