"""Writing messages to be sent after the commit."""

import secrets
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.outbox import rules
from shudi.outbox.store import Message, MessageState


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


def delivered(session: Session, *, message_id: int, error: str, now: datetime) -> None:
    """Record what became of one attempt; a failed one is tried again later, or given up."""
    message = session.get(Message, message_id)
    if message is None or message.state is not MessageState.WAITING:
        return
    message.attempts += 1
    message.last_error = error
    if not error:
        message.state, message.sent_at = MessageState.SENT, now
        return
    wait = rules.retry_after(message.attempts)
    if wait is None:
        message.state = MessageState.FAILED
    else:
        message.next_at = now + wait


def discard(session: Session, *, ids: list[int]) -> None:
    """Forget messages that will not be sent."""
    session.execute(sa.delete(Message).where(Message.id.in_(ids)))


def forget_old(session: Session, *, now: datetime) -> int:
    """Delete what was sent or given up a month ago; returns how many."""
    gone = session.execute(
        sa.delete(Message).where(
            Message.state != MessageState.WAITING, Message.created_at < now - rules.KEPT
        )
    )
    return int(getattr(gone, "rowcount", 0))
