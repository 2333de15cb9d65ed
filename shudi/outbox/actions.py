"""Writing notices to be sent after the commit, and what becomes of each attempt."""

import dataclasses
import hashlib
import secrets
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.errors import NotFound, Refused
from shudi.outbox import rules
from shudi.outbox.rules import CHANNELS, Channel, Topic
from shudi.outbox.store import Attempt, Message, MessageState


def put(
    session: Session, *, topic: Topic, site_id: int, payload: dict[str, Any], now: datetime
) -> dict[Channel, str]:
    """Queue a notice on its channels; it is sent only if the change it tells of commits. Returns
    the id of the message on each.
    """
    uids = {channel: f"msg_{secrets.token_hex(16)}" for channel in CHANNELS[topic]}
    for channel, uid in uids.items():
        _add(session, uid, channel, topic, site_id, payload, now)
    return uids


def put_once(
    session: Session,
    *,
    key: str,
    topic: Topic,
    site_id: int,
    payload: dict[str, Any],
    now: datetime,
) -> bool:
    """The same, unless a notice of this `key` was put before; whether it was put now."""
    done = False
    for channel in CHANNELS[topic]:
        digest = hashlib.sha256(f"{key}/{channel.value}".encode()).hexdigest()
        uid = f"msg_{digest[:32]}"
        if session.scalar(sa.select(Message.id).where(Message.uid == uid)) is None:
            _add(session, uid, channel, topic, site_id, payload, now)
            done = True
    return done


def _add(
    session: Session,
    uid: str,
    channel: Channel,
    topic: Topic,
    site_id: int,
    payload: dict[str, Any],
    now: datetime,
) -> None:
    session.add(
        Message(
            uid=uid,
            topic=topic.value,
            channel=channel,
            site_id=site_id,
            payload=payload,
            next_at=now,
            created_at=now,
        )
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Leased:
    """A message that is this sender's alone until the lease ends."""

    id: int
    uid: str
    topic: Topic
    channel: Channel
    site_id: int
    payload: dict[str, Any]
    created_at: datetime
    lease: str


def lease(session: Session, *, message_id: int, now: datetime) -> Leased | None:
    """Take a message whose time has come; None where somebody else has it or was faster."""
    message = session.get(Message, message_id)
    if message is None or message.state is not MessageState.WAITING or message.next_at > now:
        return None
    if message.leased_until is not None and message.leased_until > now:
        return None
    busy = sa.select(sa.func.count()).where(
        Message.leased_until > now,
        Message.site_id == message.site_id,
        Message.channel == message.channel,
    )
    if (session.scalar(busy) or 0) >= rules.PER_RECEIVER:
        return None
    message.lease, message.leased_until = secrets.token_hex(8), now + rules.LEASE
    return Leased(
        message.id,
        message.uid,
        Topic(message.topic),
        message.channel,
        message.site_id,
        message.payload,
        message.created_at,
        message.lease,
    )


def attempted(session: Session, *, leased: Leased, error: str, share: float, now: datetime) -> None:
    """Record what became of an attempt: sent, to be tried again, or given up.

    A sender whose lease ended meanwhile can still say that it succeeded, not that it failed:
    that is for whoever has the message now.
    """
    message = session.get(Message, leased.id)
    if message is None:
        return
    session.add(Attempt(message_id=message.id, at=now, outcome=error))
    mine = message.lease == leased.lease
    if message.state is not MessageState.WAITING or (error and not mine):
        return
    message.attempts += 1
    message.last_error, message.lease, message.leased_until = error, "", None
    if not error:
        message.state, message.sent_at = MessageState.SENT, now
        return
    wait = None if error in rules.FINAL else rules.retry_after(message.attempts, share)
    if wait is None:
        message.state = MessageState.FAILED
    else:
        message.next_at = now + wait


def send_again(session: Session, *, message_id: int, now: datetime) -> MessageState:
    """Try a message now, whatever became of it before, under the same id and with all its
    retries; returns the state it had. NotFound, or Refused while it is being sent.
    """
    message = session.get(Message, message_id)
    if message is None:
        raise NotFound("notice-unknown", "There is no such notice.")
    if message.leased_until is not None and message.leased_until > now:
        raise Refused("notice-sending", "This notice is being sent just now.")
    before = message.state
    message.state, message.attempts, message.next_at = MessageState.WAITING, 0, now
    return before


def discard(session: Session, *, leased: Leased, now: datetime) -> None:
    """Forget a message for which there is no receiver, unless it has been tried before."""
    tried = session.scalar(sa.select(Attempt.id).where(Attempt.message_id == leased.id).limit(1))
    if tried is not None:
        attempted(session, leased=leased, error="no-receiver", share=0, now=now)
        return
    session.execute(sa.delete(Message).where(Message.id == leased.id))


def drop_waiting(session: Session, *, site_id: int) -> None:
    """Forget what waits to be sent about a site; what is being sent just now may arrive."""
    session.execute(
        sa.delete(Message)
        .where(Message.site_id == site_id, Message.state == MessageState.WAITING)
        .execution_options(synchronize_session=False)
    )


def forget_of_site(session: Session, *, site_id: int, limit: int) -> int:
    """Delete `limit` of a site's messages at most, whatever became of them; returns how many."""
    ids = sa.select(Message.id).where(Message.site_id == site_id).order_by(Message.id).limit(limit)
    gone = session.execute(
        sa.delete(Message).where(Message.id.in_(ids)).execution_options(synchronize_session=False)
    )
    return int(getattr(gone, "rowcount", 0))


def forget_old(session: Session, *, now: datetime, limit: int = 500) -> int:
    """Delete what was sent or given up a month ago, `limit` rows at most; returns how many."""
    ids = (
        sa.select(Message.id)
        .where(Message.state != MessageState.WAITING, Message.created_at < now - rules.KEPT)
        .limit(limit)
    )
    gone = session.execute(
        sa.delete(Message).where(Message.id.in_(ids)).execution_options(synchronize_session=False)
    )
    return int(getattr(gone, "rowcount", 0))
