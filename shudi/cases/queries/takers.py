"""Contests that nobody here may answer, proposals that nobody here may approve: whoever could has
had a part in them, or owns the account.

It happens where few people work. The policy is not bent for it: the desk is told instead.
"""

import dataclasses
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from shudi.cases.rules import CaseKind, CaseState
from shudi.cases.rules.appeals import SECOND
from shudi.cases.rules.batches import BatchState
from shudi.cases.store import Case, Excluded
from shudi.cases.store.appeals import Appeal
from shudi.cases.store.batches import Batch, BatchItem
from shudi.labels.queries.corrections import WAITS
from shudi.labels.rules import CorrectionState
from shudi.labels.store import Correction
from shudi.staff.rules import GRANTS, Permission
from shudi.staff.store import OwnAccount, Staff, StaffState
from shudi.staff.store.scopes import works_at

_DECIDE = [role for role, granted in GRANTS.items() if Permission.CASE_DECIDE in granted]
_SENIOR = [role for role, granted in GRANTS.items() if Permission.CORRECTION_APPROVE in granted]


def nobody_may_answer() -> sa.ColumnElement[bool]:
    """Whether a `Case` of the query is a contest that nobody who is at work may answer."""
    second = sa.select(sa.literal(1)).where(Appeal.case_id == Case.id, Appeal.instance == SECOND)
    part = sa.select(sa.literal(1)).where(
        Excluded.case_id == Case.id, Excluded.staff_id == Staff.id
    )
    own = sa.select(sa.literal(1)).where(
        OwnAccount.staff_id == Staff.id, OwnAccount.account_id == Case.account_id
    )
    taker = sa.select(sa.literal(1)).where(
        Staff.state == StaffState.ACTIVE,
        sa.or_(
            Staff.role.in_(_SENIOR),
            sa.and_(Staff.role.in_(_DECIDE), ~second.correlate(Case).exists()),
        ),
        ~part.correlate(Case, Staff).exists(),
        ~own.correlate(Case, Staff).exists(),
        works_at(Staff.id, Case.site_id),
    )
    return sa.and_(Case.kind == CaseKind.CONTEST, ~taker.correlate(Case).exists())


@dataclasses.dataclass(frozen=True, slots=True)
class Stuck:
    """Proposals that nobody who is at work may approve, by id."""

    corrections: frozenset[int]
    lifts: frozenset[int]
    batches: frozenset[int]

    def holds(self, correction_id: int, *, lifting: bool) -> bool:
        """Whether this correction, or with `lifting` the proposal to end it, is among them."""
        return correction_id in (self.lifts if lifting else self.corrections)

    def __len__(self) -> int:
        return len(self.corrections) + len(self.lifts) + len(self.batches)


def stuck(session: Session) -> Stuck:
    """Those among the oldest proposals of each sort, in one statement."""
    found: dict[str, set[int]] = {"correction": set(), "lift": set(), "batch": set()}
    for sort, number in session.execute(stuck_proposals()):
        found[sort].add(number)
    return Stuck(*(frozenset(numbers) for numbers in found.values()))


def stuck_proposals(most: int = 1000) -> sa.CompoundSelect[Any]:
    """The same as a query of (sort, id); `most` proposals of each sort are looked at."""
    lifting = sa.and_(
        Correction.state == CorrectionState.IN_FORCE, Correction.lift_proposed_at.is_not(None)
    )
    return sa.union_all(
        _of_one("correction", WAITS, Correction.proposed_by, most),
        _of_one("lift", lifting, Correction.lift_proposed_by, most),
        _of_list(most),
    )


_CONTESTED = sa.and_(
    Excluded.staff_id == Staff.id,
    Case.id == Excluded.case_id,
    Case.kind == CaseKind.CONTEST,
    Case.state != CaseState.CLOSED,
)


def _of_one(
    sort: str,
    waits: sa.ColumnElement[bool],
    proposer: InstrumentedAttribute[int | None],
    most: int,
) -> sa.Select[Any]:
    columns = (
        Correction.id,
        Correction.account_id,
        Correction.site_id,
        proposer.label("proposer"),
    )
    one = sa.select(*columns).where(waits).order_by(Correction.id).limit(most).subquery()
    own = sa.exists().where(
        OwnAccount.staff_id == Staff.id, OwnAccount.account_id == one.c.account_id
    )
    part = sa.exists().where(_CONTESTED, Case.account_id == one.c.account_id)
    return _without_senior(sort, one, own, part)


def _of_list(most: int) -> sa.Select[Any]:
    """The ties to a list are those to any account on it (policy: Act.APPROVE_LIST)."""
    columns = (Batch.id, Batch.site_id, Batch.staff_id.label("proposer"))
    waits = sa.select(*columns).where(Batch.state == BatchState.WAITING)
    one = waits.order_by(Batch.touched_at).limit(most).subquery()
    listed = BatchItem.batch_id == one.c.id
    own = sa.exists().where(
        OwnAccount.staff_id == Staff.id, BatchItem.account_id == OwnAccount.account_id, listed
    )
    part = sa.exists().where(_CONTESTED, BatchItem.account_id == Case.account_id, listed)
    return _without_senior("batch", one, own, part)


def _without_senior(sort: str, one: sa.Subquery, own: sa.Exists, part: sa.Exists) -> sa.Select[Any]:
    senior = sa.exists().where(
        Staff.state == StaffState.ACTIVE,
        Staff.role.in_(_SENIOR),
        sa.or_(one.c.proposer.is_(None), one.c.proposer != Staff.id),
        ~own.correlate(one, Staff),
        ~part.correlate(one, Staff),
        works_at(Staff.id, one.c.site_id),
    )
    return sa.select(sa.literal(sort), one.c.id).where(~senior.correlate(one))
