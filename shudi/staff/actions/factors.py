"""The second factor, whichever a person has at hand."""

import dataclasses
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.errors import Refused
from shudi.staff.actions.door import Door
from shudi.staff.actions.notices import tell
from shudi.staff.actions.passkey_proof import use_passkey
from shudi.staff.actions.record import record
from shudi.staff.actions.recovery import unused_codes, use_recovery_code
from shudi.staff.codec import totp
from shudi.staff.codec.keyring import token_hash
from shudi.staff.rules import Actor, Role
from shudi.staff.store import Staff, StaffSession, StaffState
from shudi.staff.store.factors import NoticeKind


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What somebody proves themselves with: one of these."""

    code: str = ""
    recovery: str = ""
    passkey: str = ""

    @property
    def kind(self) -> str:
        """Which it is, as the audit log names it."""
        return "passkey" if self.passkey else "recovery" if self.recovery else "code"


@dataclasses.dataclass(frozen=True, slots=True)
class Person:
    """Somebody at the door, as far as their factors go."""

    id: int
    name: str
    role: Role
    state: StaffState
    password_hash: str
    totp_secret: str

    def actor(self, request_id: str) -> Actor:
        """They, as acts know them."""
        return Actor.staff(self.id, name=self.name, role=self.role, request_id=request_id)


PERSON = sa.select(
    Staff.id, Staff.name, Staff.role, Staff.state, Staff.password_hash, Staff.totp_secret
)


def refusal(proof: Proof) -> Refused:
    """Why `proof` is not enough."""
    if proof.passkey:
        return Refused("passkey-refused", "This passkey was not accepted.")
    if proof.recovery:
        return Refused("recovery-refused", "This recovery code is not right, or was used before.")
    return Refused("code-refused", "This code is not right, or was used before.")


def by_session(session: Session, token: str, now: datetime, *, full: bool) -> Person | None:
    """Whose full or pending session this is, if it holds and they work here."""
    row = session.execute(
        PERSON.join(StaffSession, StaffSession.staff_id == Staff.id).where(
            StaffSession.token_hash == token_hash(token),
            StaffSession.full.is_(full),
            StaffSession.expires_at > now,
            Staff.state == StaffState.ACTIVE,
        )
    ).first()
    return Person(*row) if row else None


def accept(session: Session, *, door: Door, person: Person, proof: Proof) -> bool:
    """Whether `proof` is one of this person's, used up by this."""
    if proof.passkey:
        return _accept_passkey(session, door, person, proof.passkey)
    if proof.recovery:
        return _accept_recovery(session, door, person, proof.recovery)
    if not person.totp_secret:
        return False
    secret = door.keyring.unseal(person.totp_secret)
    return use_code(session, staff_id=person.id, secret=secret, code=proof.code, now=door.now)


def use_code(session: Session, *, staff_id: int, secret: str, code: str, now: datetime) -> bool:
    """Whether `code` is right and newer than every code accepted before.

    The time step is kept, not the code, and moves in one compare-and-set: remembering the last
    code lets A, B, A through (reliability reference, finding 7).
    """
    step = totp.matching_step(secret, code, now)
    if step is None:
        return False
    moved = session.execute(
        sa.update(Staff)
        .where(Staff.id == staff_id, Staff.totp_last_step < step)
        .values(totp_last_step=step)
        .returning(Staff.id)
    ).first()
    return moved is not None


def _accept_passkey(session: Session, door: Door, person: Person, response: str) -> bool:
    try:
        use_passkey(session, door=door, response=response, staff_id=person.id)
    except Refused:  # a value here: what it used up stays used up
        return False
    return True


def _accept_recovery(session: Session, door: Door, person: Person, code: str) -> bool:
    if not use_recovery_code(session, staff_id=person.id, code=code, now=door.now):
        return False
    left = unused_codes(session, staff_id=person.id)
    tell(session, staff_id=person.id, kind=NoticeKind.RECOVERY_USED, now=door.now, count=left)
    actor = person.actor(door.request_id)
    record(session, actor, "staff.recovery_used", person.id, door.now, after={"left": left})
    return True
