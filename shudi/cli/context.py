"""What a command needs: settings, the store, who acts."""

import contextlib
import getpass
import json
from collections.abc import Iterator

import click
from sqlalchemy.orm import Session

from shudi import settings as settings_module
from shudi.db import Database, connect
from shudi.db.migrate import head, revision_of
from shudi.errors import Refused
from shudi.settings import Settings
from shudi.staff.rules import Actor


def load() -> Settings:
    """Settings from the environment."""
    return settings_module.load()


def actor() -> Actor:
    """The operating-system user, who is audited like anyone."""
    return Actor.system(f"cli:{getpass.getuser()}"[:60])


@contextlib.contextmanager
def store(settings: Settings) -> Iterator[Database]:
    """The migrated store; Refused, with the command that helps, where it is not."""
    database = connect(settings.database_url)
    try:
        with database.read_session() as session:
            at = revision_of(session.connection())
        if at != head():
            raise Refused("schema", "The store is not at this version's schema: run shudi migrate.")
        yield database
    finally:
        database.dispose()


@contextlib.contextmanager
def transaction() -> Iterator[Session]:
    """One transaction on the store that the environment names."""
    with store(load()) as database, database.transaction() as session:
        yield session


def show(value: object, *, as_json: bool, text: str) -> None:
    """Print `value` as JSON where a program reads, `text` where a person does."""
    click.echo(json.dumps(value, ensure_ascii=False, default=str) if as_json else text)


as_json_option = click.option("--json", "as_json", is_flag=True, help="For programs.")
