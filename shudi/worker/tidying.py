"""Files that no row knows any more."""

from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import make_url

from shudi.backups.codec import scratch
from shudi.cases.actions import attachments
from shudi.cases.gateway import files
from shudi.db import Database
from shudi.settings import Settings


def given_up(settings: Settings, database: Database) -> int:
    """Remove evidence files that were given up: from the folder first, then from the store."""
    with database.read_session() as session:
        names = attachments.given_up(session)
    if names:
        files.remove(settings, names)
        with database.transaction() as session:
            attachments.forget(session, files=names)
    return len(names)


def strays(settings: Settings, database: Database, now: datetime) -> int:
    """Remove what an upload left that was never committed, and what a killed copy left."""
    with database.read_session() as session:
        known = attachments.without_row(session, files=files.old(settings, now=now))
    files.remove(settings, known)
    url = make_url(settings.database_url)
    places = {settings.var.absolute()}
    if database.dialect == "sqlite":
        places.add(Path(url.database or "").absolute().parent)
    return len(known) + sum(scratch.sweep(place, now=now) for place in places)
