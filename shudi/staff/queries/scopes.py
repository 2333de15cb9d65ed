"""How far somebody's work reaches."""

from sqlalchemy.orm import Session

from shudi.staff.rules.scopes import Scope
from shudi.staff.store.scopes import stored_scope


def scope_of(session: Session, user_id: int) -> Scope:
    """The sites and regions of the person of that id; no rows: all of them."""
    return stored_scope(session, user_id)
