"""The import contracts hold, and each of them would notice."""

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

PACKAGES = ("shudi", "console", "extension_api")

# file -> import added to it -> what the report must say of it
BREAKS = {
    "doors, from below": (
        "shudi/cases/rules/priority.py",
        "import console",
        "shudi.cases.rules.priority -> console",
    ),
    "doors, from the side": (
        "extension_api/wire.py",
        "import console",
        "extension_api.wire -> console",
    ),
    "doors, from the other side": (
        "console/present.py",
        "import extension_api",
        "console.present -> extension_api",
    ),
    "nouns, upwards": (
        "shudi/labels/rules/__init__.py",
        "import shudi.cases.rules",
        "shudi.labels.rules -> shudi.cases.rules",
    ),
    "nouns, sideways": (
        "shudi/geo/rules.py",
        "import shudi.sites.rules",
        "shudi.geo.rules -> shudi.sites.rules",
    ),
    "nouns, audit above": (
        "shudi/audit/store.py",
        "import shudi.staff.rules",
        "shudi.audit.store -> shudi.staff.rules",
    ),
    "inside, rules reading tables": (
        "shudi/sites/rules.py",
        "import shudi.sites.store",
        "shudi.sites.rules -> shudi.sites.store",
    ),
    "inside, tables knowing acts": (
        "shudi/accounts/store.py",
        "import shudi.accounts.actions",
        "shudi.accounts.store -> shudi.accounts.actions",
    ),
    "no web": ("shudi/errors.py", "import flask", "shudi.errors -> flask"),
    "no web, forms": ("shudi/clock.py", "import wtforms", "shudi.clock -> wtforms"),
    "one geo": (
        "shudi/regions/rules.py",
        "import maxminddb",
        "shudi.regions.rules -> maxminddb",
    ),
    "one geo, at the door": ("console/present.py", "import geoip2", "console.present -> geoip2"),
    "label API": (
        "extension_api/wire.py",
        "import flask_login",
        "extension_api.wire -> flask_login",
    ),
    "label API, forms": (
        "extension_api/wire.py",
        "import wtforms",
        "extension_api.wire -> wtforms",
    ),
    "pure rules": (
        "shudi/cases/rules/priority.py",
        "import sqlalchemy",
        "shudi.cases.rules.priority -> sqlalchemy",
    ),
    "API acts": (
        "extension_api/wire.py",
        "import shudi.cases.actions.review",
        "extension_api.wire -> shudi.cases.actions.review",
    ),
}
# A module that no contract places.
STRAYS = {"shudi/utils.py": "utils", "shudi/labels/helpers.py": "helpers"}


def _lint(folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"],
        check=False,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr


def _copy(folder: Path) -> None:
    for name in PACKAGES:
        shutil.copytree(
            ROOT / name,
            folder / name,
            ignore=shutil.ignore_patterns("__pycache__", "*.csv", "*.txt"),
        )
    shutil.copy(ROOT / "setup.cfg", folder)


def test_every_contract_holds():
    code, report = _lint(ROOT)
    assert code == 0, report[-3000:]
    assert " 0 broken" in report


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The report on a copy of the tree in which every rule is broken once."""
    folder = tmp_path_factory.mktemp("broken")
    _copy(folder)
    for name, line, _ in BREAKS.values():
        path = folder / name
        path.write_text(f"{path.read_text()}\n{line}\n")
    for name in STRAYS:
        (folder / name).write_text("")
    code, report = _lint(folder)
    assert code == 1
    return report


@pytest.mark.parametrize("which", BREAKS)
def test_a_forbidden_import_is_found(broken: str, which: str):
    assert BREAKS[which][2] in broken


def test_every_contract_breaks(broken: str):
    assert " 0 kept" in broken, "a contract that nothing here breaks proves nothing"


# Behind the API's own routes: sightings, information, erasure, reports, holder links, keys.
BEHIND_ROUTES = {
    "shudi.cases.actions.erasure",
    "shudi.cases.actions.holders",
    "shudi.cases.actions.intake",
    "shudi.clients.actions",
    "shudi.geo.actions",
    "shudi.labels.actions.sightings",
}


def test_every_act_is_behind_a_route_of_the_api_or_closed_to_it():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    closed = set(setup["importlinter:contract:api-acts"]["forbidden_modules"].split())
    folders = (ROOT / "shudi").glob("*/actions")
    acts = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for folder in folders
        for path in folder.glob("*")
        if path.suffix == ".py" or (path / "__init__.py").exists()
    } | {f"shudi.{path.parent.name}.actions" for path in (ROOT / "shudi").glob("*/actions.py")}
    told = closed | BEHIND_ROUTES
    strays = {act for act in acts if act not in told and act.rpartition(".")[0] not in told}
    assert strays - {"shudi.cases.actions.__init__", "shudi.labels.actions.__init__"} == set()
    assert closed & BEHIND_ROUTES == set()


@pytest.mark.parametrize("which", STRAYS)
def test_a_module_without_a_place_is_found(broken: str, which: str):
    assert STRAYS[which] in broken
