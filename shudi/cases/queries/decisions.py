"""Decisions that were taken: whose, on what, and whether they stand."""

import dataclasses
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.store import Account
from shudi.cases.rules import CaseKind, Verdict
from shudi.cases.rules.decisions import Stands
from shudi.cases.store import Case, Decision
from shudi.cases.store.decisions import Standing
from shudi.errors import NotFound
from shudi.labels.rules import CorrectionKind, CorrectionState
from shudi.labels.store import Correction, Label
from shudi.sites.store import Site
from shudi.staff.store import Staff


@dataclasses.dataclass(frozen=True, slots=True)
class DecisionRow:
    """A decision with its case, its account and what became of it. `version` is its standing's,
    0 where it was taken before standings were kept.
    """

    id: int
    case_id: int
    case_kind: CaseKind
    account_id: int | None
    account: str | None
    account_name: str | None
    handle: str | None
    staff_id: int | None
    staff: str | None
    at: datetime
    verdict: Verdict
    reason: str
    text: str
    correction_id: int | None
    kind: CorrectionKind | None
    region: str | None
    correction_state: CorrectionState | None
    state: Stands
    two: bool
    version: int
    reverted_by: int | None
    label_version: int


_COLUMNS: tuple[Any, ...] = (
    Decision.id,
    Decision.case_id,
    Case.kind,
    Decision.account_id,
    Account.account,
    Account.name,
    Account.handle,
    Decision.staff_id,
    Staff.name,
    Decision.at,
    Decision.verdict,
    Decision.reason,
    Decision.text,
    Decision.correction_id,
    Correction.kind,
    Correction.region,
    Correction.state,
    Standing.state,
    Standing.two,
    Standing.version,
    Standing.reverted_by,
    Label.version,
)


def _query() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(*_COLUMNS)
        .join(Case, Case.id == Decision.case_id)
        .join(Site, Site.serving(Case.site_id))
        .outerjoin(Account, Account.id == Decision.account_id)
        .outerjoin(Staff, Staff.id == Decision.staff_id)
        .outerjoin(Correction, Correction.id == Decision.correction_id)
        .outerjoin(Standing, Standing.decision_id == Decision.id)
        .outerjoin(Label, Label.account_id == Decision.account_id)
    )


def _row(found: Any) -> DecisionRow:
    *rest, state, two, version, reverted_by, label_version = found
    rest += (state or Stands.STANDS, bool(two), version or 0)
    rest += (reverted_by, label_version or 0)
    return DecisionRow(*rest)


def decision(session: Session, *, decision_id: int) -> DecisionRow:
    """One decision; NotFound where there is none."""
    found = session.execute(_query().where(Decision.id == decision_id)).first()
    if found is None:
        raise NotFound("decision-unknown", "There is no such decision.")
    return _row(found)


def of_case(session: Session, *, case_id: int, limit: int = 5) -> list[DecisionRow]:
    """The case's decisions, newest first."""
    query = _query().where(Decision.case_id == case_id).order_by(Decision.id.desc())
    return [_row(found) for found in session.execute(query.limit(limit))]


def of_person(
    session: Session, *, staff_id: int, after: int | None = None, limit: int = 30
) -> tuple[list[DecisionRow], int | None]:
    """What somebody decided, newest first."""
    query = _query().where(Decision.staff_id == staff_id)
    if after is not None:
        query = query.where(Decision.id < after)
    rows = [
        _row(found)
        for found in session.execute(query.order_by(Decision.id.desc()).limit(limit + 1))
    ]
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None
