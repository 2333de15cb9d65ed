"""Letting people in: invitations, and the single-use links by which they set their credentials."""

import unicodedata
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.errors import Invalid, Refused, Stale
from shudi.staff.actions.cutting import cut_identities
from shudi.staff.actions.notices import tell
from shudi.staff.actions.record import record
from shudi.staff.actions.scopes import check_scope, first_scope
from shudi.staff.actions.standing import as_manager, check_appointment, cut_off, somebody_else
from shudi.staff.codec.keyring import new_token, token_hash
from shudi.staff.rules import Actor, Role
from shudi.staff.rules.scopes import EVERYWHERE, Scope
from shudi.staff.store import LinkPurpose, Staff, StaffLink, StaffState
from shudi.staff.store.factors import NoticeKind

LINK_LIFE = timedelta(hours=24)
_NAME_MAXIMUM = 64


def create_staff(
    session: Session,
    *,
    actor: Actor,
    name: str,
    role: Role,
    now: datetime,
    scope: Scope = EVERYWHERE,
) -> int:
    """Add a person; they can do nothing until they use a link. Stale if the name is taken."""
    return _create(session, actor, name, role, scope, now)


def invite(
    session: Session,
    *,
    actor: Actor,
    name: str,
    role: Role,
    now: datetime,
    scope: Scope = EVERYWHERE,
) -> tuple[int, str]:
    """Add a person and make their link; returns id and token. Stale if the name is taken."""
    staff_id = _create(session, actor, name, role, scope, now)
    return staff_id, _new_link(session, actor, staff_id, LinkPurpose.ENROL, now)


def make_link(
    session: Session,
    *,
    actor: Actor,
    staff_id: int,
    purpose: LinkPurpose,
    now: datetime,
    seen: int | None = None,
) -> str:
    """A single-use token for 24 hours; an earlier unused one of its purpose stops working.

    Until it is used, what the person signs in with stays as it is. Stale if they are not as `seen`.
    """
    person = somebody_else(session, actor, staff_id, seen)
    if person.state is StaffState.DISABLED:
        raise Refused("staff-disabled", "This person is disabled.")
    return _new_link(session, actor, staff_id, purpose, now)


def reset(
    session: Session, *, actor: Actor, staff_id: int, now: datetime, seen: int | None = None
) -> str:
    """Take away password and second factor and end all sessions; returns the token of the link
    by which the person sets new ones. Stale if the person is not as `seen`.
    """
    person = somebody_else(session, actor, staff_id, seen)
    if person.state is StaffState.DISABLED:
        raise Refused("staff-disabled", "This person is disabled.")
    _forget_credentials(session, person, now)
    record(session, actor, "staff.reset", staff_id, now)
    tell(session, staff_id=staff_id, kind=NoticeKind.RESET, now=now)
    return _new_link(session, actor, staff_id, LinkPurpose.ENROL, now)


def enable(
    session: Session,
    *,
    actor: Actor,
    staff_id: int,
    role: Role,
    now: datetime,
    seen: int | None = None,
) -> str:
    """Let a disabled person work here again, in `role`; returns the token of their link.

    What they signed in with before stays gone. Stale if the person is not as `seen`.
    """
    person = somebody_else(session, actor, staff_id, seen)
    check_appointment(actor, role)
    if person.state is not StaffState.DISABLED:
        raise Refused("staff-enabled", "This person is not disabled.")
    _forget_credentials(session, person, now)
    before, person.role = person.role, role
    record(
        session,
        actor,
        "staff.enabled",
        staff_id,
        now,
        before={"role": before.value},
        after={"role": role.value},
    )
    return _new_link(session, actor, staff_id, LinkPurpose.ENROL, now)


def _create(
    session: Session, actor: Actor, name: str, role: Role, scope: Scope, now: datetime
) -> int:
    mine = as_manager(session, actor)
    check_appointment(actor, role)
    check_scope(mine, role, scope)
    name = _checked_name(name)
    if session.scalar(sa.select(Staff.id).where(Staff.name == name)) is not None:
        raise Stale("staff-exists", "There is a person of this name already.")
    person = Staff(name=name, role=role, state=StaffState.INVITED, created_at=now)
    session.add(person)
    session.flush()  # the audit row names the id
    after = {"role": role.value, **first_scope(session, person.id, scope)}
    record(session, actor, "staff.created", person.id, now, after=after)
    return person.id


def _new_link(
    session: Session, actor: Actor, staff_id: int, purpose: LinkPurpose, now: datetime
) -> str:
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
            made_by=actor.staff_id,
        )
    )
    record(session, actor, "staff.linked", staff_id, now, after={"purpose": purpose.value})
    return token


def _forget_credentials(session: Session, person: Staff, now: datetime) -> None:
    """The time step of the last code stays: it never falls."""
    person.password_hash = person.totp_secret = ""
    person.state = StaffState.INVITED
    cut_off(session, person.id, now)
    cut_identities(session, staff_id=person.id, now=now)


def _checked_name(name: str) -> str:
    name = unicodedata.normalize("NFKC", name).strip()
    if not 0 < len(name) <= _NAME_MAXIMUM:
        raise Invalid("staff-name", "A name has 1 to 64 characters.")
    if any(unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp") for letter in name):
        raise Invalid("staff-name", "A name has no invisible characters.")
    return name
