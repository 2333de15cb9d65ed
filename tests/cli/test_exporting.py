"""`shudi export account`: a private file of all that is held, and on record."""

import json
import stat
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa

from shudi.audit.store import AuditRow
from shudi.db import connect
from tests.cli.test_commands import Run, run, site
from tests.conftest import Store

__all__ = ["run"]


@pytest.fixture
def known(run: Run, tmp_path: Path) -> Run:
    site(run)
    line = {"site": "tea", "account": "leaf", "name": "Leaf 茶", "handle": "leaf"}
    given = tmp_path / "accounts.ndjson"
    given.write_text(json.dumps(line) + "\n", encoding="utf-8")
    answer = run("import", "accounts", str(given))
    assert answer.exit_code == 0, answer.output
    return run


def test_it_goes_into_a_private_file_and_on_record(known: Run, store: Store, tmp_path: Path):
    target = tmp_path / "leaf.zip"
    answer = known("export", "account", "tea", "leaf", str(target))
    assert answer.exit_code == 0, answer.output
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with zipfile.ZipFile(target) as archive:
        assert archive.namelist() == ["all-that-is-held.json"]
        document = json.loads(archive.read("all-that-is-held.json"))
    assert document["site"] == "tea"
    assert document["account"][0]["name"] == "Leaf 茶"
    assert "account.copied" in [act["action"] for act in document["acts"]]
    database = connect(store.url)
    with database.read_session() as session:
        actors = session.scalars(
            sa.select(AuditRow.actor_name).where(AuditRow.action == "account.copied")
        ).all()
    database.dispose()
    assert [actor.split(":")[0] for actor in actors] == ["cli"]


def test_a_file_that_is_there_is_not_written_over_and_nothing_is_on_record(
    known: Run, store: Store, tmp_path: Path
):
    target = tmp_path / "leaf.zip"
    target.write_text("mine")
    answer = known("export", "account", "tea", "leaf", str(target))
    assert answer.exit_code == 2
    assert target.read_text() == "mine"
    database = connect(store.url)
    with database.read_session() as session:
        rows = session.scalar(
            sa.select(sa.func.count())
            .select_from(AuditRow)
            .where(AuditRow.action == "account.copied")
        )
    database.dispose()
    assert rows == 0


def test_it_may_be_read_by_a_program(known: Run):
    answer = known("export", "account", "tea", "leaf", "-")
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout)["account"][0]["handle"] == "leaf"


@pytest.mark.parametrize(("key", "account"), [("tea", "Leaf"), ("coffee", "leaf"), ("?", "leaf")])
def test_an_unknown_account_is_said(known: Run, key: str, account: str):
    answer = known("export", "account", key, account, "-")
    assert answer.exit_code == 1
    assert "No account" in answer.stderr
