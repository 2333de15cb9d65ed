"""Files taken in from a terminal: line by line, resumable, stopped by the brake."""

import dataclasses
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from shudi.accounts.store import Account
from shudi.audit.store import AuditRow
from shudi.cases.store import Case
from shudi.cli import importing, main
from shudi.db import connect
from shudi.labels.store import Brake, Label
from shudi.settings import Settings
from tests import factories
from tests.conftest import Store

Run = Callable[..., Result]
AT = datetime.now(UTC).isoformat()


@pytest.fixture
def run(store: Store, tmp_path: Path) -> Run:
    places = factories.write_places(tmp_path / "places.mmdb")
    environment = {
        "SHUDI_VAR": str(tmp_path / "var"),
        "SHUDI_DATABASE_URL": store.url,
        "SHUDI_MIGRATE_DATABASE_URL": store.owner_url,
        "SHUDI_GEO_SOURCES": f"test=mmdb:{places}",
        "SHUDI_BRAKE_REGION": "20",
    }
    runner = CliRunner(env=environment)
    runner.invoke(main, ["site", "create", "tea", "--name", "T", "--match", "https://t.example/*"])
    return lambda *arguments, **more: runner.invoke(main, arguments, **more)


def count(store: Store, table: type) -> int:
    database = connect(store.url)
    with database.read_session() as session:
        found = session.scalar(sa.select(sa.func.count()).select_from(table))
    database.dispose()
    return int(found or 0)


def line(account: str, place: str = "CN-GD", **changes: str) -> dict[str, str]:
    ip = factories.ADDRESSES[place]
    return {"site": "tea", "account": account, "ip": ip, "at": AT, "kind": "post"} | changes


def ndjson(path: Path, lines: list[dict[str, str]]) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in lines), encoding="utf-8")
    return path


def test_sightings_from_ndjson_become_labels_and_bad_lines_cost_only_themselves(
    run: Run, store: Store, tmp_path: Path
) -> None:
    path = ndjson(tmp_path / "a.ndjson", [line("ann"), line("bo", ip="nonsense"), line("cy")])
    with path.open("a", encoding="utf-8") as file:
        file.write("{broken\n")
    answer = run("import", "sightings", str(path), "--json")
    assert answer.exit_code == 1
    assert json.loads(answer.stdout) == {"accepted": 2, "rejected": 2, "dry_run": False}
    assert "line 2: ip-malformed" in answer.stderr
    assert "line 4: line-malformed" in answer.stderr
    assert "nonsense" not in answer.output
    assert count(store, Label) == 2


def test_sightings_from_csv_and_from_standard_input(run: Run, store: Store, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    one = line("ann")
    path.write_text(",".join(one) + "\n" + ",".join(one.values()) + "\n", encoding="utf-8")
    assert run("import", "sightings", str(path)).exit_code == 0
    assert run("import", "sightings", "-", input=json.dumps(line("bo")) + "\n").exit_code == 0
    assert count(store, Label) == 2


def test_a_dry_run_checks_and_keeps_nothing(run: Run, store: Store, tmp_path: Path) -> None:
    path = ndjson(tmp_path / "a.ndjson", [line("ann")])
    before = count(store, AuditRow)
    assert run("import", "sightings", str(path), "--dry-run").exit_code == 0
    assert (count(store, Label), count(store, AuditRow)) == (0, before)


def test_a_dry_run_says_what_would_go_from_where_to_where(
    run: Run, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "SIGHTINGS_A_BATCH", 7)
    path = ndjson(tmp_path / "a.ndjson", [line(f"u{number % 15}") for number in range(30)])
    answer = run("import", "sightings", str(path), "--dry-run", "--json")
    assert json.loads(answer.stdout) == {
        "accepted": 30,
        "rejected": 0,
        "dry_run": True,
        "sites": [
            {
                "site": "tea",
                "labels": 15,
                "moves": [{"from": "", "to": "CN-GD", "labels": 15}],
                "brake": None,
                "holding": False,
            }
        ],
    }
    assert run("import", "sightings", str(path)).exit_code == 0
    assert "No label would change." in run("import", "sightings", str(path), "--dry-run").stdout
    moved = [line(f"u{number}", "US") for number in range(15)]
    moved += [line(f"new{number}", "US") for number in range(6)]
    answer = run("import", "sightings", str(ndjson(tmp_path / "b.ndjson", moved)), "--dry-run")
    assert "Nothing was kept." in answer.stdout
    assert "tea: 21 labels would change" in answer.stdout
    assert "CN-GD -> US" in answer.stdout
    assert "no label -> US" in answer.stdout
    assert "It would stop at the brake: more accounts would arrive in one place" in answer.stdout


def test_a_dry_run_of_sightings_waits_for_nobody_and_keeps_the_mark(
    run: Run, store: Store, tmp_path: Path
) -> None:
    path = ndjson(tmp_path / "a.ndjson", [line("ann"), line("bo")])
    settings = dataclasses.replace(Settings(), var=tmp_path / "var")
    mark = importing._mark(settings, path)
    mark.write_text("1", encoding="ascii")
    database = connect(store.url)
    with database.transaction():
        answer = run("import", "sightings", str(path), "--dry-run", "--json")
    database.dispose()
    assert json.loads(answer.stdout)["accepted"] == 2
    assert mark.read_text(encoding="ascii") == "1"


def test_a_dry_run_of_accounts_says_whose_labels_protection_would_hide(
    run: Run, store: Store, tmp_path: Path
) -> None:
    seen = [line(f"u{number}") for number in range(3)]
    run("import", "sightings", str(ndjson(tmp_path / "a.ndjson", seen)))
    rows = [
        {"site": "tea", "account": "u0", "protection": "minor"},
        {"site": "tea", "account": "u1", "name": "Ann"},
        {"site": "tea", "account": "new", "protection": "minor"},
    ]
    path = ndjson(tmp_path / "b.ndjson", rows)
    answer = run("import", "accounts", str(path), "--dry-run", "--json")
    [site] = json.loads(answer.stdout)["sites"]
    assert site["moves"] == [{"from": "CN-GD", "to": "", "labels": 1}]
    assert "CN-GD -> no label" in run("import", "accounts", str(path), "--dry-run").stdout
    assert run("import", "accounts", str(path)).exit_code == 0
    assert "No label would change." in run("import", "accounts", str(path), "--dry-run").stdout


def test_a_brake_names_the_file(run: Run, store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "secret-folder"
    folder.mkdir()
    path = ndjson(folder / "export of March.ndjson", [line(f"u{at}") for at in range(30)])
    assert run("import", "sightings", str(path)).exit_code == 0
    database = connect(store.url)
    with database.read_session() as session:
        assert session.scalar(sa.select(Brake.origin_name)) == "export of March.ndjson"
    database.dispose()


def test_an_import_that_moves_too_many_into_one_place_stops_at_the_brake(
    run: Run, store: Store, tmp_path: Path
) -> None:
    path = ndjson(tmp_path / "a.ndjson", [line(f"u{number}") for number in range(30)])
    assert run("import", "sightings", str(path)).exit_code == 0
    assert (count(store, Label), count(store, Brake), count(store, Case)) == (0, 1, 1)
    database = connect(store.url)
    with database.read_session() as session:
        assert session.scalar(sa.select(Brake.origin)) == "import"
    database.dispose()


def test_an_import_that_was_cut_off_goes_on_where_it_stopped(
    run: Run, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "SIGHTINGS_A_BATCH", 2)
    path = ndjson(tmp_path / "a.ndjson", [line(f"u{number}") for number in range(6)])
    taken = importing.take_sightings
    calls: list[int] = []

    def cut(*arguments: object, **named: object) -> object:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return taken(*arguments, **named)

    monkeypatch.setattr(importing, "take_sightings", cut)
    run("import", "sightings", str(path))
    assert count(store, Label) == 2
    answer = run("import", "sightings", str(path), "--json")
    assert json.loads(answer.stdout)["accepted"] == 4
    assert count(store, Label) == 6


def test_accounts_are_taken_line_by_line(run: Run, store: Store, tmp_path: Path) -> None:
    rows = [
        {"site": "tea", "account": "u1", "handle": "ann", "name": "Ann"},
        {"site": "nowhere", "account": "u2"},
        {"site": "tea", "account": "u3", "name": "x" * 500},
        {"site": "tea", "account": "u4", "name": "Đỗ"},
    ]
    answer = run("import", "accounts", str(ndjson(tmp_path / "a.ndjson", rows)))
    assert answer.exit_code == 1
    assert "line 2: site-unknown" in answer.stderr
    assert "line 3: name-too-long" in answer.stderr
    assert count(store, Account) == 2


def test_accounts_are_screened_and_the_verdicts_counted(
    run: Run, store: Store, tmp_path: Path
) -> None:
    names = ["Ann", "中国茶", "Official tea", "te\u200ba"]
    rows = [{"site": "tea", "account": f"u{at}", "name": name} for at, name in enumerate(names)]
    answer = run("import", "accounts", str(ndjson(tmp_path / "a.ndjson", rows)), "--json")
    assert answer.exit_code == 1
    assert json.loads(answer.stdout) == {
        "accepted": 1, "rejected": 1, "pending": 2, "refused": 1, "dry_run": False,
    }  # fmt: skip
    assert "line 4: refused by hidden_text, R8(6)" in answer.stderr
    assert count(store, Case) == 2
    answer = run("import", "accounts", str(ndjson(tmp_path / "b.ndjson", rows[:3])))
    assert answer.exit_code == 0
    assert "1 accepted, 2 waiting for a person, 0 refused." in answer.stdout
    assert count(store, Case) == 2


def test_a_file_of_another_kind_is_refused(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1")
    answer = run("import", "sightings", str(path))
    assert answer.exit_code == 1
    assert ".csv, .ndjson" in answer.stderr
    assert run("import", "sightings", str(tmp_path / "none.csv")).exit_code == 2
