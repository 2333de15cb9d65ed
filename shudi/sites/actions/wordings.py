"""A site's own words for a notice."""

import dataclasses
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.audit.actions import Entry, append
from shudi.errors import Invalid, NotFound, Stale
from shudi.outbox.codec import LANGUAGES
from shudi.outbox.rules import WORDED, Channel, Topic, Wording, check_wording
from shudi.sites.store import Site, SiteWording
from shudi.staff.rules import Actor, Permission


@dataclasses.dataclass(frozen=True, slots=True)
class Which:
    """Which words: of one notice, on one channel, in one language, for one site."""

    site_id: int
    topic: Topic
    channel: Channel
    language: str


def set_wording(
    session: Session,
    *,
    actor: Actor,
    which: Which,
    version: int,
    wording: Wording,
    now: datetime,
) -> None:
    """Use these words from now on, for what is not sent yet too. Every placeholder must exist."""
    row = _seen(session, actor, which, version)
    wording = check_wording(which.topic, which.channel, wording)
    if row is None:
        row = SiteWording(
            site_id=which.site_id,
            topic=which.topic.value,
            channel=which.channel.value,
            language=which.language,
        )
        session.add(row)
    row.title, row.text = wording.title, wording.text
    _audit(session, actor, "wording.set", which, wording.text, now)


def reset_wording(
    session: Session, *, actor: Actor, which: Which, version: int, now: datetime
) -> None:
    """Use the shipped words again; nothing happens where they are in use."""
    row = _seen(session, actor, which, version)
    if row is not None:
        session.delete(row)
        _audit(session, actor, "wording.reset", which, "", now)


def _seen(session: Session, actor: Actor, which: Which, version: int) -> SiteWording | None:
    """The words as the person saw them; version 0 is the shipped ones."""
    actor.require(Permission.NOTICE_MANAGE)
    if which.language not in LANGUAGES or (which.topic, which.channel) not in WORDED:
        raise Invalid("wording-unknown", "There are no such words.")
    if session.get(Site, which.site_id) is None or not actor.reaches(which.site_id):
        raise NotFound("site-unknown", "There is no such site.")
    row = session.scalar(
        sa.select(SiteWording).where(
            SiteWording.site_id == which.site_id,
            SiteWording.topic == which.topic.value,
            SiteWording.channel == which.channel.value,
            SiteWording.language == which.language,
        )
    )
    if (row.version if row is not None else 0) != version:
        raise Stale("wording-moved", "Somebody else changed these words.")
    return row


def _audit(
    session: Session, actor: Actor, action: str, which: Which, text: str, now: datetime
) -> None:
    after = {
        "topic": which.topic.value,
        "channel": which.channel.value,
        "language": which.language,
    }
    entry = Entry(
        actor_id=actor.id,
        actor_name=actor.name,
        action=action,
        target_type="site",
        target_id=which.site_id,
        after=after,
        text=text,
        request_id=actor.request_id,
    )
    append(session, entry, now=now)
