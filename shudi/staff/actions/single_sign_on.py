"""Signing in by single sign-on: who is it here, what do the groups say, is a factor still due.

Each act is given somebody whom the provider identified (shudi.staff.gateway), takes the database
where a refusal leaves something behind, and says the same for whoever is not let in: who is
unknown here learns nothing about who is not.
"""

import dataclasses

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.db import Database
from shudi.errors import Refused
from shudi.staff.actions.door import Door
from shudi.staff.actions.factors import PERSON, Person
from shudi.staff.actions.groups import follow_groups, take_on
from shudi.staff.actions.passkey_proof import ids_of
from shudi.staff.actions.sessions import Began, open_session
from shudi.staff.actions.sign_in import enter, record_refusal
from shudi.staff.codec.keyring import token_hash
from shudi.staff.rules.single_sign_on import Identified, Policy
from shudi.staff.store import Staff, StaffState
from shudi.staff.store.identities import Identity

METHOD = "sso"


@dataclasses.dataclass(frozen=True, slots=True)
class Arrived:
    """The token of a session: full, or pending until our own second factor, which `first` says
    is to be set up.
    """

    token: str
    full: bool
    first: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class _Known:
    identity_id: int
    staff_id: int
    used: bool
    cut: bool


def sign_in_identified(
    database: Database, *, door: Door, who: Identified, policy: Policy
) -> Arrived:
    """Let somebody in whom the provider identified. Refused `sso-unknown` if they are nobody
    here, do not work here now, or their groups give them nothing: then their sessions are over.
    """
    with database.transaction() as session:
        arrived = _arrive(session, door, who, policy)
    if arrived is None:
        raise unknown()
    return arrived


def note_refusal(session: Session, *, door: Door, why: str) -> None:
    """Put on record that what somebody brought from the provider was not accepted."""
    record_refusal(session, door, None, METHOD, why)


def unknown() -> Refused:
    """What everybody is told who is not let in."""
    return Refused("sso-unknown", "This sign-in opens nothing here.")


def _arrive(session: Session, door: Door, who: Identified, policy: Policy) -> Arrived | None:
    known = _known(session, who)
    if known is None:
        staff_id = take_on(session, door=door, who=who, policy=policy)
        if staff_id is None:
            record_refusal(session, door, None, METHOD, "unknown")
            return None
        known = _Known(link(session, door=door, staff_id=staff_id, who=who), staff_id, False, False)
    person = person_of(session, known.staff_id)
    if known.cut or person.state is not StaffState.ACTIVE:
        record_refusal(session, door, person, METHOD, "cut" if known.cut else person.state.value)
        return None
    if not follow_groups(session, door=door, person=person, who=who, policy=policy):
        return None
    return admit(
        session,
        door=door,
        person=person_of(session, known.staff_id),
        who=who,
        policy=policy,
        identity_id=known.identity_id,
        first=not known.used,
    )


def admit(
    session: Session,
    *,
    door: Door,
    person: Person,
    who: Identified,
    policy: Policy,
    identity_id: int,
    first: bool,
) -> Arrived | None:
    """A session for somebody who may come in: full if the provider speaks for both factors."""
    began = Began(METHOD, identity_id, token_hash(who.session) if who.session else "")
    if policy.by_two_factors(who):
        return Arrived(enter(session, door=door, person=person, began=began), full=True)
    bare = not person.totp_secret and session.scalar(ids_of(person.id).limit(1)) is None
    if bare and not first:
        # Whoever came by the provider's two factors so far sets none up on one.
        record_refusal(session, door, person, METHOD, "factor")
        return None
    token = open_session(session, staff_id=person.id, now=door.now, began=began)
    return Arrived(token, full=False, first=bare)


def link(session: Session, *, door: Door, staff_id: int, who: Identified) -> int:
    """Know this subject as this person from now on; returns the identity's id."""
    row = Identity(staff_id=staff_id, issuer=who.issuer, subject=who.subject, linked_at=door.now)
    session.add(row)
    session.flush()  # a session names the id
    return row.id


def person_of(session: Session, staff_id: int) -> Person:
    """The person, as far as their factors go."""
    return Person(*session.execute(PERSON.where(Staff.id == staff_id)).one())


def _known(session: Session, who: Identified) -> _Known | None:
    row = session.execute(
        sa.select(
            Identity.id,
            Identity.staff_id,
            Identity.used_at.is_not(None),
            Identity.cut_at.is_not(None),
        ).where(Identity.issuer == who.issuer, Identity.subject == who.subject)
    ).first()
    return _Known(row[0], row[1], bool(row[2]), bool(row[3])) if row else None
