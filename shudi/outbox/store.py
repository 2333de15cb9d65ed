"""The table of messages that wait for delivery."""

import enum
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shudi.db import Base, primary_key


class MessageState(enum.StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class Message(Base):
    """One webhook call to the platform, written in the transaction of the change it tells of."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key, primary_key=True)
    uid: Mapped[str] = mapped_column(sa.String(40), unique=True)
    topic: Mapped[str] = mapped_column(sa.String(60))
    payload: Mapped[dict[str, Any]]
    state: Mapped[MessageState] = mapped_column(default=MessageState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(sa.String(60), default="")

    __table_args__ = (sa.Index("ix_outbox_due", "state", "next_at"),)
