"""Newer geo databases from a terminal: compared, held or used; servers follow by themselves."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from shudi.cases.store import Case
from shudi.cli import main
from shudi.db import connect
from shudi.geo.store import SourceUpdate
from tests import factories
from tests.cli.test_importing import line, ndjson
from tests.conftest import Store
from tests.fixtures.geo_mmdb import dbip, write_mmdb

Run = Callable[..., Result]
LARGE = {**factories.NETWORKS, "36.1.0.0/16": dbip("CN", "Hunan")}


@pytest.fixture
def places(tmp_path: Path) -> Path:
    return factories.write_places(tmp_path / "places.mmdb")


@pytest.fixture
def run(store: Store, tmp_path: Path, places: Path) -> Run:
    """A site of thirty accounts in Guangdong."""
    environment = {
        "SHUDI_VAR": str(tmp_path / "var"),
        "SHUDI_DATABASE_URL": store.url,
        "SHUDI_MIGRATE_DATABASE_URL": store.owner_url,
        "SHUDI_GEO_SOURCES": f"test=mmdb:{places}",
    }
    runner = CliRunner(env=environment)
    runner.invoke(main, ["site", "create", "tea", "--name", "T", "--match", "https://t.example/*"])
    seen = [line(f"u{number}") for number in range(30)]
    runner.invoke(main, ["import", "sightings", str(ndjson(tmp_path / "a.ndjson", seen))])
    return lambda *arguments, **more: runner.invoke(main, arguments, **more)


def region(run: Run, ip: str = "36.1.2.3") -> str:
    return str(json.loads(run("geo", "lookup", ip, "--json").stdout)["region"])


def state(store: Store) -> list[str]:
    database = connect(store.url)
    with database.read_session() as session:
        found = [one.value for one in session.scalars(sa.select(SourceUpdate.state))]
        assert session.scalar(sa.select(sa.func.count()).select_from(Case)) == found.count("held")
    database.dispose()
    return found


def test_what_moves_little_is_used_at_once(run: Run, store: Store, tmp_path: Path) -> None:
    small = {**factories.NETWORKS, "43.1.0.0/16": dbip("MO")}
    new = write_mmdb(tmp_path / "new.mmdb", small, build=1_795_000_000)
    answer = run("geo", "update", str(new), "--source", "test")
    assert answer.exit_code == 0, answer.output
    assert "test is built 2026-11-18." in answer.stdout
    assert "HK -> MO" in answer.stdout
    assert "T: 0 to 0 of 30 labels would move" in answer.stdout
    assert "In use; servers follow within seconds." in answer.stdout
    assert region(run, "43.1.2.3") == "MO"
    assert state(store) == ["applied"]
    again = run("geo", "update", str(new), "--source", "test", "--json")
    assert json.loads(again.stdout) == {"update": None}


def test_what_moves_too_much_waits(run: Run, store: Store, tmp_path: Path) -> None:
    new = write_mmdb(tmp_path / "new.mmdb", LARGE)
    answer = json.loads(run("geo", "update", str(new), "--source", "test", "--json").stdout)
    assert (answer["state"], answer["rule"], answer["gone"]) == ("held", "share", ["CN-GD"])
    assert answer["sites"][0]["moves"] == [["CN-GD", "CN-HN", 30, 30]]
    assert region(run) == "CN-GD"
    assert state(store) == ["held"]
    status = run("geo", "status")
    assert status.exit_code == 1
    assert "waiting" in status.stdout


def test_a_replaced_file_is_looked_at_on_demand(run: Run, store: Store, places: Path) -> None:
    assert "Nothing new" in run("geo", "check").stdout
    write_mmdb(places, LARGE)
    assert region(run) == "CN-GD"  # whoever starts now uses what is in use
    answer = run("geo", "check")
    assert "30 to 30 of 30 labels would move" in answer.stdout
    assert "it waits for a senior" in answer.stdout
    assert state(store) == ["held"]


@pytest.mark.parametrize("content", [b"", b"rubbish" * 100_000])
def test_a_bad_file_is_refused(run: Run, store: Store, tmp_path: Path, content: bytes) -> None:
    bad = tmp_path / "bad.mmdb"
    bad.write_bytes(content)
    answer = run("geo", "update", str(bad), "--source", "test")
    assert answer.exit_code == 1
    assert "damaged or says nothing" in answer.stderr
    assert region(run) == "CN-GD"
    assert state(store) == []


def test_an_unknown_source_is_refused(run: Run, places: Path) -> None:
    answer = run("geo", "update", str(places), "--source", "other")
    assert answer.exit_code == 1
    assert "no such source" in answer.stderr
