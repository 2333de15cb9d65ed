"""Acceptance test 34: unknown, quiet, withheld by law and deleted accounts cannot be told apart.

Not by what is answered, not by its length, and not by how long it takes. A timing is compared
with that of the same kind of account asked twice, on the same machine in the same minute.
"""

import random
import statistics
import time

import pytest

from tests.extension_api.conftest import sighting

EACH = 25  # of a kind in one lookup of a hundred
KINDS = ("unknown", "quiet", "minor", "deleted")


def name(kind: str, number: int) -> str:
    return f"{kind[0]}-{number:05d}"


def prepare(program, count: int) -> None:
    """`count` accounts of each kind but the unknown."""
    for number in range(count):
        where = "/sites/teahouse/accounts/"
        program.ask("PUT", where + name("quiet", number), json={"name": "Q"})
        program.sighted(sighting(name("minor", number)), sighting(name("deleted", number)))
        program.ask("PUT", where + name("minor", number), json={"protection": "minor"})
        program.ask("DELETE", where + name("deleted", number))


def alike(program, prepared: int, lookups: int) -> None:
    """Mixed lookups whose rows differ in the account's name alone."""
    choose = random.Random(34)
    for _ in range(lookups):
        asked = [
            name(kind, choose.randrange(prepared if kind != "unknown" else 10**5))
            for kind in KINDS
            for _ in range(EACH)
        ]
        choose.shuffle(asked)
        answer = program.post("/labels/query", json={"site": "teahouse", "accounts": asked})
        rows = answer.json["labels"]
        assert [row.pop("account") for row in rows] == asked
        assert all(row == rows[0] for row in rows)
        assert rows[0]["state"] == "none"


def test_rows_differ_in_nothing_but_the_name(program):
    prepare(program, 5)
    alike(program, 5, lookups=5)


@pytest.mark.long
def test_ten_thousand_rows_differ_in_nothing_but_the_name(program):
    prepare(program, 50)
    alike(program, 50, lookups=100)


def test_the_time_tells_nothing(program):
    prepare(program, 5)
    # the same kind under two names is what chance alone does
    kinds = (*KINDS, "unknown again")
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    choose = random.Random(35)
    for turn in range(200):
        for kind in choose.sample(kinds, len(kinds)):
            account = name(kind, turn % 5)
            start = time.perf_counter()
            program.get(f"/labels?site=teahouse&account={account}")
            times[kind].append(time.perf_counter() - start)
    medians = {kind: statistics.median(found) for kind, found in times.items()}
    usual = medians.pop("unknown")
    ratios = {kind: found / usual for kind, found in medians.items()}
    assert all(1 / 1.5 < ratio < 1.5 for ratio in ratios.values()), ratios
