"""One case with everything its page shows."""

import dataclasses
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.queries import Submitted, compared
from shudi.accounts.rules import Rule
from shudi.accounts.store import Account
from shudi.cases.rules import CaseKind, CaseState
from shudi.cases.store import Case, Claim, Decision, Excluded
from shudi.errors import NotFound
from shudi.sites.store import Site
from shudi.staff.store import Staff


@dataclasses.dataclass(frozen=True, slots=True)
class CaseRow:
    """A case and who holds it. `excluded`: the asking person decided what it contests."""

    id: int
    kind: CaseKind
    state: CaseState
    severity: int
    reports: int
    opened_at: datetime
    due_at: datetime
    closed_at: datetime | None
    version: int
    brake_id: int | None
    update_id: int | None
    correction_id: int | None
    site_id: int
    site_key: str
    site_name: str
    account_id: int | None
    account: str | None
    account_name: str | None
    handle: str | None
    holder_id: int | None
    holder: str | None
    lease_until: datetime | None
    claimed_at: datetime | None
    claim_id: int | None
    excluded: bool


_COLUMNS: tuple[Any, ...] = (
    Case.id,
    Case.kind,
    Case.state,
    Case.severity,
    Case.reports,
    Case.opened_at,
    Case.due_at,
    Case.closed_at,
    Case.version,
    Case.brake_id,
    Case.update_id,
    Case.correction_id,
    Site.id,
    Site.key,
    Site.name,
    Case.account_id,
    Account.account,
    Account.name,
    Account.handle,
    Claim.staff_id,
    Staff.name,
    Claim.expires_at,
    Claim.claimed_at,
    Claim.id,
)


def case_row(session: Session, *, case_id: int, staff_id: int) -> CaseRow:
    """The case; NotFound where there is none."""
    excluded: Any = sa.exists().where(Excluded.case_id == case_id, Excluded.staff_id == staff_id)
    row = session.execute(
        sa.select(*(*_COLUMNS, excluded))
        .join(Site, Site.serving(Case.site_id))
        .outerjoin(Account, Account.id == Case.account_id)
        .outerjoin(Claim, sa.and_(Claim.case_id == Case.id, Claim.ended_at.is_(None)))
        .outerjoin(Staff, Staff.id == Claim.staff_id)
        .where(Case.id == case_id)
    ).first()
    if row is None:
        raise NotFound("case-unknown", "There is no such case.")
    return CaseRow(*row)


@dataclasses.dataclass(frozen=True, slots=True)
class CaseLine:
    """One case of an account, as its account page lists it."""

    id: int
    kind: CaseKind
    state: CaseState
    severity: int
    opened_at: datetime
    due_at: datetime
    closed_at: datetime | None


_COLUMNS_2: tuple[Any, ...] = (
    Case.id,
    Case.kind,
    Case.state,
    Case.severity,
    Case.opened_at,
    Case.due_at,
    Case.closed_at,
)


def of_account(session: Session, *, account_id: int, limit: int = 20) -> list[CaseLine]:
    """The account's newest cases."""
    query = (
        sa.select(*_COLUMNS_2)
        .where(Case.account_id == account_id)
        .order_by(Case.id.desc())
        .limit(limit)
    )
    return [CaseLine(*row) for row in session.execute(query)]


def decided_on(session: Session, *, case_id: int) -> Submitted | None:
    """The account information that was decided on, as it stood then; None where it is erased."""
    latest = sa.select(sa.func.max(Decision.id)).where(Decision.case_id == case_id)
    return submitted_of(session, decision_id=latest.scalar_subquery())


def submitted_of(session: Session, *, decision_id: int | sa.ScalarSelect[int]) -> Submitted | None:
    """The same of one decision; None where it is on a label."""
    frozen = session.scalar(sa.select(Decision.frozen).where(Decision.id == decision_id))
    if not frozen or "submitted" not in frozen:
        return None
    return Submitted(
        Rule(frozen["rule"]),
        frozen["field"],
        datetime.fromisoformat(frozen["submitted_at"]),
        compared(frozen["live"], frozen["submitted"]),
    )
