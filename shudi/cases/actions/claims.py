"""Claims: one person works on a case, for a visible while."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.cases.actions import answers
from shudi.cases.actions.opening import audit, event
from shudi.cases.rules import (
    CaseKind,
    CaseState,
    EventKind,
    check_claimed,
    check_open,
)
from shudi.cases.rules.appeals import SECOND, may_answer
from shudi.cases.rules.policy import Act, check, involving
from shudi.cases.rules.priority import QUEUES, Queue, QueueRule
from shudi.cases.store import Case, Claim, Excluded
from shudi.cases.store.appeals import second_instances
from shudi.cases.store.queue import Skip, by_site
from shudi.db.limits import WALKS
from shudi.errors import NotFound, Refused, Stale
from shudi.settings import Settings
from shudi.sites.queries import check_serving
from shudi.staff.rules import Actor, Permission

_LEASE = Actor.system("lease")


def get_case(session: Session, actor: Actor, case_id: int) -> Case:
    """The case, if this actor may decide on its account; NotFound or NotAllowed."""
    case = session.get(Case, case_id)
    if case is None or not actor.reaches(case.site_id):
        raise NotFound("case-unknown", "There is no such case.")
    check_serving(session, case.site_id)
    actor.require(Permission.CASE_DECIDE, account_id=case.account_id)
    return case


def claim(
    session: Session, *, actor: Actor, case_id: int, settings: Settings, now: datetime
) -> datetime:
    """Take a case to work on; returns when the lease ends. Claiming again renews it.

    Raises Stale if somebody else holds it.
    """
    case = get_case(session, actor, case_id)
    excluded = session.get(Excluded, (case_id, actor.staff_id)) is not None
    check_open(case.state)
    act = Act.LOOK if case.kind is CaseKind.SECOND_LOOK else Act.CLAIM_CONTEST
    check(act, actor, involving(actor.staff_id if excluded else None))
    answers.check_may(session, actor, case)
    expires_at = now + timedelta(minutes=settings.lease_minutes)
    active = active_claim(session, case_id)
    session.execute(sa.delete(Skip).filter_by(case_id=case_id, staff_id=actor.staff_id))
    if active is not None and active.staff_id == actor.staff_id:
        active.expires_at = max(active.expires_at, expires_at)
        return active.expires_at
    if active is not None:
        _take_over(session, case, active, now)
    session.add(
        Claim(case_id=case_id, staff_id=staff_id(actor), claimed_at=now, expires_at=expires_at)
    )
    event(session, case, EventKind.CLAIMED, actor, now)
    audit(session, actor, "case.claimed", case, now)
    return expires_at


def staff_id(actor: Actor) -> int:
    """The person's id; Refused for a program."""
    if actor.staff_id is None:
        raise Refused("staff-only", "Only a person can do this.")
    return actor.staff_id


def active_claim(session: Session, case_id: int) -> Claim | None:
    """The claim that has not ended (it may have run out)."""
    return session.scalar(
        sa.select(Claim).where(Claim.case_id == case_id, Claim.ended_at.is_(None))
    )


def _take_over(session: Session, case: Case, active: Claim, now: datetime) -> None:
    """End somebody else's claim if its lease has run out; Stale if it has not."""
    if active.expires_at > now:
        raise Stale(
            "claimed-by-other",
            "Somebody else is working on this case.",
            staff_id=active.staff_id,
            expires_at=active.expires_at,
        )
    lapse(session, case, active, now)
    session.flush()  # one active claim a case, by constraint


def lapse(session: Session, case: Case, claim: Claim, now: datetime) -> None:
    """End a claim whose lease ran out. Nobody does this: it is on record as the lease's doing."""
    claim.ended_at = now
    event(session, case, EventKind.LAPSED, _LEASE, now)
    audit(session, _LEASE, "case.lapsed", case, now, after={"staff": claim.staff_id})


def claim_next(
    session: Session,
    *,
    actor: Actor,
    settings: Settings,
    now: datetime,
    site_id: int | None = None,
    queue: Queue | None = None,
) -> int | None:
    """Claim the case that comes first in the queue and is nobody's; None where there is none.

    What this person skipped is left to others meanwhile.
    """
    actor.require(Permission.CASE_DECIDE)
    rule = QUEUES[queue] if queue else QueueRule(None)
    case_id = _first_free(session, actor, rule, site_id, now)
    if case_id is not None:
        claim(session, actor=actor, case_id=case_id, settings=settings, now=now)
    return case_id


def _first_free(
    session: Session, actor: Actor, rule: QueueRule, site_id: int | None, now: datetime
) -> int | None:
    """The queue's first case that this person may claim.

    Each severity is read by itself: within one, the index holds the order of the queue.
    """
    taken = (
        sa.select(Claim.id)
        .where(Claim.case_id == Case.id, Claim.ended_at.is_(None), Claim.expires_at > now)
        .exists()
    )
    excluded = (
        sa.select(Excluded.case_id)
        .where(Excluded.case_id == Case.id, Excluded.staff_id == actor.staff_id)
        .exists()
    )
    skipped = (
        sa.select(Skip.case_id)
        .where(Skip.case_id == Case.id, Skip.staff_id == actor.staff_id, Skip.until > now)
        .exists()
    )
    query = (
        sa.select(Case.due_at, Case.id)
        .where(Case.state == CaseState.OPEN, Case.kind != CaseKind.BRAKE)
        .where(~taken, ~excluded, ~skipped)
        .order_by(Case.due_at, Case.id)
        .limit(1)
        .execution_options(**{WALKS: True})
    )
    if not may_answer(actor, SECOND):
        query = query.where(Case.id.not_in(second_instances()))
    if rule.kind is not None:
        query = query.where(Case.kind == rule.kind)
    if actor.own_accounts:
        query = query.where(Case.account_id.not_in(actor.own_accounts))
    if site_id is not None:
        query = query.where(Case.site_id == site_id)
    for severity in rule.severities:
        of_one = query.where(Case.severity == severity)
        found = [session.execute(of_one.where(*site)).first() for site in by_site(session)]
        first = min((row for row in found if row is not None), default=None)
        if first is not None:
            return int(first.id)
    return None


def renew(
    session: Session, *, actor: Actor, case_id: int, settings: Settings, now: datetime
) -> datetime:
    """Keep the claim while working; Stale if it was taken over."""
    active = active_claim(session, case_id)
    if active is None or active.staff_id != actor.staff_id:
        raise Stale("claim-lost", "You do not hold this case any more.")
    get_case(session, actor, case_id)  # the account may have been declared as own since
    # whoever was given a case keeps the longer time that came with it
    active.expires_at = max(active.expires_at, now + timedelta(minutes=settings.lease_minutes))
    return active.expires_at


def release(session: Session, *, actor: Actor, case_id: int, now: datetime) -> None:
    """Give a case back to the queue."""
    case = get_case(session, actor, case_id)
    active = active_claim(session, case_id)
    if active is None or active.staff_id != actor.staff_id:
        raise Stale("claim-lost", "You do not hold this case any more.")
    active.ended_at = now
    event(session, case, EventKind.RELEASED, actor, now)
    audit(session, actor, "case.released", case, now)


def held_case(session: Session, actor: Actor, case_id: int, version: int) -> Case:
    """The case, claimed by this actor and as they saw it; else Refused or Stale."""
    case = get_case(session, actor, case_id)
    if case.version != version:
        raise Stale(
            "case-moved",
            "The case changed while you were deciding.",
            state=case.state.value,
            version=case.version,
            seen_version=version,
        )
    active = active_claim(session, case_id)
    holder = active.staff_id if active else None
    check_claimed(holder, staff_id(actor))
    return case


def end_claim(session: Session, case_id: int, now: datetime) -> None:
    """A decision ends the claim."""
    active = active_claim(session, case_id)
    if active is not None:
        active.ended_at = now
