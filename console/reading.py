"""What is read on record: an auditor's look at personal data is written down before it is shown.

No log, no data: while the row cannot be written, the answer is 503 and holds nothing.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence

from flask import request
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from console.parts import database, request_id
from shudi import clock
from shudi.errors import Stale, Unavailable
from shudi.staff.actions import note_found, note_read
from shudi.staff.queries import SignedIn, are_on_record
from shudi.staff.rules import Actor, Look

# The thing that an address names by this number; a page that names none is a look at that page.
_THINGS = {
    "correction_id": "correction",
    "decision_id": "decision",
    "message_id": "notice",
    "batch_id": "batch",
    "brake_id": "brake",
    "report_id": "report",
    "case_id": "case",
    "account_id": "account",
    "inspection_id": "inspection",
}


@contextlib.contextmanager
def on_record() -> Iterator[Session]:
    """A transaction whose audit row must be written before anything goes out.

    Raises Unavailable where it cannot be, whatever the reason.
    """
    refusal = Unavailable("log-closed", "This is put on record first, and the log is closed.")
    try:
        with database().transaction() as session:
            yield session
    except Stale as error:
        if error.code != "conflict":
            raise
        raise refusal from error
    except (SQLAlchemyError, Unavailable) as error:
        raise refusal from error


def look() -> Look:
    """What this request looks at."""
    for argument, thing in _THINGS.items():
        if argument in (request.view_args or {}):
            return Look(thing, str((request.view_args or {})[argument]))
    return Look("page", (request.endpoint or "").partition(".")[0])


def put_on_record(found: SignedIn) -> None:
    """Write down what the person is about to see, if their looks are on record and this one was
    not within a day. Raises Unavailable.
    """
    if found.role_on_record and found.looked_at is None:
        with on_record() as session:
            note_read(session, actor=found.actor(request_id()), look=look(), now=clock.now())


def put_hits_on_record(actor: Actor, hits: Mapping[str, Sequence[int]]) -> None:
    """Write down what a search is about to show: ids by what they are. Raises Unavailable."""
    looks = [Look(thing, str(number)) for thing, numbers in hits.items() for number in numbers]
    if not actor.on_record or not looks:
        return
    now, found = clock.now(), [one.found() for one in looks]
    with database().read_session() as session:
        if are_on_record(session, actor=actor, looks=found, now=now):
            return
    with on_record() as session:
        note_found(session, actor=actor, page=look(), hits=looks, now=now)
