"""The command line: what it prints, how it exits, and that it is audited like anyone."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from sqlalchemy.engine import make_url

from shudi.audit.store import AuditRow
from shudi.cli import main
from shudi.db import connect
from shudi.db.migrate import owner_engine
from shudi.staff.queries.scopes import scope_of
from shudi.staff.rules.scopes import EVERYWHERE, Scope
from tests.conftest import Store
from tests.reliability.test_append_only import drop_guards

Run = Callable[..., Result]


@pytest.fixture
def run(store: Store, tmp_path: Path) -> Run:
    """Run a command on a fresh store of each kind."""
    environment = {
        "SHUDI_VAR": str(tmp_path / "var"),
        "SHUDI_DATABASE_URL": store.url,
        "SHUDI_MIGRATE_DATABASE_URL": store.owner_url,
    }
    runner = CliRunner(env=environment)
    return lambda *arguments: runner.invoke(main, arguments)


def site(run: Run) -> None:
    """The site that most commands need."""
    answer = run("site", "create", "tea", "--name", "Tea", "--match", "https://tea.example/*")
    assert answer.exit_code == 0, answer.output


def test_a_site_is_created_once(run: Run) -> None:
    site(run)
    again = run("site", "create", "tea", "--name", "Tea", "--match", "https://tea.example/*")
    assert again.exit_code == 1
    assert "already" in again.stderr


@pytest.mark.parametrize("key", ["Tea", "tea_house", "-tea", "t" * 65, "茶"])
def test_a_site_key_is_kebab_case(run: Run, key: str) -> None:
    answer = run("site", "create", "--name", "T", "--match", "https://t.example/*", "--", key)
    assert answer.exit_code == 1
    assert "kebab-case" in answer.stderr


def test_a_person_gets_one_single_use_link(run: Run) -> None:
    assert run("user", "create", "ada", "--role", "senior").exit_code == 0
    first = run("user", "link", "ada").stdout.strip()
    second = json.loads(run("user", "link", "ada", "--json").stdout)["link"]
    assert first.startswith("http://localhost:8000/enrol/")
    assert first != second


def test_a_persons_standing_is_changed_by_the_same_acts(run: Run, store: Store) -> None:
    run("user", "create", "ada", "--role", "senior")
    answer = run("user", "role", "ada", "--role", "admin", "--json")
    assert (answer.exit_code, json.loads(answer.stdout)) == (0, {"name": "ada", "role": "admin"})
    assert run("user", "role", "ada", "--role", "admin").exit_code == 1  # theirs already
    assert run("user", "role", "ada", "--role", "owner").exit_code == 2
    reset = json.loads(run("user", "reset", "ada", "--json").stdout)["link"]
    assert reset.startswith("http://localhost:8000/enrol/")
    assert run("user", "enable", "ada", "--role", "moderator").exit_code == 1  # not disabled
    assert run("user", "disable", "ada").exit_code == 0
    assert run("user", "reset", "ada").exit_code == 1
    enabled = run("user", "enable", "ada", "--role", "moderator").stdout.strip()
    assert enabled.startswith("http://localhost:8000/enrol/")
    database = connect(store.url)
    with database.read_session() as session:
        rows = session.execute(sa.select(AuditRow.action, AuditRow.actor_id).order_by(AuditRow.seq))
        found = [action for action, who in rows if who.startswith("system:cli:")]
    database.dispose()
    assert found == [
        "staff.created", "staff.role_set", "staff.reset", "staff.linked", "staff.disabled",
        "staff.enabled", "staff.linked",
    ]  # fmt: skip


def test_how_far_somebodys_work_reaches(run: Run, store: Store) -> None:
    site(run)
    assert run("user", "create", "ada", "--role", "senior", "--site", "tea").exit_code == 0
    assert run("user", "create", "sue", "--role", "supervisor", "--region", "CN-GD").exit_code == 0
    assert run("user", "scope", "ada", "--site", "tea").exit_code == 1  # theirs already
    wider = run("user", "scope", "ada", "--all-sites")
    assert (wider.exit_code, wider.stdout) == (0, "sites: all\nregions: all\n")
    both = run("user", "scope", "sue", "--site", "tea", "--json")
    kept = {"name": "sue", "sites": ["tea"], "regions": ["CN-GD"]}
    assert json.loads(both.stdout) == kept, "what is not mentioned stays"
    assert "regions: CN\n" in run("user", "scope", "sue", "--region", "CN").stdout
    for refused, code, words in (
        (["ada", "--region", "CN"], 1, "Only a supervisor"),
        (["ada", "--site", "coffee"], 1, "no site coffee"),
        (["sue", "--region", "XX"], 1, "no region XX"),
        (["ada"], 2, "Name sites or regions"),
        (["ada", "--site", "tea", "--all-sites"], 2, "not both"),
    ):
        answer = run("user", "scope", *refused)
        assert (answer.exit_code, words in answer.stderr) == (code, True), refused
    database = connect(store.url)
    with database.read_session() as session:
        scopes = [scope_of(session, number) for number in (1, 2)]
    database.dispose()
    assert scopes == [EVERYWHERE, Scope(frozenset({1}), frozenset({"CN"}))]


@pytest.mark.parametrize(
    "command",
    [
        ["link"],
        ["reset"],
        ["scope", "--all-sites"],
        ["role", "--role", "admin"],
        ["enable", "--role", "senior"],
    ],
)
def test_an_unknown_person_is_refused(run: Run, command: list[str]) -> None:
    answer = run("user", *command, "nobody")
    assert answer.exit_code == 1
    assert "no person" in answer.stderr


def test_key_create_prints_only_the_key(run: Run) -> None:
    site(run)
    answer = run("key", "create", "--name", "p", "--scope", "labels:read", "--site", "tea")
    assert answer.exit_code == 0
    key = answer.stdout.strip()
    assert key.startswith("shudi_")
    assert "\n" not in key
    listed = json.loads(run("key", "list", "--json").stdout)
    assert [(row["name"], row["scopes"], row["site"]) for row in listed] == [
        ("p", ["labels:read"], "tea")
    ]
    assert key not in run("key", "list").stdout


def test_a_revoked_key_is_listed_as_such_and_not_revoked_twice(run: Run) -> None:
    run("key", "create", "--name", "p", "--scope", "labels:read")
    number = str(json.loads(run("key", "list", "--json").stdout)[0]["id"])
    assert run("key", "revoke", number).exit_code == 0
    assert "revoked" in run("key", "list").stdout
    assert run("key", "revoke", number).exit_code == 1


@pytest.mark.parametrize(
    ("ip", "code", "state"),
    [
        ("1.2.4.8", 0, "labelled"),
        ("10.0.0.1", 0, "none"),
        ("203.0.113.7", 0, "none"),
        ("1.2.3", 2, None),
        ("1.2.4.8:80", 2, None),
        ("fe80::1%eth0", 2, None),
        ("nonsense", 2, None),
    ],
)
def test_geo_lookup(run: Run, ip: str, code: int, state: str | None) -> None:
    answer = run("geo", "lookup", ip, "--json")
    assert answer.exit_code == code
    if state:
        report = json.loads(answer.stdout)
        assert report["state"] == state
        assert set(report) == {"region", "state", "sources"}
    else:
        assert ip not in answer.output


def test_geo_status_says_how_old_the_bundled_database_is(run: Run) -> None:
    answer = run("geo", "status")
    assert answer.exit_code == 1
    assert "outdated" in answer.stdout
    assert "geo update" in answer.stdout


def test_audit_verify_finds_a_row_for_each_act(run: Run, store: Store) -> None:
    site(run)
    run("user", "create", "ada", "--role", "senior")
    run("user", "link", "ada")
    run("key", "create", "--name", "p", "--scope", "labels:read")
    answer = run("audit", "verify", "--json")
    assert answer.exit_code == 0
    assert json.loads(answer.stdout)["rows"] == 4
    database = connect(store.url)
    with database.read_session() as session:
        rows = session.execute(sa.select(AuditRow.action, AuditRow.actor_id)).all()
    database.dispose()
    assert [row.action for row in rows] == [
        "site.created",
        "staff.created",
        "staff.linked",
        "key.created",
    ]
    assert all(row.actor_id.startswith("system:cli:") for row in rows)


def test_audit_verify_names_the_first_bad_row(run: Run, store: Store) -> None:
    site(run)
    run("user", "create", "ada", "--role", "senior")
    run("user", "link", "ada")
    owner = owner_engine(make_url(store.owner_url))
    with owner.begin() as connection:
        drop_guards(connection)
        connection.exec_driver_sql("UPDATE audit SET actor_id = 'nobody' WHERE seq = 2")
    owner.dispose()
    answer = run("audit", "verify", "--json")
    said = json.loads(answer.stdout)
    assert (answer.exit_code, said["ok"], said["seq"]) == (1, False, 2)
    assert "Broken at row 2" in run("audit", "verify").stdout


def test_a_store_that_was_never_migrated_is_refused_with_the_fix(tmp_path: Path) -> None:
    runner = CliRunner(env={"SHUDI_VAR": str(tmp_path / "var")})
    answer = runner.invoke(main, ["user", "create", "ada", "--role", "senior"])
    assert answer.exit_code == 1
    assert "shudi migrate" in answer.stderr


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SHUDI_GRANULARITY", "street"),
        ("SHUDI_BRAKE_SHARE", "7"),
        ("SHUDI_RETENTION_DAYS", "0"),
        ("SHUDI_RETENTION_DAYS", "91"),
        ("SHUDI_TRUSTED_PROXIES", "not-a-network"),
        ("SHUDI_BASE_URL", "labels.example.org"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, variable: str, value: str) -> None:
    runner = CliRunner(env={"SHUDI_VAR": str(tmp_path / "var"), variable: value})
    answer = runner.invoke(main, ["migrate"])
    assert answer.exit_code == 1
    assert variable in answer.stderr


def test_doctor_names_the_engine(run: Run) -> None:
    answer = run("doctor")
    assert answer.exit_code == 0
    assert "store" in answer.stdout
