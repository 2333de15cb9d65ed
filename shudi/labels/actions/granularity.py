"""When a deployment chooses a coarser granularity, what is stored follows."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.audit.actions import Entry, append
from shudi.labels.actions.display import in_force, refresh
from shudi.labels.store import Correction, HeldResult, Label
from shudi.regions.rules import Granularity, Vocabulary
from shudi.staff.rules import Actor


def coarsen(
    session: Session,
    *,
    actor: Actor,
    vocabulary: Vocabulary,
    granularity: Granularity,
    now: datetime,
    limit: int = 500,
) -> int:
    """Widen at most `limit` labels that are finer than `granularity`; returns how many."""
    wider = {
        region.code: wide
        for region in vocabulary
        if (wide := vocabulary.coarsen(region.code, granularity)) != region.code
    }
    if not wider:
        return 0
    labels = session.scalars(
        sa.select(Label)
        .where(sa.or_(Label.region.in_(wider), Label.resolved_region.in_(wider)))
        .limit(limit)
    ).all()
    if not labels:
        return 0
    _widen_what_waits(session, wider)
    for label in labels:
        label.resolved_region = wider.get(label.resolved_region or "", label.resolved_region)
        refresh(session, label, in_force(session, label.account_id), now)
    after = {"granularity": granularity, "labels": len(labels)}
    entry = Entry(
        actor_id=actor.id,
        actor_name=actor.name,
        action="labels.coarsened",
        target_type="site",
        target_id=",".join(str(site) for site in sorted({label.site_id for label in labels})[:10]),
        after=after,
    )
    append(session, entry, now=now)
    return len(labels)


def _widen_what_waits(session: Session, wider: dict[str, str]) -> None:
    """Corrections and held results, before labels are computed from them."""
    for fine, wide in wider.items():
        for table in (Correction, HeldResult):
            session.execute(
                sa.update(table)
                .where(table.region == fine)
                .values(region=wide)
                .execution_options(synchronize_session=False)
            )
