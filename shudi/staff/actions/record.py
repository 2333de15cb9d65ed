"""The audit rows of this noun."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from shudi.audit.actions import Entry, append
from shudi.staff.rules import Actor, ActorKind


def record(
    session: Session,
    actor: Actor,
    action: str,
    staff_id: int | str,
    now: datetime,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Append one row about the member of staff `staff_id`."""
    append(session, _entry(actor, action, "staff", staff_id, before, after), now=now)


def record_denial(
    session: Session, *, actor: Actor, endpoint: str, code: str, now: datetime
) -> None:
    """That `actor` was refused at `endpoint`; belongs into a transaction of its own."""
    entry = _entry(actor, "access.denied", "endpoint", endpoint, None, {"code": code})
    append(session, entry, now=now)


def nobody(request_id: str = "") -> Actor:
    """Who stands at the door before it is known who they are.

    What they typed is not kept: it may be a password in the wrong field.
    """
    return Actor(kind=ActorKind.READER, id="anonymous", name="", request_id=request_id)


def _entry(
    actor: Actor,
    action: str,
    target_type: str,
    target_id: int | str,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
) -> Entry:
    return Entry(
        actor_id=actor.id,
        actor_name=actor.name,
        action=action,
        target_type=target_type,
        target_id=target_id,
        before=before,
        after=after,
        request_id=actor.request_id,
    )
