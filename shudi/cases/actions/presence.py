"""Who has a case open. Traffic of the console, not an act: it expires and leaves no trace."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.cases.actions.claims import staff_id
from shudi.cases.rules import PRESENT_FOR
from shudi.cases.store import Case
from shudi.cases.store.queue import Presence
from shudi.db import bulk_upsert
from shudi.errors import NotFound
from shudi.staff.rules import Actor, Permission


def arrive(session: Session, *, actor: Actor, case_id: int, now: datetime) -> None:
    """Say that this person has the case open, for a good minute."""
    actor.require(Permission.CASE_READ)
    if session.scalar(sa.select(Case.id).where(Case.id == case_id)) is None:
        raise NotFound("case-unknown", "There is no such case.")
    row = {"case_id": case_id, "staff_id": staff_id(actor), "expires_at": now + PRESENT_FOR}
    bulk_upsert(
        session, Presence.__table__, [row], key=("case_id", "staff_id"), update=("expires_at",)
    )


def leave(session: Session, *, actor: Actor, case_id: int) -> None:
    """Say that the page was closed; NotFound where that was known already."""
    actor.require(Permission.CASE_READ)
    here = session.get(Presence, (case_id, staff_id(actor)))
    if here is None:
        raise NotFound("case-unknown", "There is no such case.")
    session.delete(here)
