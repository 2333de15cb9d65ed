"""`shudi key …`: keys of programs."""

from datetime import datetime, timedelta

import click

from shudi import clock
from shudi.cli.context import actor, as_json_option, show, transaction
from shudi.cli.instants import Instant
from shudi.clients.actions.keys import create_key, revoke_key, rotate_key
from shudi.clients.queries import list_keys
from shudi.clients.rules import OVERLAP_MOST, Scope
from shudi.errors import NotFound
from shudi.sites.queries import site_by_key

HOUR = timedelta(hours=1)


def register(main: click.Group) -> None:
    """Add the commands."""
    main.add_command(key)


@click.group()
def key() -> None:
    """Keys of programs."""


@key.command("create")
@click.option("--name", required=True)
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice([scope.value for scope in Scope]),
)
@click.option("--site", "site_key", default=None, help="Only for this site.")
@click.option("--expires", type=Instant(), help="An instant (2027-01-31), or from now: 90d, 12h.")
@click.option("--limit", type=click.IntRange(1), help="Requests a minute; else the setting's.")
def create(
    name: str,
    scopes: tuple[str, ...],
    site_key: str | None,
    expires: datetime | None,
    limit: int | None,
) -> None:
    """Print a new key, and nothing else. It is shown this once."""
    with transaction() as session:
        site = site_by_key(session, site_key) if site_key else None
        if site_key and site is None:
            raise NotFound("site-unknown", "There is no site of this key.")
        _, secret = create_key(
            session,
            actor=actor(),
            name=name,
            scopes=scopes,
            site_id=site.id if site else None,
            expires_at=expires,
            minute_limit=limit,
            now=clock.now(),
        )
    click.echo(secret)


@key.command("rotate")
@click.argument("key_id", type=int)
@click.option(
    "--overlap",
    type=click.IntRange(0, OVERLAP_MOST // HOUR),
    default=24,
    show_default=True,
    help="Hours in which the old key works, too.",
)
def rotate(key_id: int, overlap: int) -> None:
    """Print another key for the same program, and nothing else. It is shown this once."""
    with transaction() as session:
        secret = rotate_key(
            session, actor=actor(), key_id=key_id, overlap=overlap * HOUR, now=clock.now()
        )
    click.echo(secret)


@key.command("list")
@as_json_option
def list_all(as_json: bool) -> None:
    """Who has a key, for what."""
    with transaction() as session:
        rows = list_keys(session)
    now = clock.now()
    lines = [
        f"{row.id}\t{row.name}\t{row.hint}…\t{','.join(row.scopes)}\t{row.site or 'all sites'}\t"
        f"{row.state(now)}\t{_day(row.expires_at, 'no end')}\t{_day(row.used_at, 'never used')}"
        for row in rows
    ]
    value = [
        {
            "id": row.id,
            "name": row.name,
            "hint": row.hint,
            "scopes": row.scopes,
            "site": row.site,
            "created_at": row.created_at,
            "revoked_at": row.revoked_at,
            "expires_at": row.expires_at,
            "before_until": row.before_until,
            "minute_limit": row.minute_limit,
            "used_at": row.used_at,
            "state": row.state(now),
        }
        for row in rows
    ]
    show(value, as_json=as_json, text="\n".join(lines) or "There are no keys.")


@key.command("revoke")
@click.argument("key_id", type=int)
def revoke(key_id: int) -> None:
    """End a key at once."""
    with transaction() as session:
        revoke_key(session, actor=actor(), key_id=key_id, now=clock.now())
    click.echo("The key is revoked.")


def _day(instant: datetime | None, otherwise: str) -> str:
    return instant.date().isoformat() if instant else otherwise
