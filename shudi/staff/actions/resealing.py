"""Bringing secrets under the present key, so that the one before can be retired."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.staff.codec.keyring import Keyring
from shudi.staff.store import Staff


def reseal_factors(session: Session, *, keyring: Keyring) -> int:
    """Seal every app's secret under the present key; returns how many were under another.

    No audit row: whom a secret lets in is the same as before.
    """
    renewed = 0
    known = sa.select(Staff.id, Staff.totp_secret).where(Staff.totp_secret != "")
    for row in session.execute(known).all():
        if keyring.is_present(row.totp_secret):
            continue
        sealed = keyring.reseal(row.totp_secret)
        # nobody else's newer secret is overwritten
        was = sa.and_(Staff.id == row.id, Staff.totp_secret == row.totp_secret)
        session.execute(sa.update(Staff).where(was).values(totp_secret=sealed))
        renewed += 1
    return renewed
