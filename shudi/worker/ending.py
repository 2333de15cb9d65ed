"""What ends when its time is over: claims on cases, and inspections."""

from datetime import datetime

from shudi.cases.actions.upkeep import release_leases
from shudi.db import Database
from shudi.oversight.actions import end_overdue


def claims(database: Database, now: datetime) -> int:
    """Let others take the cases whose claims ran out; returns how many."""
    with database.transaction() as session:
        return release_leases(session, now=now)


def inspections(database: Database, now: datetime) -> int:
    """Put on record that inspections ran out, or were not decided on; returns how many."""
    with database.transaction() as session:
        return end_overdue(session, now=now)
