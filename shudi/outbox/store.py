"""The tables of notices and of the attempts to deliver them."""

import enum
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shudi.db import Base, primary_key
from shudi.outbox.rules import Channel


class MessageState(enum.StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class Message(Base):
    """One notice for one channel, written in the transaction of the change it tells of.

    `payload` holds ids and codes; the words and the place are put in when it is sent, so that
    nothing waits here that a later decision made wrong. `lease` names who is sending it now.
    """

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key, primary_key=True)
    uid: Mapped[str] = mapped_column(sa.String(40), unique=True)
    topic: Mapped[str] = mapped_column(sa.String(60))
    channel: Mapped[Channel]
    site_id: Mapped[int] = mapped_column(sa.BigInteger, default=0)  # 0: of no one site
    payload: Mapped[dict[str, Any]]
    state: Mapped[MessageState] = mapped_column(default=MessageState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)  # since it was put here or sent again
    next_at: Mapped[datetime]
    lease: Mapped[str] = mapped_column(sa.String(32), default="")
    leased_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(sa.String(60), default="")

    __table_args__ = (
        sa.Index("ix_outbox_due", "state", "next_at"),
        sa.Index("ix_outbox_created_at", "created_at"),
        sa.Index("ix_outbox_leased_until", "leased_until"),
        sa.Index("ix_outbox_site_id", "site_id", "id"),
        sa.Index("ix_outbox_state", "state", "id"),
        sa.Index("ix_outbox_topic", "topic", "id"),
    )


class Attempt(Base):
    """One try. `outcome` is empty for success, else a word or a status class; nothing that the
    other side answered is kept.
    """

    __tablename__ = "outbox_attempts"

    id: Mapped[int] = mapped_column(primary_key, primary_key=True)
    message_id: Mapped[int] = mapped_column(
        sa.ForeignKey(Message.id, ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(sa.String(60))
