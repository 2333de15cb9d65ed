"""Contests that nobody here may answer: whoever could has had a part in them, or owns the account.

It happens where few people work. The policy is not bent for it: the desk is told instead.
"""

import sqlalchemy as sa

from shudi.cases.rules import CaseKind
from shudi.cases.rules.appeals import SECOND
from shudi.cases.store import Case, Excluded
from shudi.cases.store.appeals import Appeal
from shudi.staff.rules import GRANTS, Permission
from shudi.staff.store import OwnAccount, Staff, StaffState

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
    )
    return sa.and_(Case.kind == CaseKind.CONTEST, ~taker.correlate(Case).exists())
