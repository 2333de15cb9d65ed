"""`shudi export …`: a copy of what is held, for whoever has a right to it."""

import json
import os
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi import clock
from shudi.accounts.rules import check_identifier
from shudi.accounts.store import Account
from shudi.cases.actions.holders import record_copy
from shudi.cases.gateway import files
from shudi.cases.queries.held import held_about, kept_files
from shudi.cli.context import actor, load, store
from shudi.errors import NotFound
from shudi.oversight.queries.told import told
from shudi.settings import Settings
from shudi.sites.queries import site_by_key


def register(main: click.Group) -> None:
    """Add the commands."""
    main.add_command(export)


@click.group()
def export() -> None:
    """Copies of what is held."""


@export.command("account")
@click.argument("site")
@click.argument("account")
@click.argument("target", metavar="FILE|-", type=click.Path(path_type=Path, allow_dash=True))
def copy_account(site: str, account: str, target: Path) -> None:
    """Everything that is held about one account: a ZIP of a JSON document and the files of its
    cases; `-` prints the JSON alone. A deleted account is found too: what is left of it is shown.

    Words that people wrote about the account are in it: read it before it leaves your hands.
    """
    settings = load()
    with store(settings) as database, database.transaction() as session:
        account_id = _find(session, site, account)
        record_copy(session, actor=actor(), account_id=account_id, now=clock.now())
        document: dict[str, Any] = {"made_at": clock.now().isoformat(), "site": site}
        document |= held_about(session, account_id=account_id)
        document["inspections"] = inspections_of(session, account_id)
        evidence = kept_files(session, account_id=account_id)
        if str(target) == "-":
            click.echo(_json(document))
            return
        with _new(target) as file:
            _write(file, document, evidence, settings)
    click.echo(f"{target}: {len(document['events'])} events, {len(evidence)} files.", err=True)


def _find(session: Session, site: str, account: str) -> int:
    known = site_by_key(session, site)
    row = known and session.scalar(
        sa.select(Account.id).where(
            Account.site_id == known.id, Account.account == check_identifier(account)
        )
    )
    if not row:
        raise NotFound("account-unknown", f"No account {account!r} is known of {site!r}.")
    return row


def inspections_of(session: Session, account_id: int) -> list[dict[str, Any]]:
    """Who looked, as far as their holder may be told by now: a copy tells no more."""
    return [
        {
            "authority": one.authority,
            "basis": one.basis.value,
            "first_at": one.first_at.isoformat(),
            "kinds": [kind.value for kind in one.kinds],
        }
        for one in told(session, account_id=account_id, now=clock.now())
    ]


def _new(path: Path) -> BinaryIO:
    """A file that was not there, for its owner only: what is in it is personal."""
    try:
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except FileExistsError:
        raise click.UsageError(f"{path} is there already.") from None
    except OSError as error:
        raise click.UsageError(f"{path} cannot be written: {error.strerror}.") from None


def _write(
    file: BinaryIO, document: dict[str, Any], evidence: list[tuple[str, str]], settings: Settings
) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("all-that-is-held.json", _json(document))
        for digest, name in evidence:
            archive.writestr(f"files/{digest}", files.read(settings, name))


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2)
