"""`shudi user …`: the people who work here."""

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi import clock
from shudi.cli.context import actor, as_json_option, load, show, transaction
from shudi.errors import NotFound
from shudi.staff.actions.admission import create_staff, make_link
from shudi.staff.actions.admission import enable as enable_staff
from shudi.staff.actions.admission import reset as reset_staff
from shudi.staff.actions.standing import disable as disable_staff
from shudi.staff.actions.standing import set_role
from shudi.staff.codec.keyring import link_path
from shudi.staff.rules import Role
from shudi.staff.store import LinkPurpose, Staff


def register(main: click.Group) -> None:
    """Add the commands."""
    main.add_command(user)


_role = click.option("--role", type=click.Choice([one.value for one in Role]), required=True)


@click.group()
def user() -> None:
    """People who work here."""


@user.command("create")
@click.argument("name")
@_role
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


def _show_link(token: str, *, as_json: bool) -> None:
    url = load().base_url.rstrip("/") + link_path(LinkPurpose.ENROL, token)
    show({"link": url}, as_json=as_json, text=url)


def _id(session: Session, name: str) -> int:
    found = session.scalar(sa.select(Staff.id).where(Staff.name == name))
    if found is None:
        raise NotFound("staff-unknown", "There is no person of this name.")
    return found
