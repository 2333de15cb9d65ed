"""`shudi key …`: keys of programs."""

import click

from shudi import clock
from shudi.cli.context import actor, as_json_option, show, transaction
from shudi.clients.actions.keys import create_key, revoke_key
from shudi.clients.queries import list_keys
from shudi.clients.rules import Scope
from shudi.errors import NotFound
from shudi.sites.queries import site_by_key


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
def create(name: str, scopes: tuple[str, ...], site_key: str | None) -> None:
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
            now=clock.now(),
        )
    click.echo(secret)


@key.command("list")
@as_json_option
def list_all(as_json: bool) -> None:
    """Who has a key, for what."""
    with transaction() as session:
        rows = list_keys(session)
    lines = [
        f"{row.id}\t{row.name}\t{row.hint}…\t{','.join(row.scopes)}\t{row.site or 'all sites'}\t"
        f"{'revoked' if row.revoked_at else 'live'}"
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
