"""That somebody came in: roughly from where, and with which kind of browser."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.staff.codec.devices import Device
from shudi.staff.codec.keyring import token_hash
from shudi.staff.store import StaffSession, StaffSignIn

SIGN_INS_KEPT = timedelta(days=90)


def note_arrival(
    session: Session, *, token: str, region: str | None, device: Device, now: datetime
) -> None:
    """Note with a full session how it began, once; for any other nothing is noted.

    `region` is a code of a country or a mainland division. The address is not this module's to see.
    """
    mine = (
        StaffSession.token_hash == token_hash(token),
        StaffSession.full,
        StaffSession.sign_in_id.is_(None),
    )
    began = session.execute(
        sa.select(StaffSession.staff_id, StaffSession.method).where(*mine)
    ).first()
    if began is None:
        return
    row = StaffSignIn(
        staff_id=began.staff_id,
        method=began.method,
        at=now,
        region=region,
        browser=device.browser.value,
        system=device.system.value,
    )
    session.add(row)
    session.flush()  # the session names the id
    session.execute(sa.update(StaffSession).where(*mine).values(sign_in_id=row.id))


def forget_arrivals(session: Session, *, now: datetime) -> int:
    """Delete sign-ins that were long ago; returns how many."""
    gone = session.execute(
        sa.delete(StaffSignIn).where(StaffSignIn.at < now - SIGN_INS_KEPT).returning(StaffSignIn.id)
    )
    return len(gone.all())
