"""`shudi key`: an end, a limit, and another key for the same program."""

import json
from datetime import timedelta

import pytest

from shudi import clock
from tests.cli.test_commands import Run, run

__all__ = ["run"]
LATER = f"{clock.now() + timedelta(days=200):%Y-%m-%d}"

MAKE = ("key", "create", "--name", "p", "--scope", "labels:read")


def listed(run: Run) -> dict[str, object]:
    (row,) = json.loads(run("key", "list", "--json").stdout)
    return row


@pytest.mark.parametrize("end", ["90d", "12h", LATER, f"{LATER}T12:00+08:00"])
def test_a_key_is_made_with_its_end_and_limit(run: Run, end: str) -> None:
    answer = run(*MAKE, "--expires", end, "--limit", "500")
    assert answer.exit_code == 0, answer.output
    row = listed(run)
    assert (row["minute_limit"], row["used_at"]) == (500, None)
    assert row["state"] == ("ending" if end == "12h" else "live")
    if "T12" in end:
        assert str(row["expires_at"]).startswith(f"{LATER} 04:00")


@pytest.mark.parametrize("end", ["soon", "0d", f"{LATER}T12:00", "2027-02-30", "-1d"])
def test_what_is_no_instant_is_wrong_usage(run: Run, end: str) -> None:
    assert run(*MAKE, f"--expires={end}").exit_code == 2


def test_an_end_that_is_past_is_refused(run: Run) -> None:
    assert run(*MAKE, "--expires", "2020-01-01").exit_code == 1


def test_rotate_prints_only_the_new_key(run: Run) -> None:
    first = run(*MAKE).stdout.strip()
    number = str(listed(run)["id"])
    answer = run("key", "rotate", number, "--overlap", "48")
    assert answer.exit_code == 0
    second = answer.stdout.strip()
    assert second.startswith("shudi_")
    assert second != first
    assert listed(run)["before_until"] is not None
    assert run("key", "rotate", number, "--overlap", "721").exit_code == 2
    run("key", "revoke", number)
    assert run("key", "rotate", number).exit_code == 1
