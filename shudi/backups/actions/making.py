"""Making a backup of a store that is in use."""

import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from shudi.audit.actions import record
from shudi.audit.codec import checkpoints_path
from shudi.audit.store import AuditRow
from shudi.backups import gateway
from shudi.backups.actions import ends
from shudi.backups.codec import archive, scratch
from shudi.backups.rules import LAYOUT, Manifest
from shudi.cases.gateway import files
from shudi.cases.store.case_page import Attachment
from shudi.db import Database
from shudi.db.migrate import revision_of
from shudi.errors import NotFound
from shudi.settings import Settings
from shudi.staff.rules import Actor


def make(
    settings: Settings, database: Database, *, path: Path, actor: Actor, now: datetime
) -> Manifest:
    """Write the store, its evidence files and its checkpoints to `path`; on record before.

    What was acknowledged before the call is in it. Refused if `path` is there; Unavailable if the
    store cannot be read; nothing is left behind then, and nothing that was killed earlier left.
    """
    scratch.sweep(path.parent, now=now)
    with archive.made(path) as bundle:
        with database.transaction() as session:
            record(session, actor, "store.copied", ("store", database.dialect), now)
        ends.note(settings, database, now=now)
        manifest = _manifest(database, now)
        with scratch.folder(path.parent) as place:
            copy = place / archive.STORE
            gateway.copy(make_url(settings.migrate_database_url or settings.database_url), copy)
            bundle.write(copy, archive.STORE)
        _add_files(settings, database, bundle)
        notes = checkpoints_path(settings)
        if notes.exists():
            bundle.write(notes, archive.NOTES)
        archive.add_manifest(bundle, manifest)
    return manifest


def prune(folder: Path, *, now: datetime, days: int) -> list[Path]:
    """Delete the backups in `folder` older than `days`, and no other file; returns which."""
    old = []
    for path in sorted(folder.iterdir()):
        made_at = archive.made_at(path) if path.is_file() else None
        if made_at is not None and now - made_at > timedelta(days=days):
            path.unlink()
            old.append(path)
    return old


def _manifest(database: Database, now: datetime) -> Manifest:
    with database.read_session() as session:
        rows = session.scalar(sa.select(sa.func.max(AuditRow.seq))) or 0
        revision = revision_of(session.connection()) or ""
    return Manifest(
        layout=LAYOUT, dialect=database.dialect, revision=revision, made_at=now, rows=rows
    )


def _add_files(settings: Settings, database: Database, bundle: zipfile.ZipFile) -> None:
    """The evidence files that rows know. One that is removed meanwhile is left out: a row of the
    copy that misses its file is forgotten when the copy is taken in.
    """
    with database.read_session() as session:
        names = session.scalars(
            sa.select(Attachment.file).where(Attachment.gone_at.is_(None)).order_by(Attachment.id)
        ).all()
    for name in names:
        try:
            data = files.read(settings, name)
        except NotFound:
            continue
        bundle.writestr(archive.FILES + name, data, zipfile.ZIP_STORED)
