"""Taking a person's ways in away, beside password and app."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.staff.actions.devices import forget_devices
from shudi.staff.store.factors import Passkey, RecoveryCode


def forget_ways_in(session: Session, *, staff_id: int) -> None:
    """No passkey, recovery code or known browser of theirs works any more."""
    for table in (Passkey, RecoveryCode):
        session.execute(sa.delete(table).where(table.staff_id == staff_id))
    forget_devices(session, staff_id=staff_id)
