"""What is done to geo databases at the same moment, each in a process of its own."""

import time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi import renewal
from shudi.cases.actions import sources
from shudi.db import connect
from shudi.geo import kept
from shudi.geo.actions import open_locator
from shudi.regions.codec import load_vocabulary
from shudi.settings import Settings
from shudi.staff.rules import Actor
from tests.factories import ADDRESSES
from tests.reliability.desk import Cases, _each
from tests.reliability.harness import Wait
from tests.reliability.work import NOW


def renewals(wait: Wait, settings: Settings, who: Actor) -> int | None:
    """Compare the configured files with what is in use, beginning together."""
    database = connect(settings.database_url)
    with database.read_session() as session:  # connect before the start
        session.execute(sa.text("SELECT 1"))
    wait()
    try:
        return renewal.renew(settings, database, actor=who, now=NOW)
    finally:
        database.dispose()


def look_ups(wait: Wait, settings: Settings, seconds: float) -> list[str | None]:
    """What a server says of one address all the while, each change once."""
    folder = kept.folder_of(settings.var)
    locator = open_locator(settings.geo_sources, load_vocabulary(), folder=folder)
    locator.locate(ADDRESSES["CN-GD"])
    wait()
    said: list[str | None] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = locator.locate(ADDRESSES["CN-GD"]).region
        if said[-1:] != [found]:
            said.append(found)
    return said


def acceptances(
    wait: Wait, url: str, discipline: str, who: Actor, cases: Cases
) -> list[dict[str, Any]]:
    """Accept each update as it was seen."""

    def act(session: Session, update_id: int, version: int) -> object:
        sources.accept(session, actor=who, update_id=update_id, version=version, now=NOW)
        return None

    return _each(wait, url, discipline, who, cases, act)


def stops(wait: Wait, url: str, discipline: str, who: Actor, cases: Cases) -> list[dict[str, Any]]:
    """Stop each update as it was seen."""

    def act(session: Session, update_id: int, version: int) -> object:
        sources.stop(session, actor=who, update_id=update_id, version=version, now=NOW)
        return None

    return _each(wait, url, discipline, who, cases, act)


def trials(wait: Wait, url: str, discipline: str, who: Actor, cases: Cases) -> list[dict[str, Any]]:
    """Begin each update's trial as it was seen."""

    def act(session: Session, update_id: int, version: int) -> object:
        sources.sample(session, actor=who, update_id=update_id, version=version, now=NOW)
        return None

    return _each(wait, url, discipline, who, cases, act)
