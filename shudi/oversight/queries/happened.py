"""What a supervisor reads of what happened: corrections of a label, cases and their decisions.

Never a note, a report's words or what was typed at the desk; people of the desk are a role and a
pseudonym.
"""

import dataclasses
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from shudi.accounts.store import Account
from shudi.cases.rules import CaseKind, CaseState, Verdict
from shudi.cases.rules.decisions import Stands
from shudi.cases.store import Case, Decision
from shudi.cases.store.appeals import Appeal
from shudi.cases.store.decisions import Standing
from shudi.labels.rules import CorrectionKind, CorrectionState
from shudi.labels.store import Correction, Label
from shudi.oversight.queries.scope import after, before, within
from shudi.oversight.rules import LIST_PAGE, Running
from shudi.sites.store import Site
from shudi.staff.rules import Role
from shudi.staff.store import Staff

# Corrections that readers saw; what was only proposed, or undone, showed nothing.
_SEEN = (
    CorrectionState.IN_FORCE,
    CorrectionState.LIFTED,
    CorrectionState.REVERTED,
    CorrectionState.SUPERSEDED,
)


@dataclasses.dataclass(frozen=True, slots=True)
class Somebody:
    """Somebody of the desk: their role now, and what this inspection calls them."""

    role: Role
    called: str


@dataclasses.dataclass(frozen=True, slots=True)
class ShownCorrection:
    """A correction that readers saw within the period."""

    account_id: int
    account: str
    kind: CorrectionKind
    region: str | None
    reason: str
    state: CorrectionState
    began_at: datetime
    ended_at: datetime | None
    expires_at: datetime | None
    proposed_by: Somebody | None
    approved_by: Somebody | None


@dataclasses.dataclass(frozen=True, slots=True)
class ShownCase:
    """A case of the period with its latest decision, if any, and whether that still stands;
    `answer` is what the holder was told.
    """

    case_id: int
    account_id: int
    account: str
    site: str
    kind: CaseKind
    state: CaseState
    opened_at: datetime
    closed_at: datetime | None
    decision_id: int | None
    decided_at: datetime | None
    verdict: Verdict | None
    reason: str | None
    stands: Stands | None
    answer: str
    decided_by: Somebody | None


_Proposer, _Approver = aliased(Staff), aliased(Staff)
_BEGAN = sa.func.coalesce(Correction.starts_at, Correction.approved_at, Correction.proposed_at)
_CORRECTION: tuple[Any, ...] = (
    Account.id, Account.account, Correction.kind, Correction.region, Correction.reason,
    Correction.state, _BEGAN, Correction.ended_at, Correction.expires_at, _Proposer.id,
    _Proposer.role, _Approver.id, _Approver.role,
)  # fmt: skip
_CASE: tuple[Any, ...] = (
    Case.id, Account.id, Account.account, Site.key, Case.kind, Case.state, Case.opened_at,
    Case.closed_at, Decision.id, Decision.at, Decision.verdict, Decision.reason, Standing.state,
    sa.func.coalesce(Appeal.words, ""), Staff.id, Staff.role,
)  # fmt: skip


def corrections(
    session: Session,
    inspection: Running,
    *,
    account_id: int | None = None,
    limit: int | None = None,
) -> list[ShownCorrection]:
    """Corrections that stood within the period, newest first: of one account, or of all."""
    query = _corrections(inspection).limit(limit)
    if account_id is not None:
        query = query.where(Account.id == account_id)
    found = []
    for row in session.execute(query):
        *values, proposer, proposing, approver, approving = row
        people = ((proposer, proposing), (approver, approving))
        values += [_somebody(inspection, *one) for one in people]
        found.append(ShownCorrection(*values))
    return found


def _corrections(inspection: Running) -> sa.Select[Any]:
    """Those of a protected account are left out: it looks like one without a label."""
    return (
        sa.select(*_CORRECTION)
        .join(Account, Account.id == Correction.account_id)
        .outerjoin(Label, Label.account_id == Account.id)
        .outerjoin(_Proposer, _Proposer.id == Correction.proposed_by)
        .outerjoin(_Approver, _Approver.id == Correction.approved_by)
        .where(
            *within(inspection),
            ~sa.func.coalesce(Label.hidden, sa.false()),
            Correction.state.in_(_SEEN),
            after(inspection.until) > _BEGAN,
            sa.or_(Correction.ended_at.is_(None), Correction.ended_at >= before(inspection.since)),
        )
        .order_by(Correction.id.desc())
    )


def cases(
    session: Session,
    inspection: Running,
    *,
    account_id: int | None = None,
    before_id: int | None = None,
    limit: int | None = LIST_PAGE,
) -> list[ShownCase]:
    """Cases opened within the period with their latest decision, newest first."""
    query = _cases(inspection).limit(limit)
    if account_id is not None:
        query = query.where(Account.id == account_id)
    if before_id is not None:
        query = query.where(Case.id < before_id)
    found = []
    for row in session.execute(query):
        *values, decider, deciding = row
        values += [_somebody(inspection, decider, deciding)]
        found.append(ShownCase(*values))
    return found


def _cases(inspection: Running) -> sa.Select[Any]:
    latest = sa.select(sa.func.max(Decision.id)).where(Decision.case_id == Case.id)
    return (
        sa.select(*_CASE)
        .join(Account, Account.id == Case.account_id)
        .join(Site, Site.serving(Account.site_id))
        .outerjoin(Label, Label.account_id == Account.id)
        .outerjoin(Decision, Decision.id == latest.correlate(Case).scalar_subquery())
        .outerjoin(Standing, Standing.decision_id == Decision.id)
        .outerjoin(Staff, Staff.id == Decision.staff_id)
        .outerjoin(Appeal, sa.and_(Appeal.case_id == Case.id, Case.state == CaseState.CLOSED))
        .where(
            *within(inspection),
            Case.opened_at >= before(inspection.since),
            Case.opened_at < after(inspection.until),
        )
        .order_by(Case.id.desc())
    )


def _somebody(inspection: Running, staff_id: int | None, role: Role | None) -> Somebody | None:
    if staff_id is None or role is None:
        return None
    return Somebody(role, inspection.called(staff_id))
