"""`shudi backup` and `shudi restore`."""

from pathlib import Path

import click

from shudi import clock
from shudi.backups.actions import making, restoring
from shudi.backups.rules import End
from shudi.cli.context import actor, as_json_option, load, show, store


def register(main: click.Group) -> None:
    """Add the commands."""
    main.add_command(backup)
    main.add_command(restore)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--prune", is_flag=True, help="Delete backups beside it that are past retention.")
@as_json_option
def backup(file: Path, prune: bool, as_json: bool) -> None:
    """Copy the store, its evidence files and its checkpoints to FILE, while all goes on.

    No key is in it: keep the state folder's keys elsewhere.
    """
    settings = load()
    if not file.absolute().parent.is_dir():
        raise click.UsageError(f"There is no folder {file.parent}.")
    with store(settings) as database:
        manifest = making.make(
            settings, database, path=file.absolute(), actor=actor(), now=clock.now()
        )
    pruned = []
    if prune:
        pruned = making.prune(file.absolute().parent, now=clock.now(), days=settings.retention_days)
    value = {"file": str(file), "bytes": file.stat().st_size, "rows": manifest.rows}
    value["pruned"] = [path.name for path in pruned]
    text = f"{file}: {value['bytes']} bytes, {manifest.rows} rows of the log."
    show(value, as_json=as_json, text="\n".join([text, *(f"{one.name} deleted" for one in pruned)]))


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--ended",
    "noted",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="The newest copy of ended.jsonl, if the state folder's is gone.",
)
@click.option("--accept-lost", is_flag=True, help="Also if deleted data may come back.")
@as_json_option
def restore(file: Path, noted: Path | None, accept_lost: bool, as_json: bool) -> None:
    """Fill an empty store from FILE, but for what was ended since.

    Accounts that were deleted stay deleted, revoked keys revoked; whoever was disabled, or may do
    something else since, is disabled until an administrator has looked; whoever changed how they
    sign in needs a new link. Everybody signs in anew.
    """
    done = restoring.restore(
        load(), path=file, actor=actor(), now=clock.now(), noted=noted, accept_lost=accept_lost
    )
    value = {
        "made_at": done.manifest.made_at,
        "rows": done.manifest.rows,
        **{end.value: count for end, count in done.ended.items()},
        "files_missing": done.files_missing,
    }
    text = (
        f"As of {done.manifest.made_at:%Y-%m-%d %H:%M} UTC, {done.manifest.rows} rows of the log.\n"
        f"Ended again: {done.ended[End.SITE]} sites closed,"
        f" {done.ended[End.ACCOUNT]} accounts deleted,"
        f" {done.ended[End.STANDING]} people disabled, {done.ended[End.WAYS_IN]} to get a new link,"
        f" {done.ended[End.KEY]} keys revoked. {done.files_missing} files are missing."
    )
    show(value, as_json=as_json, text=text)
