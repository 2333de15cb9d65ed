"""What lies within an inspection. Every read of one goes through `within`."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa

from shudi.accounts.store import Account
from shudi.labels.store import Label
from shudi.oversight.rules import Reach, Running
from shudi.oversight.store import InspectionAccount


def within(inspection: Running) -> tuple[sa.ColumnElement[bool], ...]:
    """Conditions on accounts, their labels joined from outside where there are any.

    An account that came after the period, one that is erased, and one of the supervisor's own are
    not in it; nor is, where places bound it, one whose label shows none.
    """
    found: list[sa.ColumnElement[bool]] = [
        Account.site_id.in_(inspection.sites),
        Account.deleted_at.is_(None),
        Account.created_at < after(inspection.until),
        Account.id.not_in(inspection.own_accounts),
    ]
    if inspection.reach is Reach.NAMED:
        of_it = InspectionAccount.inspection_id == inspection.id
        found.append(Account.id.in_(sa.select(InspectionAccount.account_id).where(of_it)))
    else:
        # A label that changed after the period tells nothing about it.
        found += [_placed(inspection.regions or ()), Label.since <= inspection.until]
    if inspection.bounds is not None:
        found.append(_placed(inspection.bounds))
    return tuple(found)


def _placed(codes: Collection[str]) -> sa.ColumnElement[bool]:
    """Whether the label that readers see names one of these places, or a division of one."""
    divided = [Label.region.startswith(f"{code}-") for code in sorted(codes) if "-" not in code]
    return sa.and_(~Label.hidden, sa.or_(Label.region.in_(codes), *divided))


def after(day: date) -> datetime:
    """The first instant behind a day (UTC)."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)


def before(day: date) -> datetime:
    """The first instant of a day (UTC)."""
    return datetime.combine(day, time(), UTC)
