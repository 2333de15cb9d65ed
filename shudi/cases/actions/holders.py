"""The account holder's own page: the one-time link to it, and contesting from it."""

import hashlib
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.rules import check_identifier
from shudi.accounts.store import Account
from shudi.audit.actions import Entry, append
from shudi.cases.store import HolderLink, HolderSession
from shudi.errors import NotFound
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


def record_export(session: Session, *, account_id: int, now: datetime) -> None:
    """Put on record that the holder takes their data along; without the row there is no data."""
    _audit(session, HOLDER, "holder.exported", account_id, now)


def record_copy(session: Session, *, actor: Actor, account_id: int, now: datetime) -> None:
    """Put on record that the operator takes a copy of all that is held about the account."""
    _audit(session, actor, "account.copied", account_id, now)


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
