"""Bringing receivers' secrets under the present key, so that the one before can be retired."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.sites.store import SiteReceiver
from shudi.staff.codec.keyring import Keyring


def reseal_receivers(session: Session, *, keyring: Keyring) -> int:
    """Seal every receiver's secrets under the present key; returns how many were under another.

    No audit row: what is signed with them is the same as before.
    """
    renewed = 0
    for column in (SiteReceiver.sealed, SiteReceiver.sealed_before):
        known = sa.select(SiteReceiver.site_id, column).where(column != "")
        for site_id, sealed in session.execute(known).all():
            if keyring.is_present(sealed):
                continue
            was = sa.and_(SiteReceiver.site_id == site_id, column == sealed)
            change = {column.key: keyring.reseal(sealed)}
            session.execute(sa.update(SiteReceiver).where(was).values(change))
            renewed += 1
    return renewed
