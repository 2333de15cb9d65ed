"""What a holder is told of inspections: that their account was looked at, once they may know."""

import dataclasses
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.oversight import rules
from shudi.oversight.rules import Basis, Kind, Telling
from shudi.oversight.store import Inspection, InspectionSeen


@dataclasses.dataclass(frozen=True, slots=True)
class Told:
    """That an authority looked: which, on what article, when first, and at what."""

    authority: str
    basis: Basis
    first_at: datetime
    kinds: tuple[Kind, ...]


def told(session: Session, *, account_id: int, now: datetime) -> list[Told]:
    """The account's inspections of which its holder may know by now, newest first."""
    query = (
        sa.select(
            Inspection.authority, Inspection.basis, InspectionSeen.first_at, Inspection.labels,
            Inspection.cases, Inspection.information, Inspection.telling, Inspection.state,
            Inspection.ends_at,
        )
        .join(Inspection, Inspection.id == InspectionSeen.inspection_id)
        .where(InspectionSeen.account_id == account_id, Inspection.telling != Telling.NEVER)
        .order_by(InspectionSeen.first_at.desc(), Inspection.id.desc())
    )  # fmt: skip
    rows = session.execute(query)
    return [
        Told(row.authority, row.basis, row.first_at, _kinds(row))
        for row in rows
        if rules.may_tell(row.telling, row.state, row.ends_at, now)
    ]


def _kinds(row: Any) -> tuple[Kind, ...]:
    return tuple(kind for kind in Kind if getattr(row, kind.value))
