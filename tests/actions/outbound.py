"""What the tests of notices do again and again."""

from collections.abc import Callable

import sqlalchemy as sa

from shudi.outbox import actions
from shudi.outbox.rules import Topic
from shudi.outbox.store import Attempt, Message
from shudi.worker import Worker
from tests.actions.desk import Desk


def put(desk: Desk, topic: Topic = Topic.CASE_DECIDED, site: int | None = None, **payload):
    desk.act(actions.put, topic=topic, site_id=site or desk.site, payload=payload)


def send(desk: Desk, now=None, worker: Worker | None = None) -> None:
    """All that is due, once."""
    working = worker or Worker(desk.settings, desk.database, desk.vocabulary)
    for sender in working.senders:
        sender.run(now or desk.now)
        sender.wait()
        if worker is None:
            sender.close()


def rows(desk: Desk) -> list[Message]:
    return desk.rows(sa.select(Message).order_by(Message.id))


def ask(desk: Desk, function: Callable[..., object], **arguments: object) -> object:
    with desk.database.read_session() as session:
        return function(session, **arguments)


def outcomes(desk: Desk) -> list[str]:
    return desk.rows(sa.select(Attempt.outcome).order_by(Attempt.id))
