"""Good requests for what is done about the people who work here."""

import itertools
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from shudi import clock
from shudi.staff import actions as acts
from shudi.staff.actions.sessions import open_session
from shudi.staff.codec.devices import Device
from shudi.staff.codec.keyring import token_hash
from shudi.staff.rules import Actor, Role
from shudi.staff.store import Staff, StaffSession, StaffState
from tests import people
from tests.architecture.deed import Asked, Deed
from tests.architecture.doors import Doors

_numbers = itertools.count()


def _name() -> str:
    return f"newcomer {next(_numbers)}"


def _hired(doors: Doors, state: StaffState = StaffState.ACTIVE, role: Role = Role.MODERATOR) -> int:
    """Somebody new; returns their id."""
    with doors.database.transaction() as session:
        row = Staff(name=_name(), role=role, state=state, created_at=clock.now())
        session.add(row)
        session.flush()  # for the id
        return row.id


def _about(
    act: str, state: StaffState = StaffState.ACTIVE, **form: Any
) -> Callable[[Doors], Asked]:
    return lambda doors: (f"/people/{_hired(doors, state)}/{act}", {"version": 1, **form})


def _came_in(doors: Doors, staff_id: int) -> int:
    """They sign in; returns which sign-in it is."""
    with doors.database.transaction() as session:
        token = open_session(session, staff_id=staff_id, now=clock.now(), hours=12)
        acts.note_arrival(session, token=token, region=None, device=Device(), now=clock.now())
        return session.scalars(
            sa.select(StaffSession.sign_in_id).where(StaffSession.token_hash == token_hash(token))
        ).one()


def _signed_in(doors: Doors) -> Asked:
    staff_id = _hired(doors)
    return f"/people/{staff_id}/sessions/{_came_in(doors, staff_id)}/end", {}


def _signed_in_anywhere(doors: Doors) -> Asked:
    staff_id = _hired(doors)
    _came_in(doors, staff_id)
    return f"/people/{staff_id}/sessions/end", {}


def _own(doors: Doors) -> Asked:
    return f"/profile/sessions/{_came_in(doors, people.AMIR.staff_id or 0)}/end", {}


def _proposed(act: str) -> Callable[[Doors], Asked]:
    """An admin who is new here proposes another one."""

    def prepare(doors: Doors) -> Asked:
        by, staff_id = _hired(doors, role=Role.ADMIN), _hired(doors)
        with doors.database.transaction() as session:
            proposal = acts.propose(
                session,
                actor=Actor.staff(by, name="new", role=Role.ADMIN),
                staff_id=staff_id,
                role=Role.ADMIN,
                now=clock.now(),
            )
        return f"/people/proposals/{proposal}/{act}", {}

    return prepare


def _invitation(_: Doors) -> Asked:
    return "/people/invite", {"name": _name(), "role": "auditor", "reach": "all"}


DEEDS = {
    "people.disable": Deed(people.BOB, _about("disable")),
    "people.enable": Deed(people.BOB, _about("enable", StaffState.DISABLED, role="senior")),
    "people.end_all": Deed(people.BOB, _signed_in_anywhere),
    "people.end_one": Deed(people.BOB, _signed_in),
    "people.invite_submit": Deed(people.BOB, _invitation),
    "people.link": Deed(people.BOB, _about("link")),
    "people.reset": Deed(people.BOB, _about("reset")),
    "people.role": Deed(people.BOB, _about("role", role="senior")),
    "people.role by two": Deed(people.BOB, _about("role", role="admin")),
    "scopes.save": Deed(people.BOB, _about("scope", reach="some", sites="1")),
    "profile.end_one": Deed(people.AMIR, _own, permitted=False),
    "proposals.confirm": Deed(people.BOB, _proposed("confirm")),
    "proposals.refuse": Deed(people.BOB, _proposed("refuse")),
}
