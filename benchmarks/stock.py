"""A store with many labelled accounts, written past the acts: only reads are measured on it."""

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from shudi.clients.actions import create_key
from shudi.clients.rules import Scope
from shudi.clock import microseconds
from shudi.db import bulk, connect
from shudi.db.migrate import migrate
from shudi.regions.codec import load_vocabulary
from shudi.sites.actions import create_site
from shudi.staff.rules import Actor
from tests import postgres

SITE = "bench"
_NOW = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
_ACCOUNT = (
    "INSERT INTO accounts (id, site_id, account, handle, page_key, name, name_folded, avatar_url,"
    " bio, protection, created_at, updated_at, version)"
    " VALUES (?, ?, ?, ?, ?, '', '', '', '', 'none', ?, ?, 1)"
)
_LABEL = (
    "INSERT INTO labels (account_id, site_id, account, resolved_state,"
    " resolved_region, state, region, basis, corrected, disputed, hidden, deleted, since,"
    " version, seq) VALUES (?, ?, ?, 'labelled', ?, 'labelled', ?, 'activity', FALSE, FALSE,"
    " FALSE, FALSE, ?, 1, ?)"
)
_LATEST = "INSERT INTO latest_activity (account_id, at, evidence_id) VALUES (?, ?, 1)"
_EVIDENCE = '{"sources":[{"name":"bundled","region":"CN-GD","build":"2023-04"}],"network":null}'


def account(number: int) -> str:
    """The id of the account of that number."""
    return f"u{number * 2654435761 % 2**32:010d}"


def fill(var: Path, *, accounts: int) -> str:
    """Make an SQLite store under `var`; returns a key that may read labels."""
    return fill_at(f"sqlite:///{var / 'shudi.db'}", accounts=accounts)


def fill_at(url: str, *, accounts: int) -> str:
    """Make the store at `url`, which is empty; returns a key that may read labels."""
    migrate(url)
    database = connect(url)
    codes = load_vocabulary().codes
    actor, stamp, day = Actor.system("bench"), _NOW.strftime("%Y-%m-%d %H:%M:%S.%f"), "2026-03-01"
    with database.transaction() as session:
        match = ["https://bench.example/*"]
        site = create_site(session, actor=actor, key=SITE, name="Bench", match=match, now=_NOW)
        _, key = create_key(
            session, actor=actor, name="bench", scopes=tuple(Scope), site_id=site, now=_NOW
        )
        at = microseconds(_NOW)
        bulk.many(session, "INSERT INTO evidence VALUES (1, 'bench', ?)", [(_EVIDENCE,)])
        for start in range(0, accounts, 50_000):
            numbers = range(start, min(start + 50_000, accounts))
            bulk.many(
                session,
                _ACCOUNT,
                [(n + 1, site, account(n), account(n), account(n), stamp, stamp) for n in numbers],
            )
            places = [(n, codes[n % len(codes)]) for n in numbers]
            bulk.many(
                session,
                _LABEL,
                [(n + 1, site, account(n), place, place, day, n + 1) for n, place in places],
            )
            bulk.many(session, _LATEST, [(n + 1, at) for n in numbers])
        session.execute(
            sa.text("UPDATE sites SET seq = :n, as_of = :at, account_count = :n WHERE id = :site"),
            {"n": accounts, "at": stamp, "site": site},
        )
    database.dispose()
    return key


@contextlib.contextmanager
def _file(var: Path) -> Iterator[str]:
    yield f"sqlite:///{var / 'shudi.db'}"


@contextlib.contextmanager
def _cluster(_: Path) -> Iterator[str]:
    cluster = postgres.Cluster(postgres.binaries() or Path(), durable=True)
    with contextlib.closing(cluster):
        yield cluster.url()


def stores() -> dict[str, Callable[[Path], AbstractContextManager[str]]]:
    """Where an empty store is while it is asked for, by its kind. What has no programs here is
    left out, and that is said.
    """
    if postgres.binaries() is None:
        print(f"Only SQLite is measured. {postgres.MISSING}.")
        return {"sqlite": _file}
    return {"sqlite": _file, "postgresql": _cluster}
