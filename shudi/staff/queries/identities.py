"""Who somebody is at the provider of single sign-on, as far as pages want to know."""

import dataclasses
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.staff.store.identities import Identity


@dataclasses.dataclass(frozen=True, slots=True)
class IdentityRow:
    """That the provider signs this person in; the subject is nobody's to read."""

    linked_at: datetime
    used_at: datetime | None


def identity_of(session: Session, *, staff_id: int, issuer: str) -> IdentityRow | None:
    """The one that signs this person in, if any does."""
    row = session.execute(
        sa.select(Identity.linked_at, Identity.used_at)
        .where(
            Identity.staff_id == staff_id,
            Identity.issuer == issuer,
            Identity.cut_at.is_(None),
        )
        .order_by(Identity.id)
    ).first()
    return IdentityRow(*row) if row else None


def has_identity(session: Session, *, staff_id: int, issuer: str) -> bool:
    """Whether any does."""
    return identity_of(session, staff_id=staff_id, issuer=issuer) is not None
