"""What waits to be sent."""

import dataclasses
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.outbox.store import Message, MessageState


@dataclasses.dataclass(frozen=True, slots=True)
class Due:
    """A message whose time has come."""

    id: int
    uid: str
    topic: str
    payload: dict[str, Any]


def due(session: Session, *, now: datetime, limit: int = 20) -> list[Due]:
    """The oldest messages to be tried now."""
    rows = session.execute(
        sa.select(Message.id, Message.uid, Message.topic, Message.payload)
        .where(Message.state == MessageState.WAITING, Message.next_at <= now)
        .order_by(Message.next_at)
        .limit(limit)
    )
    return [Due(*row) for row in rows]
