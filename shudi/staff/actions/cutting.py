"""Taking a person's ways in away, beside password and app."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.staff.actions.devices import forget_devices
from shudi.staff.store.factors import Passkey, RecoveryCode
from shudi.staff.store.identities import Identity


def forget_ways_in(session: Session, *, staff_id: int) -> None:
    """No passkey, recovery code or known browser of theirs works any more."""
    for table in (Passkey, RecoveryCode):
        session.execute(sa.delete(table).where(table.staff_id == staff_id))
    forget_devices(session, staff_id=staff_id)


def cut_identities(session: Session, *, staff_id: int, now: datetime) -> int:
    """No provider signs this person in any more; returns how many did."""
    cut = session.execute(
        sa.update(Identity)
        .where(Identity.staff_id == staff_id, Identity.cut_at.is_(None))
        .values(cut_at=now)
        .returning(Identity.id)
    )
    return len(cut.all())
