"""What stands around the list: how many cases each queue holds, and the reader's own."""

import dataclasses
import functools
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.store import Account
from shudi.cases.queries.queue import Filter, capped
from shudi.cases.rules import CaseKind
from shudi.cases.rules.priority import QUEUES, Queue, QueueRule
from shudi.cases.store import Case, Claim
from shudi.cases.store.queue import Handover, Skip
from shudi.sites.store import Site
from shudi.staff.store import Staff


@dataclasses.dataclass(frozen=True, slots=True)
class Counts:
    """How many cases there are in each queue and in all, and how many this person skipped;
    each at most COUNT_CAP.
    """

    queues: dict[Queue, int]
    every: int
    skipped: int


def counts(session: Session, *, wanted: Filter, now: datetime) -> Counts:
    """The cases in the filter's state and site by queue; one query, each count an index range."""
    asked = {"state": wanted.state, "staff": wanted.staff_id, "now": now}
    if wanted.site_id is not None:
        asked["site"] = wanted.site_id
    found = session.execute(_counting(of_a_site=wanted.site_id is not None), asked)
    *queues, every, skips = found.one()
    return Counts(dict(zip(QUEUES, queues, strict=True)), every, skips)


@functools.cache
def _counting(*, of_a_site: bool) -> sa.Select[*tuple[int, ...]]:
    """The statement, kept: putting a score of subqueries together takes longer than asking them."""
    rules = (*QUEUES.values(), QueueRule(None))
    columns = [capped(_counted(rule, of_a_site=of_a_site)) for rule in rules]
    skipped = sa.select(sa.literal(1)).where(
        Skip.staff_id == sa.bindparam("staff"), Skip.until > sa.bindparam("now")
    )
    return sa.select(*columns, capped(skipped))


def _counted(rule: QueueRule, *, of_a_site: bool) -> sa.Select[int]:
    part = sa.select(sa.literal(1)).where(
        Case.state == sa.bindparam("state"), Case.severity.in_(rule.severities)
    )
    if rule.kind is not None:
        part = part.where(Case.kind == rule.kind)
    if of_a_site:
        part = part.where(Case.site_id == sa.bindparam("site"))
    return part


@dataclasses.dataclass(frozen=True, slots=True)
class HeldRow:
    """A case that somebody holds, and who gave it to them, if anybody did."""

    id: int
    kind: CaseKind
    name: str
    lease_until: datetime
    given_by: str | None
    given_at: datetime | None


def held(session: Session, *, staff_id: int, now: datetime, limit: int = 6) -> list[HeldRow]:
    """A few of the cases this person holds, in the order of `mine`, as short lines."""
    name = sa.func.coalesce(sa.func.nullif(Account.name, ""), Account.account, Site.name)
    query = (
        sa.select(Case.id, Case.kind, name, Claim.expires_at, Staff.name, Handover.given_at)
        .join(Claim, Claim.case_id == Case.id)
        .join(Site, Site.serving(Case.site_id))
        .outerjoin(Account, Account.id == Case.account_id)
        .outerjoin(Handover, Handover.claim_id == Claim.id)
        .outerjoin(Staff, Staff.id == Handover.given_by)
        .where(Claim.staff_id == staff_id, Claim.ended_at.is_(None), Claim.expires_at > now)
        .order_by(Handover.claim_id.is_(None), Claim.expires_at)
        .limit(limit)
    )
    return [HeldRow(*row) for row in session.execute(query)]
