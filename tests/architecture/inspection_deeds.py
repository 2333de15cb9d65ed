"""Good requests for what is done about inspections, and by them."""

import itertools
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from shudi import clock
from shudi.oversight import actions as acts
from shudi.oversight.rules import Telling
from shudi.sites.store import Site
from shudi.staff.rules import Actor, Role
from tests import inspecting, people
from tests.architecture.deed import Asked, Deed
from tests.architecture.doors import Doors

_numbers = itertools.count()
_WHY = {"text": "The request was taken back."}


def _proposed(doors: Doors, by: Actor | None = None, **changes: Any) -> int:
    """A proposal, by another admin unless said; returns its id."""
    now = clock.now()
    with doors.database.transaction() as session:
        site = session.scalars(sa.select(Site.id).where(Site.key == "forum")).one()
        by = by or inspecting.hire(session, f"proposer {next(_numbers)}", Role.ADMIN, now)
    return inspecting.propose(
        doors.database, inspecting.request(now, site=site, **changes), now, by
    )


def _running(doors: Doors) -> int:
    """One that runs, of another admin's; Bob has approved it."""
    number = _proposed(doors)
    with doors.database.transaction() as session:
        acts.approve(session, actor=people.BOB, inspection_id=number, version=1, now=clock.now())
    return number


def _waiting(act: str, by: Actor | None = None, **form: Any) -> Callable[[Doors], Asked]:
    return lambda doors: (f"/inspections/{_proposed(doors, by)}/{act}", {"version": 1, **form})


def _going_on(act: str, **form: Any) -> Callable[[Doors], Asked]:
    return lambda doors: (f"/inspections/{_running(doors)}/{act}", {"version": 2, **form})


def _longer(act: str) -> Callable[[Doors], Asked]:
    """One for which yet another admin asks for a later end."""

    def prepare(doors: Doors) -> Asked:
        number, now = _running(doors), clock.now()
        with doors.database.transaction() as session:
            other = inspecting.hire(session, f"asker {next(_numbers)}", Role.ADMIN, now)
            acts.propose_longer(
                session, actor=other, inspection_id=number, version=2, days=20, text="More.",
                now=now,
            )  # fmt: skip
        return f"/inspections/{number}/longer/{act}", {"version": 3}

    return prepare


def _untold(doors: Doors) -> Asked:
    number = _proposed(doors, telling=Telling.NEVER, untold_because="Order 12.")
    return f"/inspections/{number}/tell", {"version": 1}


def request_form(doors: Doors) -> dict[str, Any]:
    """The form of a request that can be followed."""
    with doors.database.read_session() as session:
        site = session.scalars(sa.select(Site.id).where(Site.key == "forum")).one()
    return inspecting.form(inspecting.request(clock.now(), site=site))


DEEDS = {
    "inspections.propose": Deed(
        people.BOB, lambda doors: ("/inspections/new", request_form(doors))
    ),
    "inspections_decided.approve": Deed(people.BOB, _waiting("approve")),
    "inspections_decided.approve_longer": Deed(people.BOB, _longer("approve")),
    "inspections_decided.drop_longer": Deed(people.BOB, _longer("drop")),
    "inspections_decided.longer": Deed(people.BOB, _going_on("longer", days=20, **_WHY)),
    "inspections_decided.refuse": Deed(people.BOB, _waiting("refuse", **_WHY)),
    "inspections_decided.stop": Deed(people.BOB, _going_on("stop", **_WHY)),
    "inspections_decided.tell": Deed(people.BOB, _untold),
    "inspections_decided.withdraw": Deed(people.BOB, _waiting("withdraw", people.BOB, **_WHY)),
    "oversight.export": Deed(
        people.CHARLIE,
        lambda doors: (
            f"/oversight/{_running(doors)}/export",
            {"table": "accounts", "file": "csv"},
        ),
    ),
}
