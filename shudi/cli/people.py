"""`shudi user …`: the people who work here."""

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi import clock
from shudi.cli.context import actor, as_json_option, load, show, transaction
from shudi.errors import NotFound
from shudi.regions.codec import load_vocabulary
from shudi.sites.queries import all_sites as all_sites_of
from shudi.sites.queries import site_by_key
from shudi.staff.actions.admission import create_staff, make_link
from shudi.staff.actions.admission import enable as enable_staff
from shudi.staff.actions.admission import reset as reset_staff
from shudi.staff.actions.scopes import set_scope
from shudi.staff.actions.standing import disable as disable_staff
from shudi.staff.actions.standing import set_role
from shudi.staff.codec.keyring import link_path
from shudi.staff.queries.scopes import scope_of
from shudi.staff.rules import Role
from shudi.staff.rules.scopes import EVERYWHERE, Scope
from shudi.staff.store import LinkPurpose, Staff


def register(main: click.Group) -> None:
    """Add the commands."""
    main.add_command(user)


_role = click.option("--role", type=click.Choice([one.value for one in Role]), required=True)
_sites = click.option(
    "--site", "sites", multiple=True, metavar="KEY", help="Only this site; may be repeated."
)
_regions = click.option(
    "--region",
    "regions",
    multiple=True,
    metavar="CODE",
    help="For supervisors: only this region (CN-GD); may be repeated.",
)


@click.group()
def user() -> None:
    """People who work here."""


@user.command("create")
@click.argument("name")
@_role
@_sites
@_regions
def create(name: str, role: str, sites: tuple[str, ...], regions: tuple[str, ...]) -> None:
    """Add a person, for all sites unless some are named; `user link` then lets them in."""
    with transaction() as session:
        create_staff(
            session,
            actor=actor(),
            name=name,
            role=Role(role),
            scope=_scope(session, sites, regions),
            now=clock.now(),
        )
    click.echo(f"{name} is created. Next: shudi user link {name}")


@user.command("link")
@click.argument("name")
@as_json_option
def link(name: str, as_json: bool) -> None:
    """Print one single-use link (24 hours) to set password and second factor."""
    with transaction() as session:
        token = make_link(
            session,
            actor=actor(),
            staff_id=_id(session, name),
            purpose=LinkPurpose.ENROL,
            now=clock.now(),
        )
    _show_link(token, as_json=as_json)


@user.command("disable")
@click.argument("name")
def disable(name: str) -> None:
    """End a person's access at once."""
    with transaction() as session:
        disable_staff(session, actor=actor(), staff_id=_id(session, name), now=clock.now())
    click.echo(f"{name} is disabled.")


@user.command("role")
@click.argument("name")
@_role
@as_json_option
def role(name: str, role: str, as_json: bool) -> None:
    """Give a person another role; they sign in again."""
    with transaction() as session:
        set_role(
            session,
            actor=actor(),
            staff_id=_id(session, name),
            role=Role(role),
            now=clock.now(),
        )
    show({"name": name, "role": role}, as_json=as_json, text=f"{name} is {role} now.")


@user.command("scope")
@click.argument("name")
@_sites
@click.option("--all-sites", is_flag=True, help="Those to come too.")
@_regions
@click.option("--all-regions", is_flag=True)
@as_json_option
def scope(
    name: str,
    sites: tuple[str, ...],
    all_sites: bool,
    regions: tuple[str, ...],
    all_regions: bool,
    as_json: bool,
) -> None:
    """Say how far a person's work reaches, at once. Sites or regions that are not mentioned stay as
    they are.
    """
    if bool(sites) + all_sites + bool(regions) + all_regions == 0:
        raise click.UsageError("Name sites or regions, or all of them.")
    if (sites and all_sites) or (regions and all_regions):
        raise click.UsageError("Name some, or all of them, not both.")
    with transaction() as session:
        staff_id = _id(session, name)
        before, named = scope_of(session, staff_id), _scope(session, sites, regions)
        chosen = Scope(
            named.sites if sites or all_sites else before.sites,
            named.regions if regions or all_regions else before.regions,
        )
        set_scope(session, actor=actor(), staff_id=staff_id, scope=chosen, now=clock.now())
        keys = sorted(one.key for one in all_sites_of(session) if chosen.allows_site(one.id))
    told = {
        "name": name,
        "sites": "all" if chosen.sites is None else keys,
        "regions": "all" if chosen.regions is None else sorted(chosen.regions),
    }
    text = "\n".join(f"{what}: {_listed(told[what])}" for what in ("sites", "regions"))
    show(told, as_json=as_json, text=text)


@user.command("reset")
@click.argument("name")
@as_json_option
def reset(name: str, as_json: bool) -> None:
    """Take away a person's password and factors; print the link by which they set new ones."""
    with transaction() as session:
        token = reset_staff(session, actor=actor(), staff_id=_id(session, name), now=clock.now())
    _show_link(token, as_json=as_json)


@user.command("enable")
@click.argument("name")
@_role
@as_json_option
def enable(name: str, role: str, as_json: bool) -> None:
    """Let a disabled person work here again; print the link that lets them in."""
    with transaction() as session:
        token = enable_staff(
            session,
            actor=actor(),
            staff_id=_id(session, name),
            role=Role(role),
            now=clock.now(),
        )
    _show_link(token, as_json=as_json)


def _scope(session: Session, sites: tuple[str, ...], regions: tuple[str, ...]) -> Scope:
    """What the options name; NotFound for a site or region that there is not."""
    if not (sites or regions):
        return EVERYWHERE
    found = {key: site_by_key(session, key) for key in sites}
    if missing := [key for key, row in found.items() if row is None]:
        raise NotFound("site-unknown", f"There is no site {missing[0]}.")
    known = load_vocabulary().codes
    if strange := [code for code in regions if code not in known]:
        raise NotFound("region-unknown", f"There is no region {strange[0]}.")
    ids = frozenset(row.id for row in found.values() if row is not None)
    return Scope(ids if sites else None, frozenset(regions) if regions else None)


def _listed(found: str | list[str]) -> str:
    return found if isinstance(found, str) else ", ".join(found)


def _show_link(token: str, *, as_json: bool) -> None:
    url = load().base_url.rstrip("/") + link_path(LinkPurpose.ENROL, token)
    show({"link": url}, as_json=as_json, text=url)


def _id(session: Session, name: str) -> int:
    found = session.scalar(sa.select(Staff.id).where(Staff.name == name))
    if found is None:
        raise NotFound("staff-unknown", "There is no person of this name.")
    return found
