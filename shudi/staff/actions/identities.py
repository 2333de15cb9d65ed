"""Tying a subject of the provider to a person here: by an invitation, or by the person who is
signed in; and cutting the tie.
"""

import dataclasses
from collections import Counter
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.db import Database
from shudi.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from shudi.staff.actions.credentials import Own, changed
from shudi.staff.actions.cutting import cut_identities, forget_ways_in
from shudi.staff.actions.door import Door
from shudi.staff.actions.enrolment import activate, consume, linked
from shudi.staff.actions.factors import by_session
from shudi.staff.actions.groups import BY, follow_groups
from shudi.staff.actions.passkey_proof import ids_of
from shudi.staff.actions.record import record
from shudi.staff.actions.recovery import issue_codes
from shudi.staff.actions.sessions import end_pending, end_sessions, replace_session
from shudi.staff.actions.sign_in import enter
from shudi.staff.actions.single_sign_on import METHOD, Arrived, admit, link, person_of, unknown
from shudi.staff.actions.step_up import require_lately
from shudi.staff.codec import totp
from shudi.staff.codec.keyring import token_hash
from shudi.staff.rules.single_sign_on import Identified, Policy, authenticated_lately
from shudi.staff.store import LinkPurpose, Staff, StaffSession
from shudi.staff.store.factors import NoticeKind
from shudi.staff.store.identities import Identity


def accept_identified(
    database: Database, *, door: Door, link_hash: str, who: Identified, policy: Policy
) -> Arrived:
    """Use an invitation by single sign-on: what was there to sign in with before is gone, and the
    provider takes the password's place.

    NotFound for a link that is unknown, used or over, Stale if the subject is another person's,
    Refused `sso-unknown` if the groups give nothing; none of these uses the link.
    """
    with database.transaction() as session:
        invited = linked(session, link_hash, LinkPurpose.ENROL, door.now)
        person = person_of(session, invited.staff_id)
        followed = follow_groups(session, door=door, person=person, who=who, policy=policy)
        arrived = _accept(session, door, link_hash, person.id, who, policy) if followed else None
    if arrived is None:
        raise unknown()
    return arrived


def _accept(
    session: Session, door: Door, link_hash: str, staff_id: int, who: Identified, policy: Policy
) -> Arrived | None:
    consume(session, link_hash, LinkPurpose.ENROL, door.now)
    activate(session, staff_id, {"password_hash": "", "totp_secret": ""})
    end_sessions(session, StaffSession.staff_id == staff_id)
    forget_ways_in(session, staff_id=staff_id)
    cut_identities(session, staff_id=staff_id, now=door.now)
    identity_id = _tie(session, door, staff_id, who)
    person = person_of(session, staff_id)
    actor = person.actor(door.request_id)
    record(session, actor, "staff.enrolled", staff_id, door.now, after={"by": METHOD})
    return admit(
        session,
        door=door,
        person=person,
        who=who,
        policy=policy,
        identity_id=identity_id,
        first=True,
    )


def set_up_factor(
    session: Session, *, door: Door, token: str, secret: str, code: str
) -> tuple[str, list[str]]:
    """Set up the app of somebody who came by single sign-on for the first time; returns the token
    of a full session, and recovery codes, which are shown this once.

    Refused `sign-in-over` if theirs is no such session; Invalid `code-wrong` unless `code` is what
    the app shows now.
    """
    person = by_session(session, token, door.now, full=False)
    if person is None or not may_set_up(session, token=token):
        raise Refused("sign-in-over", "This took too long. Please start again.")
    step = totp.matching_step(secret, code, door.now)
    if step is None:
        raise Invalid("code-wrong", "This is not the code your app shows now.")
    values = {"totp_secret": door.keyring.seal(secret), "totp_last_step": step}
    activate(session, person.id, values)
    codes = issue_codes(session, staff_id=person.id)
    record(session, person.actor(door.request_id), "staff.app_changed", person.id, door.now)
    began = dataclasses.replace(end_pending(session, token=token), method=f"{METHOD}+code")
    return enter(session, door=door, person=person, began=began), codes


def link_identified(session: Session, *, door: Door, own: Own, who: Identified) -> str:
    """The actor can sign in by single sign-on from now on; returns their session's new token.

    The trip to the provider began after a step-up. Stale `identity-taken` if the subject is
    another person's, `identity-linked` if the actor has one already.
    """
    mine = sa.select(Identity.id).where(
        Identity.staff_id == own.id, Identity.issuer == who.issuer, Identity.cut_at.is_(None)
    )
    if session.scalar(mine) is not None:
        raise Stale("identity-linked", "You can sign in that way already.")
    _tie(session, door, own.id, who)
    return changed(session, own, "staff.identity_linked", NoticeKind.IDENTITY_LINKED, door.now)


def unlink(session: Session, *, own: Own, now: datetime) -> str:
    """The actor signs in by their password alone again; returns their session's new token.

    Refused `last-way-in` if they have no password, NotFound if there is nothing to cut.
    """
    require_lately(session, token=own.token, now=now)
    if not session.scalar(sa.select(Staff.password_hash).where(Staff.id == own.id)):
        raise Refused("last-way-in", "You have no other way in.")
    if not cut_identities(session, staff_id=own.id, now=now):
        raise NotFound("identity-unknown", "There is no such sign-in.")
    return changed(session, own, "staff.identity_cut", NoticeKind.IDENTITY_CUT, now)


def step_up_identified(
    database: Database,
    *,
    door: Door,
    token: str,
    who: Identified,
    asked_at: datetime,
    policy: Policy,
) -> str:
    """Take the provider's word that the actor proved themselves anew, by two factors; returns
    their session's new token. Refused `sso-stale` where it does not say that, or of another.
    """
    fresh = ""
    with database.transaction() as session:
        person = by_session(session, token, door.now, full=True)
        if person is None:
            raise NotAllowed("sign-in-needed", "Please sign in first.")
        action = "staff.step_up_refused"
        if (
            _is_theirs(session, person.id, who)
            and authenticated_lately(who, asked_at, door.now)
            and policy.by_two_factors(who)
        ):
            fresh = replace_session(session, token=token, now=door.now, proved=True)
            action = "staff.stepped_up"
        actor, after = person.actor(door.request_id), {"by": METHOD}
        record(session, actor, action, person.id, door.now, after=after)
    if not fresh:
        raise Refused(
            "sso-stale", "Your sign-in service did not say that you proved yourself anew."
        )
    return fresh


def end_provider_sessions(
    session: Session, *, issuer: str, subject: str, provider_session: str, now: datetime
) -> int:
    """End what came of a sign-in that is over at the provider: of one session there, or, where it
    names none, of all of the subject; returns how many.
    """
    query = sa.select(Identity.id).where(Identity.issuer == issuer)
    if subject:
        query = query.where(Identity.subject == subject)
    which: list[sa.ColumnElement[bool]] = [StaffSession.identity_id.in_(query)]
    if provider_session:
        which.append(StaffSession.provider_hash == token_hash(provider_session))
    ended = session.execute(
        sa.delete(StaffSession).where(*which).returning(StaffSession.staff_id)
    ).all()
    for staff_id, count in Counter(row.staff_id for row in ended).items():
        record(session, BY, "staff.session_ended", staff_id, now, after={"sessions": count})
    return len(ended)


def may_set_up(session: Session, *, token: str) -> bool:
    """Whether this pending session is one in which a first second factor is set up: it came by
    single sign-on, its person never was in by it, and has none.
    """
    query = (
        sa.select(StaffSession.staff_id)
        .join(Staff, Staff.id == StaffSession.staff_id)
        .join(Identity, Identity.id == StaffSession.identity_id)
        .where(
            StaffSession.token_hash == token_hash(token),
            StaffSession.full.is_(False),
            Identity.used_at.is_(None),
            Identity.cut_at.is_(None),
            Staff.totp_secret == "",
        )
    )
    staff_id = session.scalar(query)
    return staff_id is not None and session.scalar(ids_of(staff_id).limit(1)) is None


def _tie(session: Session, door: Door, staff_id: int, who: Identified) -> int:
    row = session.scalars(
        sa.select(Identity).where(Identity.issuer == who.issuer, Identity.subject == who.subject)
    ).first()
    if row is None:
        return link(session, door=door, staff_id=staff_id, who=who)
    if row.staff_id != staff_id:
        raise Stale("identity-taken", "Somebody else here signs in that way.")
    row.linked_at, row.used_at, row.cut_at = door.now, None, None
    return row.id


def _is_theirs(session: Session, staff_id: int, who: Identified) -> bool:
    query = sa.select(Identity.id).where(
        Identity.issuer == who.issuer,
        Identity.subject == who.subject,
        Identity.staff_id == staff_id,
        Identity.cut_at.is_(None),
    )
    return session.scalar(query) is not None
