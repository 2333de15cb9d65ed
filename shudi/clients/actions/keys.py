"""Making and revoking keys."""

import secrets
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.audit.actions import record
from shudi.clients import rules
from shudi.clients.store import ApiKey
from shudi.errors import Invalid, NotFound, Refused
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
) -> tuple[int, str]:
    """Make a key; returns its id and the key itself, which is shown this once."""
    actor.require(Permission.KEY_MANAGE)
    name = name.strip()
    if not 0 < len(name) <= NAME_MOST or not name.isprintable():
        raise Invalid("key-name", "A key's name has 1 to 120 printable characters.")
    key = rules.KEY_PREFIX + secrets.token_urlsafe(32)
    row = ApiKey(
        name=name,
        key_hash=rules.key_hash(key),
        hint=key[: len(rules.KEY_PREFIX) + 4],
        scopes=rules.parse_scopes(scopes),
        site_id=site_id,
        created_at=now,
    )
    session.add(row)
    session.flush()  # the audit row names the id
    after: dict[str, object] = {"scopes": row.scopes, "site": site_id}
    record(session, actor, "key.created", ("key", row.id), now, after)
    return row.id, key


def revoke_key(session: Session, *, actor: Actor, key_id: int, now: datetime) -> None:
    """End a key; the next request that brings it is refused."""
    actor.require(Permission.KEY_MANAGE)
    row = session.get(ApiKey, key_id)
    if row is None:
        raise NotFound("key-unknown", "There is no such key.")
    if row.revoked_at is not None:
        raise Refused("key-revoked", "This key was revoked before.")
    session.execute(sa.update(ApiKey).where(ApiKey.id == key_id).values(revoked_at=now))
    record(session, actor, "key.revoked", ("key", key_id), now)
