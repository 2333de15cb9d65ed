"""Copying a store by its own engine's means: SQLite's `VACUUM INTO`, PostgreSQL's `pg_dump`.

`VACUUM INTO` (https://sqlite.org/lang_vacuum.html) reads one snapshot while others write, and
leaves free pages behind, so that what was deleted is not in the copy. `pg_dump` likewise.
"""

import os
import subprocess
from pathlib import Path

from sqlalchemy.engine import URL

from shudi.db import sqlite
from shudi.errors import Refused, Unavailable


def copy(url: URL, target: Path) -> None:
    """Write the store at `url` as it is now to `target`, which must not exist. Unavailable if it
    cannot be read, or `pg_dump` is not there.
    """
    if url.get_backend_name() == "postgresql":
        _postgres("pg_dump", url, "--format=custom", "--no-owner", "--no-acl", f"--file={target}")
        return
    module = sqlite.driver()
    place = Path(url.database or "").absolute()
    if not place.exists():
        raise Unavailable("store-unavailable", "There is no store.")
    connection = module.connect(
        f"{place.as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=30
    )
    try:
        connection.execute("VACUUM INTO ?", (str(target),))
    except module.Error as error:
        raise Unavailable("store-unavailable", f"The store was not copied: {error}") from error
    finally:
        connection.close()


def load(url: URL, source: Path) -> None:
    """Fill the empty PostgreSQL store at `url` from `source`, whole or not at all."""
    options = ("--exit-on-error", "--single-transaction", "--no-owner", "--no-acl")
    _postgres("pg_restore", url, *options, str(source))


def _postgres(program: str, url: URL, *arguments: str) -> None:
    where = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    environment = dict(os.environ)
    if url.password is not None:
        environment["PGPASSWORD"] = str(url.password)  # not where `ps` shows it
    command = [program, "--no-password", f"--dbname={where}", *arguments]
    try:
        # no shell, and nothing in it that a user typed: the settings' address and our own paths
        done = subprocess.run(command, env=environment, capture_output=True, check=False)  # noqa: S603
    except FileNotFoundError:
        raise Refused(
            "postgres-tools", f"{program} is not installed: it comes with PostgreSQL's client."
        ) from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().split("\n")[0]
        raise Unavailable("store-unavailable", f"{program} failed: {said}")
