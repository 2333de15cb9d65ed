"""Erasing what closed sites held, until nothing is left."""

import threading

from shudi import clock
from shudi.cases.actions.site_erasure import erase_some
from shudi.db import Database

_TURN = 0.05  # seconds between transactions: other writers get their turn


def run(database: Database, stop: threading.Event) -> int:
    """Go on where it stopped; returns how many rows or accounts were erased. Ends early once
    `stop` is set.
    """
    total = 0
    while not stop.is_set():
        with database.transaction() as session:
            count = erase_some(session, now=clock.now())
        if not count:
            break
        total += count
        stop.wait(_TURN)
    if total:
        database.truncate_log()  # what was erased is in the log still
    return total
