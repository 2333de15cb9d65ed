"""Proving oneself with a passkey: as a second factor, or alone as both."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.errors import Refused
from shudi.staff.actions import attempts
from shudi.staff.actions.challenges import answered, ask
from shudi.staff.actions.door import Door
from shudi.staff.codec import passkeys
from shudi.staff.store import Staff, StaffState
from shudi.staff.store.factors import ChallengePurpose, Passkey


def offer_proof(session: Session, *, door: Door, staff_id: int | None) -> str:
    """What a device is asked to sign, as JSON: one of this person's, or of whoever it may be.
    Refused `too-many-attempts` if too many were asked.
    """
    attempts.spend(session, subjects=attempts.at_offer(door), now=door.now)
    known = session.scalars(ids_of(staff_id)).all() if staff_id is not None else []
    challenge = ask(session, purpose=ChallengePurpose.PROVE, holder=door.holder, now=door.now)
    return passkeys.request(
        origin=door.origin, known=known, challenge=challenge, alone=staff_id is None
    )


def use_passkey(session: Session, *, door: Door, response: str, staff_id: int | None = None) -> int:
    """Whose passkey gave `response`, used up by this: of `staff_id`, as a second factor; or of
    anybody who works here, as both factors, for which the device must have verified its owner.

    Refused `passkey-refused` for whatever is wrong with it. The count moves in one compare and
    set, so that of two copies of a key at once one is refused.
    """
    challenge = answered(
        session,
        purpose=ChallengePurpose.PROVE,
        holder=door.holder,
        response=response,
        now=door.now,
    )
    row = session.execute(
        sa.select(Passkey.id, Passkey.staff_id, Passkey.public_key, Passkey.sign_count)
        .join(Staff, Staff.id == Passkey.staff_id)
        .where(
            Passkey.credential_id == passkeys.credential_of(response),
            Staff.state == StaffState.ACTIVE,
        )
    ).first()
    if (
        row is None
        or staff_id not in (None, row.staff_id)
        or not passkeys.is_of(response, row.staff_id)
    ):
        raise Refused("passkey-refused", "This passkey was not accepted.")
    count = passkeys.asserted(
        response,
        origin=door.origin,
        challenge=challenge,
        public_key=row.public_key,
        count=row.sign_count,
        alone=staff_id is None,
    )
    moved = session.execute(
        sa.update(Passkey)
        .where(Passkey.id == row.id, Passkey.sign_count == row.sign_count)
        .values(sign_count=count, used_at=door.now)
        .returning(Passkey.id)
    ).first()
    if moved is None:
        raise Refused("passkey-refused", "This passkey was not accepted.")
    return int(row.staff_id)


def ids_of(staff_id: int) -> sa.Select[str]:
    """The credentials of this person, first one first."""
    query = sa.select(Passkey.credential_id).where(Passkey.staff_id == staff_id)
    return query.order_by(Passkey.id)
