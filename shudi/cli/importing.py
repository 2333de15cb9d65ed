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
from shudi.cli import previewing
from shudi.cli.context import actor, as_json_option, load, show, store
from shudi.cli.geo import locator_of
from shudi.errors import Invalid, Refused, ShudiError
from shudi.geo.actions import Locator
from shudi.labels.actions.batch import Origin
from shudi.labels.actions.preview import Preview, SiteMoves
from shudi.settings import Settings
from shudi.sites.queries import all_sites, site_by_key

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

    @classmethod
    def of(cls, row: Row) -> "_Sighting":
        return cls(*(str(row.get(field.name, "")) for field in dataclasses.fields(cls)))


def register(main: click.Group) -> None:
    """Add the commands."""
    main.add_command(bring)


@click.group("import")
def bring() -> None:
    """Take files in."""


_file = click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
_dry_run = click.option(
    "--dry-run", is_flag=True, help="Check everything, say what would change, keep nothing."
)


@bring.command("sightings")
@_file
@_dry_run
@as_json_option
def sightings(file: Path, dry_run: bool, as_json: bool) -> None:
    """Sightings from CSV or NDJSON (`-`: NDJSON). Too large a change stops at the brake."""
    settings = load()
    locator = locator_of(settings)
    if dry_run:
        _preview(settings, locator, file, as_json=as_json)
        return

    def take(session: Session, batch: list[tuple[int, Row]]) -> Refusals:
        taken = take_sightings(
            session,
            actor=actor(),
            sightings=[_Sighting.of(row) for _, row in batch],
            allowed_site_id=None,
            locator=locator,
            settings=settings,
            now=clock.now(),
            origin=Origin("import", file.name),
        )
        return [(batch[error.index][0], error.code) for error in taken.errors]

    _run(settings, file, take, SIGHTINGS_A_BATCH, as_json=as_json)


def _preview(settings: Settings, locator: Locator, file: Path, *, as_json: bool) -> None:
    """What the whole file would change. Only reads, so nobody waits for it."""
    with store(settings) as database, database.read_session() as session:
        sites = {site.key: site for site in all_sites(session)}
    preview = Preview(sites, locator=locator, settings=settings, now=clock.now())

    def take(session: Session, batch: list[tuple[int, Row]]) -> Refusals:
        errors = preview.add(session, [_Sighting.of(row) for _, row in batch])
        return [(batch[error.index][0], error.code) for error in errors]

    size = SIGHTINGS_A_BATCH
    _run(settings, file, take, size, as_json=as_json, moves=preview.moves, reads=True)


@bring.command("accounts")
@_file
@_dry_run
@as_json_option
def accounts(file: Path, dry_run: bool, as_json: bool) -> None:
    """Account information from CSV or NDJSON (`-`: NDJSON)."""
    verdicts, moved = {PENDING: 0, REFUSED: 0}, previewing.AccountMoves()

    def take(session: Session, batch: list[tuple[int, Row]]) -> Refusals:
        if not dry_run:
            return put(session, batch)
        with moved.watching(session, [row for _, row in batch]):
            return put(session, batch)

    def put(session: Session, batch: list[tuple[int, Row]]) -> Refusals:
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

    moves = moved.moves if dry_run else None
    _run(load(), file, take, ACCOUNTS_A_BATCH, as_json=as_json, verdicts=verdicts, moves=moves)


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
    as_json: bool,
    verdicts: dict[str, int] | None = None,
    moves: previewing.Moves | None = None,
    reads: bool = False,
) -> None:
    """Take the whole file in; exit code 1 if a line was refused. `verdicts` other than accepted
    are counted by `take` as it goes; a refused line is among the rejected ones, too. With
    `moves` it is a dry run, which keeps nothing and tells them; one that only `reads` locks
    nobody out.
    """
    mark = _mark(settings, file)
    done = int(mark.read_text(encoding="ascii")) if moves is None and mark.exists() else 0
    accepted, refused = 0, Refusals()
    with store(settings) as database, _opened(file) as source:
        rows = itertools.islice(_rows(file, source, refused), done, None)
        while batch := list(itertools.islice(rows, size)):
            with database.read_session() if reads else database.transaction() as session:
                bad = take(session, batch)
                if moves is not None:
                    session.rollback()
            accepted += len(batch) - len(bad)
            refused += bad
            done += len(batch)
            if moves is None:
                mark.write_text(str(done), encoding="ascii")
            click.echo(f"\r{done} lines", nl=False, err=True)
        found = None
        if moves is not None:
            with database.read_session() as session:
                found = moves(session)
    if moves is None:
        mark.unlink(missing_ok=True)
    _tell(accepted, refused, verdicts, found, as_json=as_json)


def _tell(
    accepted: int,
    refused: Refusals,
    verdicts: dict[str, int] | None,
    found: list[SiteMoves] | None,
    *,
    as_json: bool,
) -> None:
    click.echo("", err=True)
    for line, code in sorted(refused)[:SHOWN_MOST]:
        click.echo(f"line {line}: {code}", err=True)
    accepted -= (verdicts or {}).get(PENDING, 0)
    value: dict[str, Any] = {"accepted": accepted, "rejected": len(refused), **(verdicts or {})}
    value["dry_run"] = found is not None
    waiting = f", {verdicts[PENDING]} waiting for a person" if verdicts else ""
    text = f"{accepted} accepted{waiting}, {len(refused)} refused."
    if found is not None:
        value["sites"] = previewing.as_values(found)
        text = f"{text} Nothing was kept.\n{previewing.as_text(found)}"
    show(value, as_json=as_json, text=text)
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
