"""Putting on record that time is over. Nothing waits for it: every request asks the clock."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.audit.actions import record
from shudi.oversight.actions.deciding import forget_longer
from shudi.oversight.rules import PROPOSAL_LIFE, InspectionState
from shudi.oversight.store import Inspection
from shudi.staff.rules import Actor


def end_overdue(session: Session, *, now: datetime) -> int:
    """End what ran out, and drop what nobody decided in time; returns how many."""
    actor = Actor.system("worker")
    ran_out = sa.and_(Inspection.state == InspectionState.APPROVED, Inspection.ends_at <= now)
    undecided = sa.and_(
        Inspection.state == InspectionState.PROPOSED,
        Inspection.proposed_at <= now - PROPOSAL_LIFE,
    )
    rows = session.scalars(sa.select(Inspection).where(sa.or_(ran_out, undecided))).all()
    for row in rows:
        ended = row.state is InspectionState.APPROVED
        row.state = InspectionState.ENDED if ended else InspectionState.LAPSED
        forget_longer(row)
        record(session, actor, f"inspection.{row.state.value}", ("inspection", row.id), now)
    return len(rows)
