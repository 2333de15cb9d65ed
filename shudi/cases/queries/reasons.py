"""Ready words for decisions, as those see them who write them."""

import dataclasses
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.cases.rules import CannedKind
from shudi.cases.store.case_page import CannedReason
from shudi.errors import NotFound


@dataclasses.dataclass(frozen=True, slots=True)
class ReasonRow:
    """Ready words in use."""

    id: int
    kind: CannedKind
    language: str
    title: str
    text: str
    updated_at: datetime
    version: int


_COLUMNS = (
    CannedReason.id,
    CannedReason.kind,
    CannedReason.language,
    CannedReason.title,
    CannedReason.text,
    CannedReason.updated_at,
    CannedReason.version,
)


def in_use(session: Session) -> list[ReasonRow]:
    """All ready words in use, by decision, language and name; their number is limited."""
    rows = session.execute(sa.select(*_COLUMNS).where(CannedReason.retired_at.is_(None)))
    order = list(CannedKind)
    return sorted(
        (ReasonRow(*row) for row in rows),
        key=lambda row: (order.index(row.kind), row.language, row.title),
    )


def reason(session: Session, *, reason_id: int) -> ReasonRow:
    """One of them; NotFound where there is none, or it was retired."""
    row = session.execute(
        sa.select(*_COLUMNS).where(CannedReason.id == reason_id, CannedReason.retired_at.is_(None))
    ).first()
    if row is None:
        raise NotFound("reason-unknown", "There are no such ready words.")
    return ReasonRow(*row)
