"""`shudi user …`: the people who work here."""

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi import clock
from shudi.cli.context import actor, as_json_option, load, show, transaction
from shudi.errors import NotFound
from shudi.staff.actions.admission import create_staff, make_link
from shudi.staff.actions.standing import disable as disable_staff
from shudi.staff.codec.keyring import link_path
from shudi.staff.rules import Role
from shudi.staff.store import LinkPurpose, Staff


def register(main: click.Group) -> None:
    """Add the commands."""
    main.add_command(user)


@click.group()
def user() -> None:
    """People who work here."""


@user.command("create")
@click.argument("name")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
def create(name: str, role: str) -> None:
    """Add a person; `user link` then lets them in."""
    with transaction() as session:
        create_staff(session, actor=actor(), name=name, role=Role(role), now=clock.now())
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
    url = load().base_url.rstrip("/") + link_path(LinkPurpose.ENROL, token)
    show({"link": url}, as_json=as_json, text=url)


@user.command("disable")
@click.argument("name")
def disable(name: str) -> None:
    """End a person's access at once."""
    with transaction() as session:
        disable_staff(session, actor=actor(), staff_id=_id(session, name), now=clock.now())
    click.echo(f"{name} is disabled.")


def _id(session: Session, name: str) -> int:
    found = session.scalar(sa.select(Staff.id).where(Staff.name == name))
    if found is None:
        raise NotFound("staff-unknown", "There is no person of this name.")
    return found
