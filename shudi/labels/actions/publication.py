"""Publishing: one dataset file a site, written whole before the row that names it commits.

A release is a copy of what is displayed, made by a program on a timer; its row is its record, so
it adds no audit row every few seconds. On several hosts each worker keeps the files it made: put
`var/dataset` on shared storage or publish from one host. A file that is missing answers 404, and
the next release heals it.
"""

import base64
import contextlib
import dataclasses
import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.store import Account
from shudi.db import Database
from shudi.errors import Stale
from shudi.labels.codec import SALT_BYTES, Value, encode_dataset, file_name, folder
from shudi.labels.rules import State
from shudi.labels.store import Label, Release
from shudi.regions.rules import Vocabulary
from shudi.settings import Settings
from shudi.sites.queries import SiteRow, all_sites, closed_keys, site_by_id, site_by_key

RELEASES_KEPT = 2
_FETCH = 20_000
# A file without a row may be another publisher's, whose commit is still to come.
_ORPHAN_SECONDS = 600


@dataclasses.dataclass(frozen=True, slots=True)
class _Built:
    site: SiteRow
    number: int
    salt: str
    count: int
    size: int
    sha256: str
    path: Path


def publish_due(
    database: Database, *, settings: Settings, vocabulary: Vocabulary, now: datetime
) -> int:
    """Publish each site that changed since its last release; returns how many were."""
    with database.read_session() as session:
        closed = closed_keys(session)
        due = [site.key for site in all_sites(session) if _is_due(session, site, vocabulary)]
    _remove(closed, settings)
    return sum(
        publish(database, site_key=key, settings=settings, vocabulary=vocabulary, now=now)
        for key in due
    )


def publish(
    database: Database, *, site_key: str, settings: Settings, vocabulary: Vocabulary, now: datetime
) -> bool:
    """Build, write and record one release; False where another publisher was first."""
    built = _build(database, site_key, settings, vocabulary)
    if built is None:
        return False
    try:
        with database.transaction() as session:
            kept = _record(session, built, vocabulary, now)
    except Stale:
        built.path.unlink(missing_ok=True)
        return False
    _tidy(built.path.parent, kept)
    return True


def _is_due(session: Session, site: SiteRow, vocabulary: Vocabulary) -> bool:
    last = _last(session, site.id)
    return last is None or last.seq != site.seq or last.vocabulary != vocabulary.version


def _last(session: Session, site_id: int) -> sa.Row[int, int, str] | None:
    return session.execute(
        sa.select(Release.number, Release.seq, Release.vocabulary)
        .where(Release.site_id == site_id)
        .order_by(Release.number.desc())
        .limit(1)
    ).first()


def _build(
    database: Database, site_key: str, settings: Settings, vocabulary: Vocabulary
) -> _Built | None:
    """Write the file of one snapshot: the labels and the `seq` that the row will claim."""
    salt = secrets.token_bytes(SALT_BYTES)
    with database.read_session() as session:
        site = site_by_key(session, site_key)
        if site is None:
            return None
        last = _last(session, site.id)
        encoded = encode_dataset(salt, _rows(session, site.id, vocabulary))
    number = last.number + 1 if last else 1
    digest = hashlib.sha256(encoded.data).hexdigest()
    path = folder(settings.var) / site.key / file_name(number, digest)
    _write(path, encoded.data)
    text = base64.b64encode(salt).decode()
    return _Built(site, number, text, encoded.count, len(encoded.data), digest, path)


def _rows(session: Session, site_id: int, vocabulary: Vocabulary) -> Iterator[tuple[str, Value]]:
    """(page key, value) of every account that shows something; absence means none.

    Past the ORM: it would make three objects of each of millions of rows.
    """
    key = sa.type_coerce(Account.page_key, sa.String)
    state = sa.type_coerce(Label.state, sa.String)
    corrected = sa.type_coerce(Label.corrected, sa.Integer)
    disputed = sa.type_coerce(Label.disputed, sa.Integer)
    query = (
        sa.select(key, state, Label.region, corrected, disputed)
        .join(Label, Label.account_id == Account.id)
        .where(
            Label.site_id == site_id,
            Label.hidden.is_(False),
            state != State.NONE.value,
            Account.page_key.is_not(None),
            Account.deleted_at.is_(None),
        )
    )
    values: dict[tuple[Any, ...], Value] = {}
    connection = session.connection()
    for batch in connection.execution_options(yield_per=_FETCH).execute(query).partitions():
        for row in batch:
            shown = row[1:]
            if shown not in values:
                values[shown] = _value(*shown, vocabulary)
            yield row[0], values[shown]


def _value(
    state: str, region: str | None, corrected: int, disputed: int, vocabulary: Vocabulary
) -> Value:
    known = region if region in vocabulary else None
    return Value(state, known, vocabulary.precision(known), bool(corrected), bool(disputed))


def _write(path: Path, data: bytes) -> None:
    """The whole file or none, on the disk before anybody is told its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _record(
    session: Session, built: _Built, vocabulary: Vocabulary, now: datetime
) -> frozenset[str]:
    """Add the row, drop those before the last two; returns the names of the files kept. Stale if
    the site was closed while the file was made.
    """
    if site_by_id(session, built.site.id) is None:
        raise Stale("site-closed-already", "This site is closed already.")
    session.add(
        Release(
            site_id=built.site.id,
            number=built.number,
            cut=built.site.as_of,
            seq=built.site.seq,
            salt=built.salt,
            count=built.count,
            size=built.size,
            sha256=built.sha256,
            vocabulary=vocabulary.version,
            built_at=now,
        )
    )
    session.flush()  # a taken number must show before anything is dropped
    session.execute(
        sa.delete(Release).where(
            Release.site_id == built.site.id, Release.number <= built.number - RELEASES_KEPT
        )
    )
    rows = session.execute(
        sa.select(Release.number, Release.sha256).where(Release.site_id == built.site.id)
    )
    return frozenset(file_name(number, sha256) for number, sha256 in rows)


def _remove(closed: list[str], settings: Settings) -> None:
    """Delete the files of closed sites: each host's own."""
    for key in closed:
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(folder(settings.var) / key)


def _tidy(site_folder: Path, kept: frozenset[str]) -> None:
    """Delete the files of dropped releases, and drafts that a crash left behind."""
    numbers = {int(name.partition("-")[0]) for name in kept}
    for path in site_folder.iterdir():
        number = path.name.partition("-")[0]
        with contextlib.suppress(FileNotFoundError):
            dropped = number.isdecimal() and int(number) < min(numbers)
            old = time.time() - path.stat().st_mtime > _ORPHAN_SECONDS
            if path.name not in kept and (dropped or old):
                path.unlink()
