"""Acts on sites."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.audit.actions import Entry, append
from shudi.errors import Stale
from shudi.sites import rules
from shudi.sites.store import Fold, PageKeyKind, Site
from shudi.staff.rules import Actor, Permission


def create_site(
    session: Session,
    *,
    actor: Actor,
    key: str,
    name: str,
    match: list[str],
    now: datetime,
    page_key: PageKeyKind = PageKeyKind.ID,
    fold: Fold = Fold.EXACT,
    adapter: dict[str, Any] | None = None,
) -> int:
    """Add a community; returns its id. Invalid for a key, name or pattern that is none; Stale if
    the key is taken: by a closed site, too, so that whatever knew that one takes no other for it.
    """
    actor.require(Permission.SITE_MANAGE)
    rules.check_key(key)
    rules.check_name(name)
    rules.check_match(match)
    if session.scalar(sa.select(Site.id).where(Site.key == key)) is not None:
        raise Stale("site-exists", "There is a site of this key already.")
    site = Site(
        key=key,
        name=name,
        match=match,
        page_key=page_key,
        fold=fold,
        adapter=adapter or rules.DEFAULT_ADAPTER,
        created_at=now,
        as_of=now,
    )
    session.add(site)
    session.flush()  # the audit row names the id
    append(
        session,
        Entry(
            actor_id=actor.id,
            actor_name=actor.name,
            action="site.created",
            target_type="site",
            target_id=site.id,
            after={"key": key, "page_key": page_key.value, "fold": fold.value},
            request_id=actor.request_id,
        ),
        now=now,
    )
    return site.id
