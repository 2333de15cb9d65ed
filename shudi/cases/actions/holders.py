"""The account holder's own page: the one-time link to it, and contesting from it."""

import hashlib
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.rules import check_identifier
from shudi.accounts.store import Account
from shudi.audit.actions import Entry, append
from shudi.cases.actions.opening import Opening, event, open_case, tell
from shudi.cases.actions.weighing import reweigh_account
from shudi.cases.rules import CONTEST_TEXT_MOST, CaseKind, CaseState, EventKind
from shudi.cases.store import Case, Decision, Excluded, HolderLink, HolderSession
from shudi.errors import Invalid, NotFound, Refused, Stale
from shudi.labels.actions.corrections import check_seen
from shudi.labels.actions.display import label_of, touch
from shudi.labels.rules import CorrectionState
from shudi.labels.store import Correction
from shudi.outbox.rules import Topic
from shudi.staff.rules import Actor, ActorKind

LINK_LIFE = timedelta(hours=24)
SESSION_LIFE = timedelta(minutes=30)
HOLDER = Actor(kind=ActorKind.HOLDER, id="holder", name="account holder")


def token_hash(token: str) -> str:
    """What is kept of a 256-bit random token; it needs no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


def make_link(session: Session, *, actor: Actor, site_id: int, account: str, now: datetime) -> str:
    """A one-time token (24 hours) for the holder of this account. NotFound if unknown."""
    row = session.scalar(
        sa.select(Account).where(
            Account.site_id == site_id,
            Account.account == check_identifier(account),
            Account.deleted_at.is_(None),
        )
    )
    if row is None:
        raise NotFound("account-unknown", "There is no such account.")
    token = secrets.token_urlsafe(32)
    session.add(
        HolderLink(
            account_id=row.id,
            token_hash=token_hash(token),
            created_at=now,
            expires_at=now + LINK_LIFE,
        )
    )
    _audit(session, actor, "holder.linked", row.id, now)
    return token


def open_link(session: Session, *, token: str, now: datetime) -> str:
    """Use the link up; returns the token of a half-hour session. NotFound if spent or unknown.

    One UPDATE decides, so that of many who use it at once one succeeds.
    """
    account_id = session.execute(
        sa.update(HolderLink)
        .where(
            HolderLink.token_hash == token_hash(token),
            HolderLink.used_at.is_(None),
            HolderLink.expires_at > now,
        )
        .values(used_at=now)
        .returning(HolderLink.account_id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if account_id is None:
        raise NotFound("link-spent", "This link was used already or has expired.")
    session_token = secrets.token_urlsafe(32)
    session.add(
        HolderSession(
            token_hash=token_hash(session_token),
            account_id=account_id,
            csrf=secrets.token_urlsafe(32),
            created_at=now,
            expires_at=now + SESSION_LIFE,
        )
    )
    _audit(session, HOLDER, "holder.opened", account_id, now)
    return session_token


def leave(session: Session, *, token: str, now: datetime) -> None:
    """End the holder's session at once; nothing happens if it ended already."""
    account_id = session.scalar(
        sa.delete(HolderSession)
        .where(HolderSession.token_hash == token_hash(token))
        .returning(HolderSession.account_id)
    )
    if account_id is not None:
        _audit(session, HOLDER, "holder.left", account_id, now)


def contest(
    session: Session, *, account_id: int, label_version: int, text: str, now: datetime
) -> int:
    """The holder disputes the label: a case for somebody other than who decided it.

    Returns the case's id. Stale if one is open already or the label has moved.
    """
    if not text.strip():
        raise Invalid("text-needed", "Say what is wrong.")
    if len(text) > CONTEST_TEXT_MOST:
        raise Invalid("text-too-long", "At most 2000 characters.")
    account = session.get(Account, account_id)
    if account is None or account.deleted_at is not None:
        raise NotFound("account-unknown", "There is no such account.")
    label = label_of(session, account, now)
    if label.hidden or label.version == 0:
        raise Refused("nothing-shown", "No label is shown for this account.")
    check_seen(label, label_version)
    _none_open(session, account_id)
    opening = Opening(
        kind=CaseKind.CONTEST,
        site_id=account.site_id,
        account_id=account.id,
        text=text,
        data={"label_version": label.version},
    )
    case = open_case(session, actor=HOLDER, opening=opening, now=now)
    _exclude_deciders(session, case)
    event(session, case, EventKind.CONTESTED, HOLDER, now)
    label.disputed = True
    touch(session, label, now)
    reweigh_account(session, account.id)
    payload = {"account": label.account, "case": case.id, "label_version": label.version}
    tell(session, case, Topic.CONTEST_RECEIVED, payload, now)
    return case.id


def _none_open(session: Session, account_id: int) -> None:
    query = sa.select(Case.id).where(
        Case.account_id == account_id,
        Case.kind == CaseKind.CONTEST,
        Case.state != CaseState.CLOSED,
    )
    if session.scalar(query) is not None:
        raise Stale("contest-open", "You have contested this already; the answer is on its way.")


def _deciding(session: Session, account_id: int | None) -> Correction | None:
    """The correction that makes the label what it is: the one in force, else the one that
    ended last.
    """
    ended = (CorrectionState.IN_FORCE, CorrectionState.LIFTED, CorrectionState.REVERTED)
    return session.scalar(
        sa.select(Correction)
        .where(Correction.account_id == account_id, Correction.state.in_(ended))
        .order_by((Correction.state == CorrectionState.IN_FORCE).desc(), Correction.ended_at.desc())
        .limit(1)
    )


def _exclude_deciders(session: Session, case: Case) -> None:
    """Whoever made or approved what is contested, or decided last, does not answer."""
    people: set[int | None] = set()
    correction = _deciding(session, case.account_id)
    if correction is not None and correction.state is CorrectionState.IN_FORCE:
        people |= {correction.proposed_by, correction.approved_by}
    elif correction is not None:
        people |= {correction.lift_proposed_by, correction.ended_by}
    people.add(
        session.scalar(
            sa.select(Decision.staff_id)
            .where(Decision.account_id == case.account_id)
            .order_by(Decision.at.desc(), Decision.id.desc())
            .limit(1)
        )
    )
    for staff_id in people - {None}:
        session.add(Excluded(case_id=case.id, staff_id=staff_id))


def _audit(session: Session, actor: Actor, action: str, account_id: int, now: datetime) -> None:
    append(
        session,
        Entry(
            actor_id=actor.id,
            actor_name=actor.name,
            action=action,
            target_type="account",
            target_id=account_id,
            request_id=actor.request_id,
        ),
        now=now,
    )
