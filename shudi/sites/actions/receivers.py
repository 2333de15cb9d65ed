"""Where a site's webhooks go, and the secret they are signed with."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from shudi.audit.actions import Entry, append
from shudi.errors import Invalid, NotFound, Stale
from shudi.outbox.gateway.addresses import check_url, names_loopback
from shudi.outbox.rules import make_secret
from shudi.sites.store import Site, SiteReceiver
from shudi.staff.codec.keyring import Keyring
from shudi.staff.rules import Actor, Permission

OVERLAP = timedelta(hours=24)  # both secrets sign, so that the platform can change over
_BYTES = 32


def set_receiver(
    session: Session,
    *,
    actor: Actor,
    site_id: int,
    version: int,
    url: str,
    keyring: Keyring,
    now: datetime,
) -> str:
    """Send this site's webhooks to `url`; empty leaves it to the settings. The first URL of a
    site's own comes with a secret of its own, which is returned this once; else an empty string.
    """
    row = _seen(session, actor, site_id, version)
    parts = check_url(url) if url else None
    if parts is not None and names_loopback(parts.hostname or ""):
        # that one is for whoever runs the server, and stands in the settings
        raise Invalid("receiver-url", "A receiver is https://host/path.")
    row.url = url
    made = ""
    if url and not row.sealed:
        made = make_secret(secrets.token_bytes(_BYTES))
        row.sealed = keyring.seal(made)
    host = parts.hostname if parts is not None else ""
    _audit(session, actor, "receiver.set", site_id, {"host": host}, now)
    return made


def rotate_secret(
    session: Session, *, actor: Actor, site_id: int, version: int, keyring: Keyring, now: datetime
) -> str:
    """Give the site a new secret and return it, this once. The old one signs for another day."""
    row = _seen(session, actor, site_id, version)
    made = make_secret(secrets.token_bytes(_BYTES))
    row.sealed_before, row.before_until = row.sealed, now + OVERLAP
    row.sealed = keyring.seal(made)
    _audit(session, actor, "receiver.rotated", site_id, {}, now)
    return made


def _seen(session: Session, actor: Actor, site_id: int, version: int) -> SiteReceiver:
    """The row as the person saw it; version 0 is none yet."""
    actor.require(Permission.NOTICE_MANAGE)
    if session.get(Site, site_id) is None or not actor.reaches(site_id):
        raise NotFound("site-unknown", "There is no such site.")
    row = session.get(SiteReceiver, site_id)
    if (row.version if row is not None else 0) != version:
        raise Stale("receiver-moved", "Somebody else changed this receiver.")
    if row is None:
        row = SiteReceiver(site_id=site_id, url="", sealed="", sealed_before="")
        session.add(row)
    return row


def _audit(
    session: Session,
    actor: Actor,
    action: str,
    site_id: int,
    after: dict[str, object],
    now: datetime,
) -> None:
    entry = Entry(
        actor_id=actor.id,
        actor_name=actor.name,
        action=action,
        target_type="site",
        target_id=site_id,
        after=after,
        request_id=actor.request_id,
    )
    append(session, entry, now=now)
