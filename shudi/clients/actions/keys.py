"""Making, replacing and revoking keys."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.audit.actions import record
from shudi.clients import rules
from shudi.clients.store import ApiKey
from shudi.errors import Invalid, NotFound, Refused, Stale
from shudi.staff.rules import Actor, Permission

NAME_MOST = 120


def create_key(
    session: Session,
    *,
    actor: Actor,
    name: str,
    scopes: Iterable[str],
    now: datetime,
    site_id: int | None = None,
    expires_at: datetime | None = None,
    minute_limit: int | None = None,
) -> tuple[int, str]:
    """Make a key; returns its id and the key itself, which is shown this once."""
    actor.require(Permission.KEY_MANAGE)
    if not actor.reaches(site_id):
        raise NotFound("site-unknown", "There is no such site.")
    if expires_at is not None and not now < expires_at <= now + rules.LIFE_MOST:
        raise Invalid("key-expiry", "A key ends within 730 days from now, or never.")
    if minute_limit is not None and not 1 <= minute_limit <= rules.MINUTE_MOST:
        raise Invalid("key-limit", "A key's own limit is 1 to 10,000,000 requests a minute.")
    name = name.strip()
    if not 0 < len(name) <= NAME_MOST or not name.isprintable():
        raise Invalid("key-name", "A key's name has 1 to 120 printable characters.")
    key = _new()
    row = ApiKey(
        name=name,
        key_hash=rules.key_hash(key),
        hint=_hint(key),
        scopes=rules.parse_scopes(scopes),
        site_id=site_id,
        created_at=now,
        expires_at=expires_at,
        minute_limit=minute_limit,
    )
    session.add(row)
    session.flush()  # the audit row names the id
    after: dict[str, object] = {"scopes": row.scopes, "site": site_id}
    if expires_at is not None:
        after["until"] = expires_at.isoformat()
    if minute_limit is not None:
        after["limit"] = minute_limit
    record(session, actor, "key.created", ("key", row.id), now, after)
    return row.id, key


def rotate_key(
    session: Session, *, actor: Actor, key_id: int, overlap: timedelta, now: datetime
) -> str:
    """Give the same program a new key and return it, this once. The old one opens the door for
    `overlap` longer (0 to 30 days); one that it replaced itself is over at once.
    """
    actor.require(Permission.KEY_MANAGE)
    if not timedelta() <= overlap <= rules.OVERLAP_MOST:
        raise Invalid("key-overlap", "Both keys work for 0 to 30 days.")
    row = _live(session, actor, key_id, now)
    key, until = _new(), now + overlap
    values = {
        "key_hash": rules.key_hash(key),
        "hint": _hint(key),
        "hash_before": row.key_hash,
        "before_until": until,
    }
    # two who rotate at once: the second is told, and the first's key stays good
    changed = session.execute(
        sa.update(ApiKey)
        .where(ApiKey.id == key_id, ApiKey.key_hash == row.key_hash)
        .values(values)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Stale("key-rotated", "Somebody else gave this program a new key just now.")
    record(session, actor, "key.rotated", ("key", key_id), now, {"until": until.isoformat()})
    return key


def revoke_key(session: Session, *, actor: Actor, key_id: int, now: datetime) -> None:
    """End a key, and the one it replaced; the next request that brings either is refused."""
    actor.require(Permission.KEY_MANAGE)
    row = session.get(ApiKey, key_id)
    if row is None or not actor.reaches(row.site_id):
        raise NotFound("key-unknown", "There is no such key.")
    if row.revoked_at is not None:
        raise Refused("key-revoked", "This key was revoked before.")
    session.execute(sa.update(ApiKey).where(ApiKey.id == key_id).values(revoked_at=now))
    record(session, actor, "key.revoked", ("key", key_id), now)


def revoke_of_site(session: Session, *, actor: Actor, site_id: int, now: datetime) -> int:
    """End every key that is for this site alone; returns how many were in force."""
    of_site = (ApiKey.site_id == site_id, ApiKey.revoked_at.is_(None))
    ids = session.scalars(sa.select(ApiKey.id).where(*of_site).order_by(ApiKey.id)).all()
    session.execute(
        sa.update(ApiKey)
        .where(*of_site)
        .values(revoked_at=now)
        .execution_options(synchronize_session=False)
    )
    for key_id in ids:
        record(session, actor, "key.revoked", ("key", key_id), now, {"site": site_id})
    return len(ids)


def _live(session: Session, actor: Actor, key_id: int, now: datetime) -> ApiKey:
    row = session.get(ApiKey, key_id)
    if row is None or not actor.reaches(row.site_id):
        raise NotFound("key-unknown", "There is no such key.")
    if row.revoked_at is not None:
        raise Refused("key-revoked", "This key was revoked before.")
    if row.expires_at is not None and row.expires_at <= now:
        raise Refused("key-expired", "This key is over. Make a new one.")
    return row


def _new() -> str:
    return rules.KEY_PREFIX + secrets.token_urlsafe(32)


def _hint(key: str) -> str:
    return key[: len(rules.KEY_PREFIX) + 4]
