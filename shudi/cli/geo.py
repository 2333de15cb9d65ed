"""`shudi geo …`: what the geo sources say, and how old they are."""

import dataclasses
import sys
from pathlib import Path

import click

from shudi.cli.context import as_json_option, load, show
from shudi.errors import Invalid, Refused
from shudi.geo.actions import Locator, lookup_report, open_locator
from shudi.geo.gateway import install_source, parse_sources
from shudi.regions.codec import load_vocabulary
from shudi.settings import Settings


def register(main: click.Group) -> None:
    """Add the commands."""
    main.add_command(geo)


@click.group()
def geo() -> None:
    """Geo sources."""


def locator_of(settings: Settings) -> Locator:
    """The locator that the settings describe."""
    return open_locator(
        settings.geo_sources,
        load_vocabulary(settings.names_override),
        "country" if settings.granularity == "country" else "subdivision",
        settings.geo_quorum or None,
        settings.geo_max_age_days,
    )


@geo.command("lookup")
@click.argument("ip")
@as_json_option
def lookup(ip: str, as_json: bool) -> None:
    """Where an address would be placed. Exit code 2 for what is none."""
    settings = load()
    try:
        place = locator_of(settings).locate(ip)
    except Invalid as error:
        raise click.UsageError(error.message) from error
    report = lookup_report(place)
    show(report, as_json=as_json, text=f"{place.state}\t{place.region or '-'}")


@geo.command("status")
@as_json_option
def status(as_json: bool) -> None:
    """Each source's health and age. Exit code 1 unless all are well."""
    settings = load()
    rows = locator_of(settings).status()
    lines = [
        f"{row.name}\t{row.health}\tbuilt {row.build or 'unknown'}"
        f" ({row.age_days if row.age_days is not None else '?'} days ago)\t{row.attribution}"
        for row in rows
    ]
    if any(row.health == "outdated" for row in rows):
        lines.append(
            "Outdated: bring a newer file with `shudi geo update FILE --source NAME`"
            " or name it in SHUDI_GEO_SOURCES."
        )
    show([dataclasses.asdict(row) for row in rows], as_json=as_json, text="\n".join(lines))
    if any(row.health != "ok" for row in rows):
        sys.exit(1)


@geo.command("update")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--source", "name", required=True, help="Which source of SHUDI_GEO_SOURCES.")
def update(file: Path, name: str) -> None:
    """Check a new database file and put it in the source's place at once."""
    settings = load()
    spec = next((one for one in parse_sources(settings.geo_sources) if one.name == name), None)
    if spec is None:
        raise Refused("source-unknown", "SHUDI_GEO_SOURCES names no such source.")
    vocabulary = load_vocabulary(settings.names_override)
    reader = install_source(file, spec.path, spec.kind, vocabulary)
    click.echo(f"{name} is built {reader.build or 'at an unknown date'}.")
