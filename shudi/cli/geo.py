"""`shudi geo …`: what the geo sources say, and how old they are."""

import dataclasses
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from shudi import clock, renewal
from shudi.cli.context import actor, as_json_option, load, show, store
from shudi.errors import Invalid, Refused
from shudi.geo import kept
from shudi.geo import queries as updates
from shudi.geo.actions import Locator, lookup_report, open_locator
from shudi.geo.gateway import parse_sources
from shudi.geo.queries import UpdateRow
from shudi.geo.rules import UpdateState
from shudi.regions.codec import load_vocabulary
from shudi.settings import Settings

SHOWN_MOST = 30  # moves that are told


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
        kept.folder_of(settings.var),
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
@as_json_option
def update(file: Path, name: str, as_json: bool) -> None:
    """Compare a new database file with the one in use, and take it into use.

    A copy is kept in the state folder. What would move too many labels waits for a person.
    """
    settings = load()
    if all(one.name != name for one in parse_sources(settings.geo_sources)):
        raise Refused("source-unknown", "SHUDI_GEO_SOURCES names no such source.")
    _renew(settings, {name: file}, as_json=as_json)


@geo.command("check")
@as_json_option
def check(as_json: bool) -> None:
    """Look whether the files of SHUDI_GEO_SOURCES are new, as the worker does on a timer."""
    _renew(load(), None, as_json=as_json)


def _renew(settings: Settings, brought: dict[str, Path] | None, *, as_json: bool) -> None:
    with store(settings) as database:
        update_id = renewal.renew(
            settings, database, actor=actor(), now=clock.now(), brought=brought
        )
        if update_id is None:
            show({"update": None}, as_json=as_json, text="Nothing new: the same as is in use.")
            return
        with database.read_session() as session:
            row = updates.update(session, update_id=update_id)
    show(
        {
            "update": row.id,
            "state": row.state.value,
            "rule": row.rule or None,
            "old": row.old["sources"],
            "new": row.new["sources"],
            **row.diff,
        },
        as_json=as_json,
        text="\n".join(_lines(row)),
    )


def _lines(row: UpdateRow) -> Iterator[str]:
    for one in row.new["sources"]:
        yield f"{one['name']} is built {one['build'] or 'at an unknown date'}."
    for family, unit in (("v4", "/24"), ("v6", "/48")):
        whole, moved = row.diff["space"][family]
        yield f"{moved} of {whole} {unit} networks change their place."
    for old, new, v4, share4, v6, share6 in row.diff["moves"][:SHOWN_MOST]:
        yield (
            f"  {old or 'nowhere':>8} -> {new or 'nowhere':<8}"
            f" {v4:>9} /24 {share4:>7.1%} {v6:>12} /48 {share6:>7.1%}"
        )
    for site in row.diff["sites"]:
        yield (
            f"{site['name']}: {site['low']} to {site['high']} of {site['accounts']} labels"
            " would move once their accounts are seen again."
        )
    yield (
        "Too many: it waits for a senior on the page of brakes; the old one stays in use."
        if row.state is UpdateState.HELD
        else "In use; servers follow within seconds."
    )
