"""Counting what somebody reads, for themselves alone."""

import contextlib

from console import sessions
from console.language import own_day
from console.parts import database
from shudi import clock
from shudi.errors import Unavailable
from shudi.staff.actions import note_opened


def count_opened(case_id: int) -> None:
    """Count the case if the person counts what they read; a busy store is no reason to fail."""
    person = sessions.person()
    if not person.counts:
        return
    _, end = own_day(clock.now())
    with contextlib.suppress(Unavailable), database().transaction() as session:
        note_opened(session, actor=person.actor(), case_id=case_id, until=end)
