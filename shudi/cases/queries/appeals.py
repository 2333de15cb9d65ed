"""What the desk reads of a contest beside its case."""

import dataclasses
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.cases.queries.takers import nobody_may_answer
from shudi.cases.store import Case
from shudi.cases.store.appeals import Appeal
from shudi.labels.rules import State


@dataclasses.dataclass(frozen=True, slots=True)
class AppealView:
    """Which label version is contested, at which instance, with what evidence, and what the
    holder is told. `lifts_id` is the correction whose end waits for a second person.
    """

    instance: int
    first_id: int | None
    label_version: int
    state: State
    region: str | None
    evidence: str
    lifts_id: int | None
    words: str
    answered_at: datetime | None
    nobody: bool  # nobody here may answer it


_COLUMNS: tuple[Any, ...] = (
    Appeal.instance,
    Appeal.first_id,
    Appeal.label_version,
    Appeal.state,
    Appeal.region,
    Appeal.evidence,
    Appeal.lifts_id,
    Appeal.words,
    Appeal.answered_at,
    nobody_may_answer(),
)


def of_case(session: Session, *, case_id: int) -> AppealView | None:
    """What belongs to this contest; None where the case is none, or an old one."""
    query = sa.select(*_COLUMNS).join(Case, Case.id == Appeal.case_id)
    row = session.execute(query.where(Appeal.case_id == case_id)).first()
    return AppealView(*row) if row else None
