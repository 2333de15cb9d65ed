"""Writing messages to be sent after the commit."""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from shudi.outbox.store import Message


def put(session: Session, *, topic: str, payload: dict[str, Any], now: datetime) -> None:
    """Queue one webhook call; it is sent only if the change it tells of commits."""
    session.add(
        Message(
            uid=f"msg_{secrets.token_hex(16)}",
            topic=topic,
            payload=payload,
            next_at=now,
            created_at=now,
        )
    )
