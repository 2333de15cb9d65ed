"""Good requests for the end of a community."""

import itertools
from collections.abc import Callable

from shudi import clock
from shudi.sites.actions import closing
from shudi.staff.rules import Actor, Role
from shudi.staff.store import Staff, StaffState
from tests import factories, people
from tests.architecture.deed import Asked, Deed
from tests.architecture.doors import Doors

_numbers = itertools.count()
_WHY = "It moved elsewhere."


def _site(doors: Doors) -> tuple[int, str]:
    """A site of its own, which nothing else here needs."""
    key = f"ends-{next(_numbers)}"
    with doors.database.transaction() as session:
        return factories.make_site(session, now=clock.now(), key=key), key


def _to_propose(doors: Doors) -> Asked:
    site_id, key = _site(doors)
    return f"/sites/{site_id}/close", {"key": key, "reason": _WHY}


def _proposed(act: str) -> Callable[[Doors], Asked]:
    """An admin who is new here has proposed it."""

    def prepare(doors: Doors) -> Asked:
        site_id, key = _site(doors)
        with doors.database.transaction() as session:
            row = Staff(
                name=f"closer {key}",
                role=Role.ADMIN,
                state=StaffState.ACTIVE,
                created_at=clock.now(),
            )
            session.add(row)
            session.flush()  # for the id
            number = closing.propose(
                session,
                actor=Actor.staff(row.id, name=row.name, role=Role.ADMIN),
                site_id=site_id,
                key=key,
                reason=_WHY,
                now=clock.now(),
            )
        return f"/sites/closings/{number}/{act}", {}

    return prepare


DEEDS = {
    "sites.confirm": Deed(people.BOB, _proposed("confirm")),
    "sites.propose": Deed(people.BOB, _to_propose),
    "sites.refuse": Deed(people.BOB, _proposed("refuse")),
}
