"""`shudi site …`: the communities we serve."""

import json
from pathlib import Path

import click

from shudi import clock
from shudi.cli.context import actor, as_json_option, show, transaction
from shudi.sites.actions import create_site
from shudi.sites.store import Fold, PageKeyKind


def register(main: click.Group) -> None:
    """Add the commands."""
    main.add_command(site)


@click.group()
def site() -> None:
    """Communities we serve."""


@site.command("create")
@click.argument("key")
@click.option("--name", required=True, help="The community's name, as readers know it.")
@click.option("--match", "patterns", multiple=True, required=True, help="Pages to label.")
@click.option("--page-key", type=click.Choice([kind.value for kind in PageKeyKind]), default="id")
@click.option("--fold", type=click.Choice([fold.value for fold in Fold]), default="exact")
@click.option(
    "--adapter",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="JSON that says where a page shows accounts.",
)
@as_json_option
def create(
    key: str,
    name: str,
    patterns: tuple[str, ...],
    page_key: str,
    fold: str,
    adapter: Path | None,
    as_json: bool,
) -> None:
    """Add a community."""
    try:
        data = json.loads(adapter.read_text(encoding="utf-8")) if adapter else None
    except ValueError as error:
        raise click.UsageError("The adapter file is no JSON.") from error
    with transaction() as session:
        site_id = create_site(
            session,
            actor=actor(),
            key=key,
            name=name,
            match=list(patterns),
            page_key=PageKeyKind(page_key),
            fold=Fold(fold),
            adapter=data,
            now=clock.now(),
        )
    show({"id": site_id, "key": key}, as_json=as_json, text=f"Site {key} is created.")
