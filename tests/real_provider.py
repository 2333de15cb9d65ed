"""A real provider of OpenID Connect: the certified `oidc-provider`, as a process over HTTP.

`make test` installs it (tests/provider/package-lock.json); without it its tests are left out.
"""

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.conftest import left_out

FOLDER = Path(__file__).parent / "provider"
CLIENT, SECRET = "shudi-desk", "not a secret: of+the/tests%"
PASSWORD = "there"
MISSING = "oidc-provider not found: run `make tests/provider/node_modules`"


class RealProvider:
    """`people`: what the provider knows; told anew, it holds from the next request on."""

    def __init__(self, port: int, folder: Path, base: str) -> None:
        self.port, self.base = port, base
        self.issuer = f"http://127.0.0.1:{port}"
        self._people = folder / "people.json"
        self._log = folder / "provider.log"
        self._process: subprocess.Popen[str] | None = None
        self.people: dict[str, Any] = {}

    def know(self, subject: str, *groups: str, amr: list[str] | None = None, **claims: str) -> None:
        """Know this subject, in these groups, who will have signed in by `amr`."""
        told = {"name": subject, **claims, "groups": list(groups)}
        self.people[subject] = {"password": PASSWORD, "claims": told, "amr": amr or ["pwd"]}
        self._people.write_text(json.dumps(self.people))

    def start(self) -> None:
        """Start it, or start it again as somebody who remembers nothing."""
        node = shutil.which("node")
        if node is None or not (FOLDER / "node_modules").exists():
            left_out(MISSING)
        told = {
            "port": self.port, "base": self.base, "client": CLIENT, "secret": SECRET,
            "people": str(self._people), "algorithm": "RS256",
        }  # fmt: skip
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                [node, "server.js"], cwd=FOLDER, env=os.environ | {"PROVIDER": json.dumps(told)},
                stdout=subprocess.PIPE, stderr=log, text=True,
            )  # fmt: skip
        assert self._process.stdout is not None
        # what it warns of at start (development keys) comes on stderr
        while (line := self._process.stdout.readline().strip()) != "ready":
            assert self._process.poll() is None, self._log.read_text() + line

    def stop(self) -> None:
        """It does not answer any more."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=15)
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    def settings(self, **more: str) -> Mapping[str, str]:
        """What a desk is set to, to sign people in by this."""
        return {
            "SHUDI_OIDC_ISSUER": self.issuer,
            "SHUDI_OIDC_CLIENT_ID": CLIENT,
            "SHUDI_OIDC_CLIENT_SECRET": SECRET,
            "SHUDI_OIDC_NAME": "Tea House",
            "SHUDI_OIDC_SCOPES": "openid profile groups",
            **{f"SHUDI_OIDC_{name.upper()}": value for name, value in more.items()},
        }


@contextlib.contextmanager
def running(port: int, folder: Path, base: str) -> Iterator[RealProvider]:
    """A provider that answers, for a desk at `base`."""
    made = RealProvider(port, folder, base)
    made.start()
    try:
        yield made
    finally:
        made.stop()
