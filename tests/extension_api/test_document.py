"""The OpenAPI document and the server as it is run say the same: Schemathesis asks both."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from shudi import clock
from shudi.clients.actions import create_key
from shudi.clients.rules import Scope
from shudi.labels.actions.publication import publish_due
from shudi.labels.codec import folder
from shudi.sites.actions import create_site
from tests.e2e.desk import ROOT, free_port, stop, wait_for
from tests.extension_api.conftest import SETUP, Program, made, sighting

_HERE = Path(__file__).parent / "document"
_DONE = re.compile(r"(\d+) generated, (\d+) passed")


@pytest.fixture
def key(database, settings, vocabulary, locator) -> str:
    """A key for everything, to a store with two sites, labels and a published dataset."""
    with database.transaction() as session:
        for name in ("teahouse", "library"):
            match = ["https://example.org/*"]
            create_site(session, actor=SETUP, key=name, name=name, match=match, now=clock.now())
        _, secret = create_key(session, actor=SETUP, name="b", scopes=tuple(Scope), now=clock.now())
    with made(settings, database, vocabulary, locator) as app:
        lines = [sighting("ada"), sighting("grace"), sighting("ada", site="library")]
        assert Program(app.test_client(), secret).sighted(*lines).status_code == 200
    publish_due(database, settings=settings, vocabulary=vocabulary, now=clock.now())
    return secret


@pytest.fixture
def server(key, settings):
    """The server's address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = os.environ | {
        "SHUDI_VAR": str(settings.var),
        "SHUDI_DATABASE_URL": settings.database_url,
        "SHUDI_BASE_URL": url,
        "SHUDI_REPORT_LIMIT": "1000000",
    }
    command = [sys.executable, "-m", "benchmarks.serve", "wsgi:app", str(port)]
    process = subprocess.Popen(command, env=environment, cwd=ROOT)
    try:
        wait_for(f"{url}/readyz")
        yield url
    finally:
        stop(process)


def ask(server: str, key: str, settings, folder_: Path, *arguments: str) -> str:
    """What Schemathesis says of every operation; all its checks and phases."""
    file = next(path.name for path in (folder(settings.var) / "teahouse").glob("*.bin"))
    environment = os.environ | {
        "SCHEMATHESIS_HOOKS": "tests.extension_api.document.hooks",
        "SHUDI_TEST_FILE": file,
        "SHUDI_TEST_KEY": key,
        "PYTHONPATH": str(ROOT),
    }
    program = Path(sys.executable).with_name("schemathesis")
    command = [str(program), "--config-file", str(_HERE / "schemathesis.toml"), "run"]
    command += [f"{server}/api/v1/openapi.json", "--no-color", "--continue-on-failure"]
    command += ["--generation-database", "none", *arguments]
    done = subprocess.run(
        command, env=environment, cwd=folder_, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
    return done.stdout


def every_case_passed(said: str, at_least: int) -> None:
    """Nothing failed, nothing was left out, and nothing got stuck at «there is no such»."""
    print(said)
    found = _DONE.search(said)
    assert found is not None
    generated, passed = map(int, found.groups())
    assert generated == passed >= at_least
    assert "Missing test data" not in said
    selected, total = re.search(r"(\d+) selected / (\d+) total", said).groups()
    assert selected == total


def test_the_document_is_true(server, key, settings, tmp_path):
    """A few examples of each operation, always the same ones."""
    said = ask(server, key, settings, tmp_path, "--max-examples", "5", "--seed", "1")
    every_case_passed(said, at_least=500)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_the_document_is_true_in_500_examples_of_each(server, key, settings, tmp_path):
    said = ask(server, key, settings, tmp_path, "--max-examples", "500")
    every_case_passed(said, at_least=5000)
