"""Queue, case and statistics pages among a million accounts and 100,000 open cases.

The same pages are timed on a store a hundredth of the size: the ratio says whether a page grows
with the tables. Times are the server's own, through the WSGI app. On SQLite and, where its programs
are found, on a throwaway PostgreSQL. `python -m benchmarks.desk [--quick] [--only sqlite]`
"""

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy import event

import console
from benchmarks import stock
from shudi import clock
from shudi.db import Database, bulk, connect
from shudi.regions.codec import load_vocabulary
from shudi.settings import Settings
from shudi.staff.actions.sessions import open_session
from shudi.staff.rules import AGREEMENT, Role
from shudi.staff.store import Staff, StaffState
from shudi.worker import Worker

PAGES = 200
_CASE = (
    "INSERT INTO cases (id, site_id, account_id, kind, state, severity, reports, opened_at, due_at,"
    " updated_at, version) VALUES (?, 1, ?, ?, 'open', ?, 1, ?, ?, ?, 1)"
)
_CLOSED = (
    "INSERT INTO cases (id, site_id, account_id, kind, state, severity, reports, opened_at, due_at,"
    " updated_at, closed_at, version) VALUES (?, 1, ?, ?, 'closed', ?, 1, ?, ?, ?, ?, 1)"
)
_DECISION = (
    "INSERT INTO decisions (case_id, staff_id, at, verdict, reason, text, frozen)"
    " VALUES (?, 1, ?, ?, 'travel', '', ?)"
)
_EVENT = (
    "INSERT INTO case_events (case_id, at, kind, actor, text, data)"
    " VALUES (?, ?, 'opened', 'a reader', 'invented', '{}')"
)
_KINDS = (("report", 2), ("disagreement", 1), ("expiry", 2), ("contest", 3))


def main() -> int:
    """Print p95 and queries a page on both stores, and the ratio, for each database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="100,000 accounts, 10,000 cases")
    parser.add_argument("--only", choices=("sqlite", "postgresql"), help="this database, not both")
    arguments = parser.parse_args()
    large = 100_000 if arguments.quick else 1_000_000
    for name, store in stock.stores().items():
        if arguments.only not in (None, name):
            continue
        print(f"console pages, {name}, {PAGES} of each kind, server time in ms", flush=True)
        _print({accounts: _measure(accounts, store) for accounts in (large // 100, large)})
    print("  target: p95 at most 50 ms (statistics: 200 ms), at most 8 queries, no growth")
    return 0


def _print(figures: dict[int, dict[str, tuple[float, float, int]]]) -> None:
    less, more = figures
    for page, big in figures[more].items():
        print(
            f"  {page:18} p50 {big[0]:6.1f}  p95 {big[1]:6.1f}  at most {big[2]} queries;"
            f" p50 grows {big[0] / figures[less][page][0]:.2f}-fold"
            f" from {less:,} to {more:,} accounts"
        )


def _measure(
    accounts: int, store: Callable[[Path], AbstractContextManager[str]]
) -> dict[str, tuple[float, float, int]]:
    with tempfile.TemporaryDirectory(prefix="shudi-bench-") as folder, store(Path(folder)) as url:
        stock.fill_at(url, accounts=accounts)
        settings = Settings(
            var=Path(folder),
            database_url=url,
            secret_key="bench" * 10,
            base_url="https://bench.example",
        )
        database = connect(settings.database_url)
        token = _cases(database, accounts // 10)
        _decided(database, accounts // 10)
        if database.dialect == "postgresql":  # as autovacuum does it, some minutes later
            with database.transaction() as session:
                session.execute(sa.text("ANALYZE"))
        _count(settings, database)
        figures = _timed(settings, database, token, accounts // 10)
        database.dispose()
    return figures


def _timed(
    settings: Settings, database: Database, token: str, cases: int
) -> dict[str, tuple[float, float, int]]:
    client = console.create_app(settings, database=database).test_client()
    client.set_cookie("__Host-shudi", token, domain="bench.example", secure=True)
    drawn, after, counted = random.Random(3), _next(client), _Count(database)
    paths = {
        "queue": ["/queue"] * PAGES,
        "queue, next page": [after] * PAGES,
        "case": [f"/cases/{drawn.randrange(1, cases)}" for _ in range(PAGES)],
        "statistics": ["/statistics?days=90"] * PAGES,
    }
    return {name: counted.time(client, some) for name, some in paths.items()}


def _cases(database: Database, count: int) -> str:
    """Open cases of every kind and age; returns a moderator's session."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        person = Staff(
            name="mo",
            role=Role.MODERATOR,
            state=StaffState.ACTIVE,
            agreement=AGREEMENT,
            created_at=now,
        )
        session.add(person)
        session.flush()
        rows, events = [], []
        for number in range(1, count + 1):
            kind, severity = _KINDS[number % len(_KINDS)]
            opened = (now - timedelta(minutes=number)).strftime("%Y-%m-%d %H:%M:%S.%f")
            due = (now + timedelta(minutes=5000 - number)).strftime("%Y-%m-%d %H:%M:%S.%f")
            rows.append((number, number, kind, severity, opened, due, opened))
            events.append((number, opened))
        bulk.many(session, _CASE, rows)
        bulk.many(session, _EVENT, events)
        return open_session(session, staff_id=person.id, now=now, hours=12)


def _decided(database: Database, count: int) -> None:
    """As many decisions as there are open cases, over the last 90 days."""
    now, drawn = datetime.now(UTC), random.Random(4)
    cases, decisions = [], []
    for number in range(count + 1, 2 * count + 1):
        at = now - timedelta(seconds=drawn.randrange(90 * 86400))
        opened = at - timedelta(seconds=drawn.randrange(3 * 86400))
        kind, severity = _KINDS[number % len(_KINDS)]
        moments = [one.strftime("%Y-%m-%d %H:%M:%S.%f") for one in (opened, opened, opened, at)]
        cases.append((number, number, kind, severity, *moments))
        region = drawn.choice(("CN-GD", "CN-ZJ", "CN-BJ", "US", "JP"))
        evidence = json.dumps({"sources": [["one", region, "2026-01"], ["two", "US", "2026-01"]]})
        frozen = json.dumps({"resolved_region": region, "evidence": evidence})
        decisions.append((number, moments[3], drawn.choice(("keep", "correct")), frozen))
    with database.transaction() as session:
        bulk.many(session, _CLOSED, cases)
        bulk.many(session, _DECISION, decisions)


def _count(settings: Settings, database: Database) -> None:
    """Keep the figures as the worker does, and say how long a round takes it."""
    worker = Worker(settings, database, load_vocabulary())
    for job in worker.counting:
        started = time.perf_counter()
        job.run(clock.now())
        print(f"  (worker, {job.name}: {time.perf_counter() - started:.2f} s)")


def _next(client: FlaskClient) -> str:
    """The address of the queue's second page."""
    page = client.get("/queue", base_url="https://bench.example").text
    start = page.index("after=")
    begin = page.rindex('href="', 0, start) + 6
    return page[begin : page.index('"', begin)].replace("&amp;", "&")


_FRAMES = ("BEGIN", "COMMIT", "SET TRANSACTION")


class _Count:
    """Counts the statements of each page, without those that begin and end a transaction."""

    def __init__(self, database: Database) -> None:
        self.statements = 0
        for engine in (database.read_engine, database.write_engine):
            event.listen(engine, "before_cursor_execute", self._seen)

    def _seen(self, *arguments: object) -> None:
        self.statements += not str(arguments[2]).startswith(_FRAMES)

    def time(self, client: FlaskClient, paths: list[str]) -> tuple[float, float, int]:
        """(p50, p95, most queries) over `paths`, after a few to warm up."""
        times, most = [], 0
        for number, path in enumerate(paths):
            self.statements = 0
            started = time.perf_counter()
            answer = client.get(path, base_url="https://bench.example")
            elapsed = (time.perf_counter() - started) * 1000
            if answer.status_code != 200:
                raise RuntimeError(f"{path} answered {answer.status_code}")
            if number >= 10:
                times.append(elapsed)
                most = max(most, self.statements)
        return statistics.median(times), sorted(times)[int(len(times) * 0.95)], most


if __name__ == "__main__":
    sys.exit(main())
