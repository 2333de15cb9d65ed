"""What stands for the whole desk: new geo databases that wait, proposals that nobody here may
approve, and how far the log is signed.
"""

import dataclasses
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.audit.queries import Checkpoint
from shudi.audit.store import AuditCheckpoint
from shudi.cases.queries.takers import stuck_proposals
from shudi.geo.rules import UpdateState
from shudi.geo.store import SourceUpdate


@dataclasses.dataclass(frozen=True, slots=True)
class Renewal:
    """New geo databases that wait for a person."""

    id: int
    rule: str
    opened_at: datetime


@dataclasses.dataclass(frozen=True, slots=True)
class Watch:
    """None where nothing waits, or nothing was signed yet. `stuck`: how many proposals nobody who
    is at work may approve.
    """

    renewal: Renewal | None
    checkpoint: Checkpoint | None
    stuck: int


def watch(session: Session) -> Watch:
    """All in one statement, so that the overview keeps to its number of reads."""
    held = sa.select(SourceUpdate.id, SourceUpdate.rule, SourceUpdate.opened_at)
    waits = held.where(SourceUpdate.state == UpdateState.HELD).limit(1).subquery()
    newest = sa.select(AuditCheckpoint.seq, AuditCheckpoint.at)
    signed = newest.order_by(AuditCheckpoint.seq.desc()).limit(1).subquery()
    stuck = sa.select(sa.func.count().label("stuck"))
    always = stuck.select_from(stuck_proposals().subquery()).subquery()
    row = session.execute(
        sa.select(
            waits.c.id, waits.c.rule, waits.c.opened_at, signed.c.seq, signed.c.at, always.c.stuck
        )
        .select_from(always)
        .outerjoin(waits, sa.true())
        .outerjoin(signed, sa.true())
    ).one()
    return Watch(
        None if row.id is None else Renewal(row.id, row.rule, row.opened_at),
        None if row.seq is None else Checkpoint(row.seq, row.at),
        row.stuck,
    )
