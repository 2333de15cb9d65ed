"""Good requests for the keys of programs."""

from collections.abc import Callable
from typing import Any

from shudi import clock
from shudi.clients.actions import create_key
from tests import people
from tests.architecture.deed import Asked, Deed
from tests.architecture.doors import Doors


def _on_a_key(act: str, **form: Any) -> Callable[[Doors], Asked]:
    def prepare(doors: Doors) -> Asked:
        with doors.database.transaction() as session:
            key_id, _ = create_key(
                session, actor=people.BOB, name=act, scopes=["labels:read"], now=clock.now()
            )
        return f"/api-keys/{key_id}/{act}", form

    return prepare


_NEW = {"name": "import", "scopes": ["labels:read"], "site": 0, "days": 90, "limit": ""}
DEEDS = {
    "clients.create": Deed(people.BOB, lambda _: ("/api-keys/new", dict(_NEW))),
    "clients.revoke": Deed(people.BOB, _on_a_key("revoke")),
    "clients.rotate": Deed(people.BOB, _on_a_key("rotate", overlap=24)),
}
