"""`shudi audit verify` and `shudi doctor`: whether everything is as it should be."""

import sys

import click

from shudi.audit.codec import audit_key, checkpoint_notes
from shudi.audit.queries import verify
from shudi.cli.context import as_json_option, load, show, store
from shudi.db import sqlite


def register(main: click.Group) -> None:
    """Add the commands."""
    main.add_command(audit)
    main.add_command(doctor)


@click.group()
def audit() -> None:
    """The record of every act."""


@audit.command("verify")
@as_json_option
def verify_log(as_json: bool) -> None:
    """Walk the whole chain and its checkpoints. Exit code 1 and the first bad row if broken."""
    settings = load()
    with store(settings) as database, database.read_session() as session:
        verdict = verify(
            session,
            public_key=audit_key(settings).public_key(),
            notes=checkpoint_notes(settings),
        )
    text = (
        f"{verdict.rows} rows, all linked and unchanged."
        if verdict.ok
        else f"Broken at row {verdict.seq}: {verdict.problem}. {verdict.rows} rows before it hold."
    )
    value = {
        "ok": verdict.ok,
        "rows": verdict.rows,
        "problem": verdict.problem,
        "seq": verdict.seq,
    }
    show(value, as_json=as_json, text=text)
    if not verdict.ok:
        sys.exit(1)


@click.command()
def doctor() -> None:
    """Check what this installation stands on."""
    settings = load()
    with store(settings) as database:
        click.echo(f"store      {database.dialect}, at this version's schema")
        if database.dialect == "sqlite":
            click.echo(f"sqlite     {sqlite.driver().sqlite_version}, {_journal()}")
        elif not settings.migrate_database_url:
            click.echo(
                "roles      the application owns its tables: give SHUDI_MIGRATE_DATABASE_URL an"
                " owner of its own, so that the audit log cannot be altered"
            )
    if settings.base_url.startswith("http://") and "localhost" not in settings.base_url:
        click.echo("base url   plain http: browsers will not keep the sign-in cookie")


def _journal() -> str:
    if sqlite.journal_mode() == "WAL":
        return "write-ahead log"
    return (
        "rollback journal: this SQLite is in the WAL-reset range (fixed in 3.51.3); it cannot"
        " be confirmed that the distribution has fixed it"
    )
