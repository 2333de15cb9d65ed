"""What waits to be sent, and what became of what was."""

import dataclasses
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.errors import NotFound
from shudi.outbox import rules
from shudi.outbox.rules import Channel
from shudi.outbox.store import Attempt, Message, MessageState

ROWS = 50
_COUNTED = 1000


def next_due(session: Session, *, channel: Channel, now: datetime) -> int | None:
    """The message to be tried next: the longest due of a receiver that is not busy."""
    busy = (
        sa.select(Message.site_id)
        .where(Message.leased_until > now, Message.channel == channel)
        .group_by(Message.site_id)
        .having(sa.func.count() >= rules.PER_RECEIVER)
    )
    return session.scalar(
        sa.select(Message.id)
        .where(
            Message.state == MessageState.WAITING,
            Message.next_at <= now,
            Message.channel == channel,
            sa.or_(Message.leased_until.is_(None), Message.leased_until <= now),
            Message.site_id.not_in(busy),
        )
        .order_by(Message.next_at)
        .limit(1)
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Filter:
    """Which notices a list shows; None is all. `before`: an id to continue below."""

    state: MessageState | None = None
    topic: str | None = None
    channel: Channel | None = None
    site_id: int | None = None
    before: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """A notice in a list."""

    id: int
    uid: str
    topic: str
    channel: Channel
    site_id: int
    state: MessageState
    attempts: int
    next_at: datetime
    leased_until: datetime | None
    created_at: datetime
    sent_at: datetime | None
    last_error: str


_COLUMNS = (
    Message.id,
    Message.uid,
    Message.topic,
    Message.channel,
    Message.site_id,
    Message.state,
    Message.attempts,
    Message.next_at,
    Message.leased_until,
    Message.created_at,
    Message.sent_at,
    Message.last_error,
)


def page(session: Session, *, wanted: Filter) -> tuple[list[Row], int | None]:
    """A page of notices, newest first, and the id to continue below."""
    query: Any = sa.select(*_COLUMNS).order_by(Message.id.desc()).limit(ROWS + 1)
    for column, value in (
        (Message.state, wanted.state),
        (Message.topic, wanted.topic),
        (Message.channel, wanted.channel),
        (Message.site_id, wanted.site_id),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.before is not None:
        query = query.where(Message.id < wanted.before)
    rows = [Row(*row) for row in session.execute(query)]
    return rows[:ROWS], rows[ROWS - 1].id if len(rows) > ROWS else None


@dataclasses.dataclass(frozen=True, slots=True)
class Tried:
    """One attempt; `outcome` is empty for success."""

    at: datetime
    outcome: str


def notice(session: Session, *, message_id: int) -> tuple[Row, dict[str, Any], list[Tried]]:
    """One notice, what it tells, and the newest hundred attempts. NotFound if there is none."""
    found = session.execute(
        sa.select(*_COLUMNS, Message.payload).where(Message.id == message_id)
    ).first()
    if found is None:
        raise NotFound("notice-unknown", "There is no such notice.")
    tried = session.execute(
        sa.select(Attempt.at, Attempt.outcome)
        .where(Attempt.message_id == message_id)
        .order_by(Attempt.id.desc())
        .limit(100)
    )
    values = list[Any](found)
    return Row(*values[:-1]), values[-1], [Tried(*one) for one in tried]


def given_up(session: Session) -> int:
    """How many notices wait for a person; counting stops at a thousand."""
    some = sa.select(Message.id).where(Message.state == MessageState.FAILED).limit(_COUNTED)
    return int(session.scalar(sa.select(sa.func.count()).select_from(some.subquery())) or 0)
