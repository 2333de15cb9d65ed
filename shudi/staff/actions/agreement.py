"""Accepting the agreement on personal data."""

from datetime import datetime

from sqlalchemy.orm import Session

from shudi.errors import NotAllowed, NotFound, Stale
from shudi.staff.actions.record import record
from shudi.staff.rules import AGREEMENT, Actor
from shudi.staff.store import Staff


def accept_agreement(session: Session, *, actor: Actor, version: str, now: datetime) -> None:
    """Keep that the actor accepted the agreement of that version; twice is once.

    Raises Stale where `version` is not the one that is asked for now: they read another text.
    """
    if actor.staff_id is None:
        raise NotAllowed("not-staff", "Only people who work here can do this.")
    if version != AGREEMENT:
        raise Stale("agreement-moved", "The agreement changed meanwhile.")
    person = session.get(Staff, actor.staff_id)
    if person is None:
        raise NotFound("staff", "There is no such person.")
    if person.agreement == version:
        return
    before, person.agreement, person.agreed_at = person.agreement, version, now
    record(
        session,
        actor,
        "staff.agreed",
        person.id,
        now,
        before={"agreement": before},
        after={"agreement": version},
    )
