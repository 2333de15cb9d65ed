"""`shudi import …`: files of sightings or accounts, through the same acts as the API.

Account information is screened as the API screens it: what waits for a person is counted, what
a rule refuses is named with its rule and article.

A file is taken in batches, each one transaction. What was taken is remembered in the state
folder, so that an import that was cut off goes on where it stopped when it is called again.
"""

import csv
import dataclasses
import hashlib
import itertools
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

import click
from sqlalchemy.orm import Session

from shudi import clock
from shudi.accounts.rules import PENDING, REFUSED, AccountInfo, Verdict
from shudi.cases.actions.intake import put_account, take_sightings
from shudi.cli.context import actor, as_json_option, load, show, store
from shudi.cli.geo import locator_of
from shudi.errors import Invalid, Refused, ShudiError
from shudi.labels.actions.batch import Origin
from shudi.settings import Settings
from shudi.sites.queries import site_by_key

SIGHTINGS_A_BATCH = 5000
ACCOUNTS_A_BATCH = 500
SHOWN_MOST = 20  # refused lines that are named
Row = dict[str, Any]
Refusals = list[tuple[int, str]]
Take = Callable[[Session, list[tuple[int, Row]]], Refusals]


@dataclasses.dataclass(slots=True)
class _Sighting:
    site: str
    account: str
    ip: str
    at: str
    kind: str


def register(main: click.Group) -> None:
    """Add the commands."""
    main.add_command(bring)


@click.group("import")
def bring() -> None:
    """Take files in."""


_file = click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
_dry_run = click.option("--dry-run", is_flag=True, help="Check everything, keep nothing.")


@bring.command("sightings")
@_file
@_dry_run
@as_json_option
def sightings(file: Path, dry_run: bool, as_json: bool) -> None:
    """Sightings from CSV or NDJSON (`-`: NDJSON). Too large a change stops at the brake."""
    settings = load()
    locator = locator_of(settings)

    def take(session: Session, batch: list[tuple[int, Row]]) -> Refusals:
        rows = [_Sighting(**{name: str(row.get(name, "")) for name in _FIELDS}) for _, row in batch]
        taken = take_sightings(
            session,
            actor=actor(),
            sightings=rows,
            allowed_site_id=None,
            locator=locator,
            settings=settings,
            now=clock.now(),
            origin=Origin("import", file.name),
        )
        return [(batch[error.index][0], error.code) for error in taken.errors]

    _run(settings, file, take, SIGHTINGS_A_BATCH, dry_run=dry_run, as_json=as_json)


@bring.command("accounts")
@_file
@_dry_run
@as_json_option
def accounts(file: Path, dry_run: bool, as_json: bool) -> None:
    """Account information from CSV or NDJSON (`-`: NDJSON)."""
    verdicts = {PENDING: 0, REFUSED: 0}

    def take(session: Session, batch: list[tuple[int, Row]]) -> Refusals:
        refused: Refusals = []
        for line, row in batch:
            try:
                with session.begin_nested():  # a refused line takes nothing along
                    verdict = _put(session, row)
            except ShudiError as error:
                refused.append((line, error.code))
                continue
            if verdict.verdict in verdicts:
                verdicts[verdict.verdict] += 1
            if verdict.verdict == REFUSED:
                refused.append((line, f"refused by {verdict.rule}, {verdict.article}"))
        return refused

    _run(load(), file, take, ACCOUNTS_A_BATCH, dry_run=dry_run, as_json=as_json, verdicts=verdicts)


_FIELDS = ("site", "account", "ip", "at", "kind")
_INFO = ("handle", "name", "avatar_url", "bio", "protection")


def _put(session: Session, row: Row) -> Verdict:
    site = site_by_key(session, str(row.get("site", "")))
    if site is None:
        raise Invalid("site-unknown", "There is no site of this key.")
    info = AccountInfo(**{name: str(row[name]) for name in _INFO if row.get(name)})
    return put_account(
        session,
        actor=actor(),
        site_id=site.id,
        account=str(row.get("account", "")),
        info=info,
        now=clock.now(),
    )


def _run(
    settings: Settings,
    file: Path,
    take: Take,
    size: int,
    *,
    dry_run: bool,
    as_json: bool,
    verdicts: dict[str, int] | None = None,
) -> None:
    """Take the whole file in; exit code 1 if a line was refused. `verdicts` other than accepted
    are counted by `take` as it goes; a refused line is among the rejected ones, too.
    """
    mark = _mark(settings, file)
    done = 0 if dry_run or not mark.exists() else int(mark.read_text(encoding="ascii"))
    accepted, refused = 0, Refusals()
    with store(settings) as database, _opened(file) as source:
        rows = itertools.islice(_rows(file, source, refused), done, None)
        while batch := list(itertools.islice(rows, size)):
            with database.transaction() as session:
                bad = take(session, batch)
                if dry_run:
                    session.rollback()
            accepted += len(batch) - len(bad)
            refused += bad
            done += len(batch)
            if not dry_run:
                mark.write_text(str(done), encoding="ascii")
            click.echo(f"\r{done} lines", nl=False, err=True)
    mark.unlink(missing_ok=True)
    click.echo("", err=True)
    for line, code in sorted(refused)[:SHOWN_MOST]:
        click.echo(f"line {line}: {code}", err=True)
    accepted -= (verdicts or {}).get(PENDING, 0)
    value = {"accepted": accepted, "rejected": len(refused), **(verdicts or {}), "dry_run": dry_run}
    waiting = f", {verdicts[PENDING]} waiting for a person" if verdicts else ""
    show(value, as_json=as_json, text=f"{accepted} accepted{waiting}, {len(refused)} refused.")
    if refused:
        sys.exit(1)


def _mark(settings: Settings, file: Path) -> Path:
    """Where the progress of this very file is kept."""
    size = file.stat().st_size if file.is_file() else 0
    name = hashlib.sha256(f"{file.name}|{size}".encode()).hexdigest()[:16]
    return settings.var / f"import-{name}"


def _opened(file: Path) -> TextIO:
    if str(file) == "-":
        return sys.stdin
    if not file.is_file():
        raise click.UsageError("There is no such file.")
    return file.open(encoding="utf-8-sig", newline="")


def _rows(file: Path, source: TextIO, refused: Refusals) -> Iterator[tuple[int, Row]]:
    """(line number, row); lines that are no row are refused by themselves."""
    if file.suffix == ".csv":
        yield from enumerate(csv.DictReader(source), 2)
    elif str(file) == "-" or file.suffix in (".ndjson", ".jsonl"):
        for number, line in enumerate(source, 1):
            row = _object(line)
            if row is not None:
                yield number, row
            elif line.strip():
                refused.append((number, "line-malformed"))
    else:
        raise Refused("format-unknown", "Files end in .csv, .ndjson or .jsonl.")


def _object(line: str) -> Row | None:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
