"""Taking a backup in: into an empty place only, and without what was ended since it was made."""

import contextlib
import dataclasses
import os
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from shudi.audit.actions import record
from shudi.audit.codec import checkpoints_path
from shudi.audit.store import AuditRow
from shudi.backups import gateway, rules
from shudi.backups.actions import ends
from shudi.backups.codec import archive, journal, scratch
from shudi.backups.rules import End, Line, Manifest
from shudi.cases.actions import upkeep
from shudi.cases.gateway import files
from shudi.cases.store import HolderLink, HolderSession
from shudi.cases.store.case_page import Attachment
from shudi.db import Database, connect
from shudi.db.migrate import known_revisions, migrate, owner_engine
from shudi.errors import Refused
from shudi.settings import Settings
from shudi.staff.rules import Actor
from shudi.staff.store import StaffLink, StaffSession
from shudi.staff.store.factors import Challenge


@dataclasses.dataclass(frozen=True, slots=True)
class Restored:
    """What was taken in, and what of it was ended again."""

    manifest: Manifest
    ended: dict[End, int]
    files_missing: int


def restore(
    settings: Settings,
    *,
    path: Path,
    actor: Actor,
    now: datetime,
    noted: Path | None = None,
    accept_lost: bool = False,
) -> Restored:
    """Fill the empty store that the settings name from the archive at `path`.

    Brings it to this version's schema, ends what the journal (`noted`, or the state folder's)
    says ended since, all sessions and open links, and what its retention says. Refused if the
    store is not empty, the archive is damaged or newer, or it cannot be known what ended since
    (`accept_lost` takes it nevertheless).
    """
    with archive.opened(path) as (manifest, bundle):
        dialect = make_url(settings.database_url).get_backend_name()
        rules.check_kin(manifest, dialect=dialect, revisions=known_revisions())
        written = noted or journal.path_of(settings)
        lines = rules.since(journal.read(written), manifest.made_at)
        if not accept_lost:
            rules.check_noted(is_there=written.exists())
            rules.check_age(manifest, now=now, days=settings.retention_days)
            rules.check_keys(lines, ends.keys_of(settings))
        with _filled(settings, bundle, dialect) as database:
            ended = _settle(settings, database, manifest, lines, actor, now)
            missing = _bring_files(settings, database, bundle)
            # before the store is in its place: one without them would note nothing that ends
            _begin_again(settings, _head(database), now)
            _replace_notes(settings, bundle, now)
            database.truncate_log()
    return Restored(manifest, ended, missing)


@contextlib.contextmanager
def _filled(settings: Settings, bundle: zipfile.ZipFile, dialect: str) -> Iterator[Database]:
    """The store's copy to be put right; in its place when the block ends well (SQLite), or from
    the beginning (PostgreSQL, whose owner empties it again if the block fails).
    """
    target = make_url(settings.database_url)
    if dialect == "sqlite":
        place = Path(target.database or "").absolute()
        if place.exists():
            raise Refused("store-there", f"{place} is there: move it away first.")
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with scratch.folder(place.parent) as folder:
            copy = folder / place.name
            archive.take(bundle, archive.STORE, copy)
            url = target.set(database=str(copy)).render_as_string(hide_password=False)
            with _opened(url, url, None) as database:
                yield database
            os.link(copy, place)  # not over one that came meanwhile
        return
    owner = make_url(settings.migrate_database_url or settings.database_url)
    if _has_tables(settings):
        raise Refused("store-there", "The database is not empty: give an empty one.")
    with scratch.folder(settings.var) as folder:
        copy = folder / archive.STORE
        archive.take(bundle, archive.STORE, copy)
        gateway.load(owner, copy)
    with _opened(
        owner.render_as_string(hide_password=False), settings.database_url, settings.database_url
    ) as database:
        yield database


@contextlib.contextmanager
def _opened(owner_url: str, url: str, app_url: str | None) -> Iterator[Database]:
    migrate(owner_url, app_url=app_url)
    database = connect(url)
    try:
        yield database
    finally:
        database.dispose()


def _has_tables(settings: Settings) -> bool:
    engine = owner_engine(make_url(settings.migrate_database_url or settings.database_url))
    try:
        with engine.connect() as connection:
            return bool(sa.inspect(connection).get_table_names())
    finally:
        engine.dispose()


def _settle(
    settings: Settings,
    database: Database,
    manifest: Manifest,
    lines: list[Line],
    actor: Actor,
    now: datetime,
) -> dict[End, int]:
    """End again what ended; nobody is signed in any more and nothing is overdue."""
    told = {"made_at": manifest.made_at.isoformat(), "rows": manifest.rows}
    with database.transaction() as session:
        record(session, actor, "store.restored", ("store", database.dialect), now, told)
        _sign_everybody_out(session)
    ended = ends.repeat(database, lines, settings=settings, now=now)
    while True:
        with database.transaction() as session:
            gone = upkeep.purge(session, settings=settings, now=now)
        if not gone:
            return ended


def _sign_everybody_out(session: Session) -> None:
    for table in (StaffSession, StaffLink, Challenge, HolderSession, HolderLink):
        session.execute(sa.delete(table))


def _bring_files(settings: Settings, database: Database, bundle: zipfile.ZipFile) -> int:
    """Put evidence files back that are not there; returns how many rows have none: those go."""
    brought = set(bundle.namelist())
    with database.read_session() as session:
        names = session.scalars(sa.select(Attachment.file).where(Attachment.gone_at.is_(None)))
        wanted = list(names)
    missing = []
    for name in wanted:
        place = files.folder(settings) / name
        if archive.FILES + name in brought:
            if not place.exists():
                archive.take(bundle, archive.FILES + name, place)
        elif not place.exists():
            missing.append(name)
    with database.transaction() as session:
        for name in missing:
            session.execute(sa.delete(Attachment).where(Attachment.file == name))
    return len(missing)


def _head(database: Database) -> int:
    with database.read_session() as session:
        return session.scalar(sa.select(sa.func.max(AuditRow.seq))) or 0


def _replace_notes(settings: Settings, bundle: zipfile.ZipFile, now: datetime) -> None:
    """The log ends earlier than it did: later checkpoints are kept aside, as what they are."""
    notes = checkpoints_path(settings)
    if notes.exists():
        notes.rename(notes.with_name(f"{notes.stem}-until-{now:%Y%m%dT%H%M%SZ}{notes.suffix}"))
    if archive.NOTES in bundle.namelist():
        archive.take(bundle, archive.NOTES, notes)


def _begin_again(settings: Settings, head: int, now: datetime) -> None:
    """The journal goes on with this log; what it held before stays for another restore."""
    path = journal.path_of(settings)
    journal.write(path, [*journal.read(path), Line(End.SEEN, head, now)])
