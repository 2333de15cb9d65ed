"""Filters of the queue that a person keeps under a name."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.audit.actions import Entry, append
from shudi.cases.actions.claims import staff_id
from shudi.cases.rules import VIEWS_MOST
from shudi.cases.store.queue import SavedView
from shudi.errors import Invalid, NotFound, Refused
from shudi.labels.rules import check_words
from shudi.staff.rules import Actor, Permission

NAME_MOST = 60


def save_view(session: Session, *, actor: Actor, name: str, query: str, now: datetime) -> int:
    """Keep `query`, the filter's part of an address, under `name`; the same name is replaced."""
    actor.require(Permission.CASE_READ)
    name = check_words(name).strip()
    if not name:
        raise Invalid("text-needed", "Write something first.")
    if len(name) > NAME_MOST:
        raise Invalid("text-too-long", "A name has at most 60 characters.")
    mine = sa.select(SavedView).where(SavedView.staff_id == staff_id(actor))
    view = session.scalar(mine.where(SavedView.name == name))
    if view is None:
        count = session.scalar(sa.select(sa.func.count()).select_from(mine.subquery())) or 0
        if count >= VIEWS_MOST:
            raise Refused("views-full", "At most 30 views can be kept.")
        view = SavedView(staff_id=staff_id(actor), name=name, created_at=now, query=query)
        session.add(view)
    view.query = query
    session.flush()  # the audit row and the caller name the id
    _audit(session, actor, "view.saved", view.id, now)
    return view.id


def remove_view(session: Session, *, actor: Actor, view_id: int, now: datetime) -> None:
    """Forget a view of one's own; NotFound for anybody else's."""
    actor.require(Permission.CASE_READ)
    view = session.get(SavedView, view_id)
    if view is None or view.staff_id != actor.staff_id:
        raise NotFound("view-unknown", "There is no such view.")
    session.delete(view)
    _audit(session, actor, "view.removed", view_id, now)


def _audit(session: Session, actor: Actor, action: str, view_id: int, now: datetime) -> None:
    append(
        session,
        Entry(
            actor_id=actor.id,
            actor_name=actor.name,
            action=action,
            target_type="view",
            target_id=view_id,
            request_id=actor.request_id,
        ),
        now=now,
    )
