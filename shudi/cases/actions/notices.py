"""Notices that people send again, and the weekly digest of corrections that end."""

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.audit.actions import Entry, append
from shudi.labels.rules import CorrectionState
from shudi.labels.store import Correction
from shudi.outbox.actions import put_once, send_again
from shudi.outbox.rules import Topic
from shudi.outbox.store import MessageState
from shudi.staff.rules import Actor, Permission

DIGEST_FROM: Final = 6  # the hour (UTC) of Monday from which a week's digest may go out
_WEEK: Final = timedelta(days=7)


def retry(session: Session, *, actor: Actor, message_id: int, now: datetime) -> None:
    """Try a notice now: one that waits, one that was given up, or, as a replay, one that was
    sent. It keeps its id, by which the receiver knows what it has seen.
    """
    actor.require(Permission.NOTICE_MANAGE)
    before = send_again(session, message_id=message_id, now=now)
    append(
        session,
        Entry(
            actor_id=actor.id,
            actor_name=actor.name,
            action="notice.retried" if before is MessageState.WAITING else "notice.replayed",
            target_type="notice",
            target_id=message_id,
            before={"state": before.value},
            request_id=actor.request_id,
        ),
        now=now,
    )


def digest(session: Session, *, now: datetime) -> int:
    """Once a week, from Monday morning on: queue how many corrections of each site end within
    seven days. Returns how many digests were queued.
    """
    year, week, day = now.isocalendar()
    if day == 1 and now.hour < DIGEST_FROM:
        return 0
    counts = session.execute(
        sa.select(Correction.site_id, sa.func.count())
        .where(
            Correction.state == CorrectionState.IN_FORCE,
            Correction.expired_at.is_(None),
            Correction.expires_at.between(now, now + _WEEK),
        )
        .group_by(Correction.site_id)
    ).all()
    return sum(
        put_once(
            session,
            key=f"digest/{site_id}/{year}-{week}",
            topic=Topic.DIGEST_EXPIRING,
            site_id=site_id,
            payload={"count": count},
            now=now,
        )
        for site_id, count in counts
    )
