"""The fixed cast. Each role has a name, so that a test reads as a story."""

import dataclasses
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from shudi.staff.rules import AGREEMENT, Actor, ActorKind, Role
from shudi.staff.store import Staff, StaffState

HIRED = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)

# Who they are, in the order of their staff ids.
ROLES = {
    "alice": Role.MODERATOR,
    "sam": Role.SENIOR,
    "bob": Role.ADMIN,
    "audrey": Role.AUDITOR,
    "charlie": Role.SUPERVISOR,
    "amir": Role.MODERATOR,
    "sonja": Role.SENIOR,
}


def _actor(name: str) -> Actor:
    staff_id = list(ROLES).index(name) + 1
    return Actor(
        kind=ActorKind.STAFF,
        id=f"staff:{staff_id}",
        name=name,
        role=ROLES[name],
        staff_id=staff_id,
        request_id=f"request-of-{name}",
    )


ALICE = _actor("alice")  # moderates
SAM = _actor("sam")  # senior: the second person
BOB = _actor("bob")  # administers, decides nothing
AUDREY = _actor("audrey")  # reads everything, changes nothing
CHARLIE = _actor("charlie")  # supervises: no rights until an inspection is approved
AMIR = _actor("amir")  # another moderator, for when two meet
SONJA = _actor("sonja")  # another senior

STAFF = (ALICE, SAM, BOB, AUDREY, CHARLIE, AMIR, SONJA)
PLATFORM = Actor(kind=ActorKind.CLIENT, id="client:1", name="the forum's back end")
READER = Actor(kind=ActorKind.READER, id="reader", name="a reader")
HOLDER = Actor(kind=ActorKind.HOLDER, id="holder", name="account holder")
SYSTEM = Actor.system("test")


def hire_everybody(session: Session) -> None:
    """The cast's rows in a fresh store, active, the agreement on personal data accepted; they have no
    credentials until a test enrols them.
    """
    for actor in STAFF:
        row = Staff(
            name=actor.name,
            role=actor.role,
            state=StaffState.ACTIVE,
            agreement=AGREEMENT,
            agreed_at=HIRED,
            created_at=HIRED,
        )
        session.add(row)
        session.flush()  # one by one, so that the ids are the ones the actors carry
        assert row.id == actor.staff_id, "the cast is hired first, into a fresh store"


def owning(actor: Actor, *account_ids: int) -> Actor:
    """`actor`, having declared these accounts as their own."""
    return dataclasses.replace(actor, own_accounts=frozenset(account_ids))
