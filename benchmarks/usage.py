"""Acceptance test 46: whoever writes beside 500 counted requests a second waits for no lock.

A process counts the use of 50 keys and writes the sums twice a second, forty times as often as
the product does; another writes small transactions and looks how long each takes, with and without
the first. `python -m benchmarks.usage [--quick]`
"""

import argparse
import contextlib
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from multiprocessing.synchronize import Event
from pathlib import Path

import sqlalchemy as sa

from benchmarks import stock
from shudi.clients.actions import create_key
from shudi.clients.actions.usage import Usage
from shudi.clients.rules import Scope
from shudi.clients.store import ApiKeyDay
from shudi.clock import now
from shudi.db import Database, connect
from shudi.sites.store import Site
from shudi.staff.rules import Actor

KEYS = 50
A_SECOND = 500
EVERY = 0.5  # seconds between two writings
MOST = 50  # milliseconds


def main() -> int:
    """Print how long a writer's transactions take; 1 if one waits longer than the target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="short rounds")
    seconds = 4.0 if parser.parse_args().quick else 20.0
    print(f"writing beside {A_SECOND} counted requests/s of {KEYS} keys, written every {EVERY} s")
    longest = 0.0
    for name, store in stock.stores().items():
        with tempfile.TemporaryDirectory(prefix="shudi-bench-") as var, store(Path(var)) as url:
            longest = max(longest, _measure(name, url, seconds))
    return 1 if longest > MOST else 0


def _measure(name: str, url: str, seconds: float) -> float:
    """The longest that one transaction took beside the counting, in milliseconds."""
    keys = _fill(url)
    database = connect(url)
    try:
        _write(database, 1.0)
        alone = _write(database, seconds)
        with _counting(url, keys):
            beside = _write(database, seconds)
        with database.read_session() as session:
            counted = session.scalar(sa.select(sa.func.sum(ApiKeyDay.requests))) or 0
        if counted < A_SECOND * seconds:
            raise RuntimeError(f"only {counted} requests were counted")
    finally:
        database.dispose()
    tails = [statistics.quantiles(some, n=100)[98] for some in (alone, beside)]
    print(
        f"  {name:11} p99 {tails[1]:.1f} ms, longest {max(beside):.1f} ms (target {MOST});"
        f" without counting {tails[0]:.1f} and {max(alone):.1f} ms;"
        f" ratio of p99 {tails[1] / tails[0]:.2f}"
    )
    return max(beside)


def _fill(url: str) -> list[int]:
    stock.fill_at(url, accounts=1)
    database = connect(url)
    with database.transaction() as session:
        made = [
            create_key(
                session,
                actor=Actor.system("bench"),
                name=f"key {number}",
                scopes=(Scope.LABELS_READ,),
                site_id=None,
                now=now(),
            )[0]
            for number in range(KEYS)
        ]
    database.dispose()
    return made


def _write(database: Database, seconds: float) -> list[float]:
    """Milliseconds of each of a row of small transactions."""
    spent, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end:
        begun = time.perf_counter()
        with database.transaction() as session:
            session.execute(sa.update(Site).values(as_of=now()))
        spent.append((time.perf_counter() - begun) * 1000)
        time.sleep(0.002)
    return spent


@contextlib.contextmanager
def _counting(url: str, keys: list[int]) -> Iterator[None]:
    context = multiprocessing.get_context("spawn")
    over = context.Event()
    process = context.Process(target=_count, args=(url, keys, over))
    process.start()
    try:
        time.sleep(2)  # until it counts
        yield
    finally:
        over.set()
        process.join(30)
    if process.exitcode != 0:
        raise RuntimeError("nothing was counted beside")


def _count(url: str, keys: list[int], over: Event) -> None:
    """Count as the label API does, A_SECOND a second in all."""
    database = connect(url)
    usage = Usage(database, every=EVERY)
    number, begun = 0, time.perf_counter()
    while not over.is_set():
        while number < (time.perf_counter() - begun) * A_SECOND:
            usage.note(keys[number % KEYS])
            number += 1
        time.sleep(0.01)
    usage.close()
    database.dispose()


if __name__ == "__main__":
    sys.exit(main())
