"""What devices are asked to sign: random, short-lived, good once, and for one holder only."""

import hashlib
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.errors import Refused
from shudi.staff.codec import passkeys
from shudi.staff.store.factors import Challenge, ChallengePurpose

_LIFE = timedelta(minutes=10)


def ask(session: Session, *, purpose: ChallengePurpose, holder: str, now: datetime) -> bytes:
    """A fresh challenge for `holder`: a person, or a browser in which nobody is known yet."""
    challenge = secrets.token_bytes(32)
    row = {
        "digest": _digest(challenge),
        "purpose": purpose,
        "holder": holder,
        "expires_at": now + _LIFE,
    }
    session.execute(sa.insert(Challenge), row)
    return challenge


def answered(
    session: Session, *, purpose: ChallengePurpose, holder: str, response: str, now: datetime
) -> bytes:
    """The challenge that `response` answers, used up by this. Refused if none is open for it."""
    challenge = passkeys.challenge_of(response)
    open_one = session.execute(
        sa.delete(Challenge)
        .where(
            Challenge.digest == _digest(challenge),
            Challenge.purpose == purpose,
            Challenge.holder == holder,
            Challenge.expires_at > now,
        )
        .returning(Challenge.digest)
    ).first()
    if open_one is None:
        raise Refused("passkey-refused", "This passkey was not accepted.")
    return challenge


def forget_challenges(session: Session, *, now: datetime) -> int:
    """Delete those that nobody answered in time; returns how many."""
    gone = session.execute(
        sa.delete(Challenge).where(Challenge.expires_at <= now).returning(Challenge.digest)
    )
    return len(gone.all())


def _digest(challenge: bytes) -> str:
    return hashlib.sha256(challenge).hexdigest()
