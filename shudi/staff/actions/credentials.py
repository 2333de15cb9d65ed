"""Changing one's own ways in, once signed in.

Each change needs a second factor given lately, ends every other session, gives this one a new
token, and leaves a notice (ASVS 5.0, 6.3.7, 7.2.4, 7.4.3).
"""

import dataclasses
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.db import Database
from shudi.errors import Invalid, NotAllowed, Refused
from shudi.staff.actions import attempts
from shudi.staff.actions.devices import forget_devices
from shudi.staff.actions.door import Door
from shudi.staff.actions.notices import tell
from shudi.staff.actions.record import record
from shudi.staff.actions.recovery import issue_codes
from shudi.staff.actions.sessions import end_sessions, replace_session
from shudi.staff.actions.step_up import require_lately
from shudi.staff.codec import passwords, totp
from shudi.staff.codec.keyring import token_hash
from shudi.staff.rules import Actor
from shudi.staff.store import Staff, StaffSession
from shudi.staff.store.factors import NoticeKind


@dataclasses.dataclass(frozen=True, slots=True)
class Own:
    """Whose credentials they are: the actor's, in the session of that token, in that browser."""

    actor: Actor
    token: str
    device: str = ""

    @property
    def id(self) -> int:
        """Whose; NotAllowed for whoever has none."""
        if self.actor.staff_id is None:
            raise NotAllowed("not-staff", "Only people who work here can do this.")
        return self.actor.staff_id


def change_password(database: Database, *, door: Door, own: Own, present: str, chosen: str) -> str:
    """Set another password; returns the session's new token.

    Takes the database: hashing must not hold the writer's lock. Refused `password-wrong` if
    `present` is not the one there is, `too-many-attempts` before looking; Invalid for a password
    that may not be chosen.
    """
    with database.transaction() as session:
        require_lately(session, token=own.token, now=door.now)
        subject = attempts.by_name(door.keyring, "present", str(own.id), attempts.PASSWORD)
        attempts.spend(session, subjects=[subject], now=door.now)
    with database.read_session() as session:
        stored = session.scalar(sa.select(Staff.password_hash).where(Staff.id == own.id)) or ""
    if not passwords.verify(stored, present, hasher=door.hasher):
        raise Refused("password-wrong", "This is not your present password.")
    chosen = passwords.check_new(chosen, words=[own.actor.name, door.host])
    if chosen == passwords.normal(present):
        raise Invalid("password-same", "This is the password that you have.")
    fresh = passwords.hash_new(chosen, hasher=door.hasher)
    with database.transaction() as session:
        _set(session, own, {"password_hash": fresh}, Staff.password_hash == stored)
        return changed(
            session, own, "staff.password_changed", NoticeKind.PASSWORD_CHANGED, door.now
        )


def change_app(session: Session, *, door: Door, own: Own, secret: str, code: str) -> str:
    """Take the codes of another app, or of another secret in it; returns the session's new token.

    Invalid `code-wrong` unless `code` is what that app shows now.
    """
    require_lately(session, token=own.token, now=door.now)
    step = totp.matching_step(secret, code, door.now)
    if step is None:
        raise Invalid("code-wrong", "This is not the code your app shows now.")
    _set(session, own, {"totp_secret": door.keyring.seal(secret), "totp_last_step": step})
    return changed(session, own, "staff.app_changed", NoticeKind.APP_CHANGED, door.now)


def renew_recovery_codes(session: Session, *, own: Own, now: datetime) -> tuple[str, list[str]]:
    """Fresh recovery codes in place of the earlier ones: the session's new token, and the codes,
    which are shown this once.
    """
    require_lately(session, token=own.token, now=now)
    codes = issue_codes(session, staff_id=own.id)
    fresh = changed(session, own, "staff.recovery_renewed", NoticeKind.RECOVERY_RENEWED, now)
    return fresh, codes


def _set(
    session: Session, own: Own, values: dict[str, object], *unless: sa.ColumnElement[bool]
) -> None:
    done = session.execute(
        sa.update(Staff)
        .where(Staff.id == own.id, *unless)
        .values(version=Staff.version + 1, **values)
        .returning(Staff.id)
    ).first()
    if done is None:
        raise Refused("password-wrong", "This is not your present password.")


def changed(session: Session, own: Own, action: str, kind: NoticeKind, now: datetime) -> str:
    """What every change of a credential brings; returns the session's new token."""
    end_sessions(
        session,
        StaffSession.staff_id == own.id,
        StaffSession.token_hash != token_hash(own.token),
    )
    forget_devices(session, staff_id=own.id, but=own.device)
    record(session, own.actor, action, own.id, now)
    tell(session, staff_id=own.id, kind=kind, now=now)
    return replace_session(session, token=own.token, now=now)
