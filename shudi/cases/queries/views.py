"""The filters that a person keeps."""

import dataclasses

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.cases.store.queue import SavedView


@dataclasses.dataclass(frozen=True, slots=True)
class ViewRow:
    """A kept filter; `query` is the address's part after the question mark."""

    id: int
    name: str
    query: str


def views_of(session: Session, *, staff_id: int) -> list[ViewRow]:
    """What a person keeps, by name."""
    query = (
        sa.select(SavedView.id, SavedView.name, SavedView.query)
        .where(SavedView.staff_id == staff_id)
        .order_by(SavedView.name)
    )
    return [ViewRow(*row) for row in session.execute(query)]
