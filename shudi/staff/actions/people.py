"""Who works here, and what they chose."""

import unicodedata
import zoneinfo
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from shudi.staff.actions.cutting import forget_ways_in
from shudi.staff.actions.record import record
from shudi.staff.actions.sessions import end_sessions
from shudi.staff.codec.keyring import new_token, token_hash
from shudi.staff.rules import Actor, ActorKind, Permission, Role
from shudi.staff.store import LinkPurpose, OwnAccount, Staff, StaffLink, StaffSession, StaffState

LINK_LIFE = timedelta(hours=24)
LANGUAGES = ("en", "zh_Hans")
SCHEMES = ("light", "dark")
_NAME_MAXIMUM = 64


def create_staff(session: Session, *, actor: Actor, name: str, role: Role, now: datetime) -> int:
    """Invite a person; they can do nothing until they use a link. Stale if the name is taken."""
    actor.require(Permission.STAFF_MANAGE)
    name = _checked_name(name)
    if session.scalar(sa.select(Staff.id).where(Staff.name == name)) is not None:
        raise Stale("staff-exists", "There is a person of this name already.")
    person = Staff(name=name, role=role, state=StaffState.INVITED, created_at=now)
    session.add(person)
    session.flush()  # the audit row names the id
    record(session, actor, "staff.created", person.id, now, after={"role": role.value})
    return person.id


def make_link(
    session: Session, *, actor: Actor, staff_id: int, purpose: LinkPurpose, now: datetime
) -> str:
    """A single-use token for 24 hours; an earlier unused one of its purpose stops working."""
    actor.require(Permission.STAFF_MANAGE)
    person = _person(session, staff_id)
    if person.state is StaffState.DISABLED:
        raise Refused("staff-disabled", "This person is disabled.")
    session.execute(
        sa.update(StaffLink)
        .where(
            StaffLink.staff_id == staff_id,
            StaffLink.purpose == purpose,
            StaffLink.used_at.is_(None),
            StaffLink.expires_at > now,
        )
        .values(expires_at=now)
    )
    token = new_token()
    session.add(
        StaffLink(
            staff_id=staff_id,
            token_hash=token_hash(token),
            purpose=purpose,
            created_at=now,
            expires_at=now + LINK_LIFE,
        )
    )
    record(session, actor, "staff.linked", staff_id, now, after={"purpose": purpose.value})
    return token


def disable(session: Session, *, actor: Actor, staff_id: int, now: datetime) -> None:
    """Nothing of this person's works any more, from their next request on."""
    actor.require(Permission.STAFF_MANAGE)
    person = _person(session, staff_id)
    _check_standing(session, actor, person)
    if person.state is StaffState.DISABLED:
        raise Refused("staff-disabled", "This person is disabled.")
    person.state = StaffState.DISABLED
    _cut_off(session, staff_id, now)
    record(session, actor, "staff.disabled", staff_id, now)


def set_role(session: Session, *, actor: Actor, staff_id: int, role: Role, now: datetime) -> None:
    """Give a person another role; they sign in again."""
    actor.require(Permission.STAFF_MANAGE)
    person = _person(session, staff_id)
    _check_standing(session, actor, person)
    before, person.role = person.role, role
    end_sessions(session, StaffSession.staff_id == staff_id)
    record(
        session,
        actor,
        "staff.role_set",
        staff_id,
        now,
        before={"role": before.value},
        after={"role": role.value},
    )


def set_preferences(
    session: Session, *, actor: Actor, language: str, timezone: str, scheme: str, now: datetime
) -> None:
    """How the console speaks and looks to the actor; empty means as the browser says."""
    if language not in ("", *LANGUAGES) or scheme not in ("", *SCHEMES):
        raise Invalid("preference", "There is no such choice.")
    if timezone and timezone not in zoneinfo.available_timezones():
        raise Invalid("timezone", "There is no such time zone.")
    staff_id = _own_id(actor)
    person = _person(session, staff_id)
    person.language, person.timezone, person.scheme = language, timezone, scheme
    after = {"language": language, "timezone": timezone, "scheme": scheme}
    record(session, actor, "staff.preferences_set", staff_id, now, after=after)


def declare_own_account(session: Session, *, actor: Actor, account_id: int, now: datetime) -> None:
    """Say that an account is the actor's own: from now on every act on it is refused them."""
    staff_id = _own_id(actor)
    known = session.get(OwnAccount, (staff_id, account_id))
    if known is not None:
        raise Stale("own-account-known", "You declared this account already.")
    session.add(OwnAccount(staff_id=staff_id, account_id=account_id, declared_at=now))
    after = {"account": account_id}
    record(session, actor, "staff.own_account_declared", staff_id, now, after=after)


def _person(session: Session, staff_id: int) -> Staff:
    person = session.get(Staff, staff_id)
    if person is None:
        raise NotFound("staff", "There is no such person.")
    return person


def _own_id(actor: Actor) -> int:
    if actor.staff_id is None:
        raise NotAllowed("not-staff", "Only people who work here can do this.")
    return actor.staff_id


def _check_standing(session: Session, actor: Actor, person: Staff) -> None:
    """Nobody changes their own standing, and no admin locks out the last one.

    The operator at the terminal may: whoever holds the store can make a new admin.
    """
    if actor.kind is ActorKind.SYSTEM:
        return
    if actor.staff_id == person.id:
        raise NotAllowed("own-standing", "You cannot change your own standing.")
    if person.role is not Role.ADMIN:
        return
    others = session.scalar(
        sa.select(sa.func.count())
        .select_from(Staff)
        .where(Staff.role == Role.ADMIN, Staff.state == StaffState.ACTIVE, Staff.id != person.id)
    )
    if not others:
        raise Refused("last-admin", "Somebody must remain who can manage staff.")


def _cut_off(session: Session, staff_id: int, now: datetime) -> None:
    end_sessions(session, StaffSession.staff_id == staff_id)
    forget_ways_in(session, staff_id=staff_id)
    session.execute(
        sa.update(StaffLink)
        .where(StaffLink.staff_id == staff_id, StaffLink.expires_at > now)
        .values(expires_at=now)
    )


def _checked_name(name: str) -> str:
    name = unicodedata.normalize("NFKC", name).strip()
    if not 0 < len(name) <= _NAME_MAXIMUM:
        raise Invalid("staff-name", "A name has 1 to 64 characters.")
    if any(unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp") for letter in name):
        raise Invalid("staff-name", "A name has no invisible characters.")
    return name
