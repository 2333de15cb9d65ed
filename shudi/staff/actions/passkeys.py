"""Passkeys: offered, added, removed."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.errors import NotFound, Stale
from shudi.staff.actions import attempts
from shudi.staff.actions.challenges import answered, ask
from shudi.staff.actions.credentials import Own, changed
from shudi.staff.actions.door import Door
from shudi.staff.actions.passkey_proof import ids_of
from shudi.staff.actions.step_up import require_lately
from shudi.staff.codec import passkeys
from shudi.staff.store.factors import ChallengePurpose, NoticeKind, Passkey


def offer_passkey(session: Session, *, door: Door, own: Own) -> str:
    """What the person's device is told to make a passkey, as JSON."""
    attempts.spend(session, subjects=attempts.at_offer(door), now=door.now)
    known = session.scalars(ids_of(own.id)).all()
    challenge = ask(session, purpose=ChallengePurpose.REGISTER, holder=door.holder, now=door.now)
    return passkeys.registration(
        origin=door.origin,
        staff_id=own.id,
        name=own.actor.name,
        known=known,
        challenge=challenge,
    )


def add_passkey(session: Session, *, door: Door, own: Own, response: str, name: str) -> str:
    """Keep the key that the device made; returns the session's new token.

    Refused `passkey-refused` unless it answers an open offer to this person.
    """
    require_lately(session, token=own.token, now=door.now)
    challenge = answered(
        session,
        purpose=ChallengePurpose.REGISTER,
        holder=door.holder,
        response=response,
        now=door.now,
    )
    made = passkeys.registered(response, origin=door.origin, challenge=challenge)
    known = sa.select(Passkey.id).where(Passkey.credential_id == made.credential_id)
    if session.scalar(known) is not None:
        raise Stale("passkey-known", "This passkey is known already.")
    session.add(
        Passkey(
            staff_id=own.id,
            credential_id=made.credential_id,
            public_key=made.public_key,
            sign_count=made.sign_count,
            name=name,
            synced=made.synced,
            created_at=door.now,
        )
    )
    return changed(session, own, "staff.passkey_added", NoticeKind.PASSKEY_ADDED, door.now)


def remove_passkey(session: Session, *, own: Own, passkey_id: int, now: datetime) -> str:
    """Take one of their passkeys away; returns the session's new token."""
    require_lately(session, token=own.token, now=now)
    gone = session.execute(
        sa.delete(Passkey)
        .where(Passkey.id == passkey_id, Passkey.staff_id == own.id)
        .returning(Passkey.id)
    ).first()
    if gone is None:
        raise NotFound("passkey-unknown", "There is no such passkey.")
    return changed(session, own, "staff.passkey_removed", NoticeKind.PASSKEY_REMOVED, now)
