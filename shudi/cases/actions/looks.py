"""Second looks: a share of what one person decided is decided again by somebody who does not
know how. It says how far two people agree; readers see nothing of it.
"""

import hashlib
import hmac
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.cases.actions.claims import end_claim, held_case
from shudi.cases.actions.intake import open_by_staff
from shudi.cases.actions.opening import Opening, audit, event, open_case
from shudi.cases.rules import CaseKind, CaseState, EventKind, Verdict, check_keep_reason, check_open
from shudi.cases.rules.decisions import (
    NOT_SAMPLED,
    ON_LABELS,
    Finding,
    Settled,
    Stands,
    agree,
    check_correction_reason,
)
from shudi.cases.rules.policy import UNDO_FOR, Act, Matter, check, sampled
from shudi.cases.store import Case, Decision, Excluded
from shudi.cases.store.decisions import SecondLook, Standing
from shudi.errors import Invalid, NotFound, Refused, Stale
from shudi.labels.rules import CorrectionKind, check_reason, check_words
from shudi.labels.store import Correction
from shudi.sites.store import Site
from shudi.staff.rules import Actor, Permission

_WORKER = Actor.system("worker")
_SENIOR_SEVERITY = 3  # two people disagree: a senior answers this week, not some day


def draw(session: Session, *, key: bytes, share: float, now: datetime, limit: int = 200) -> int:
    """Draw among the decisions that can no longer be undone; returns how many were drawn from.

    Who decides cannot tell which: the draw hangs on a key of the deployment's, and comes later.
    """
    waiting = session.execute(
        sa.select(Standing, Decision, Case, Site.closed_at)
        .join(Decision, Decision.id == Standing.decision_id)
        .join(Case, Case.id == Decision.case_id)
        .join(Site, Site.id == Case.site_id)
        .where(Standing.sampled.is_(None), Standing.at <= now - UNDO_FOR)
        .order_by(Standing.at, Standing.decision_id)
        .limit(limit)
    ).all()
    for standing, decision, case, site_closed_at in waiting:
        digest = hmac.digest(key, f"second-look:{decision.id}".encode(), hashlib.sha256)
        fits = (
            not standing.two
            and standing.state is Stands.STANDS
            and case.kind not in NOT_SAMPLED
            and decision.verdict in ON_LABELS - {Verdict.REVERT}
            and decision.account_id is not None
            and bool(decision.frozen)
            and site_closed_at is None
        )
        drawn = fits and sampled(digest, share) and _open(session, case, decision, now)
        # by a statement: how the decision stands has not moved, nor does its version
        session.execute(
            sa.update(Standing)
            .where(Standing.decision_id == decision.id)
            .values(sampled=drawn)
            .execution_options(synchronize_session=False)
        )
    return len(waiting)


def _open(session: Session, case: Case, decision: Decision, now: datetime) -> bool:
    """A case for another moderator; False where one is open about this account."""
    running = session.scalar(
        sa.select(Case.id).where(
            Case.account_id == case.account_id,
            Case.kind == CaseKind.SECOND_LOOK,
            Case.state != CaseState.CLOSED,
        )
    )
    if running is not None:
        return False
    opening = Opening(kind=CaseKind.SECOND_LOOK, site_id=case.site_id, account_id=case.account_id)
    opened = open_case(session, actor=_WORKER, opening=opening, now=now)
    session.add(SecondLook(case_id=opened.id, decision_id=decision.id, opened_at=now))
    session.add(Excluded(case_id=opened.id, staff_id=decision.staff_id))
    return True


def look(
    session: Session,
    *,
    actor: Actor,
    case_id: int,
    version: int,
    finding: Finding,
    reason: str,
    text: str,
    now: datetime,
) -> bool:
    """Give the second verdict; returns whether it agrees with the first. The label stays. Where
    they disagree, the case goes to a senior.
    """
    row, decision = _second_look(session, case_id)
    check(Act.LOOK, actor, _matter(row, decision))
    case = held_case(session, actor, case_id, version)
    check_open(case.state)
    if row.looked_at is not None:
        raise Stale("look-given", "The second verdict is given already.")
    _check_finding(finding, reason)
    row.looked_by, row.looked_at = actor.staff_id, now
    row.verdict, row.kind, row.region = finding.verdict, finding.kind, finding.region
    row.reason, row.text = reason, check_words(text)
    row.agreed = agree(_first(session, decision), finding)
    end_claim(session, case.id, now)
    if row.agreed:
        _close(session, actor, case, now)
    else:
        _pass_on(session, actor, case, now)
    return row.agreed


def _check_finding(finding: Finding, reason: str) -> None:
    if finding.verdict not in ON_LABELS - {Verdict.REVERT}:
        raise Invalid("verdict-unknown", "Choose a decision.")
    if finding.verdict is not Verdict.CORRECT:
        check_keep_reason(reason)
        return
    check_correction_reason(reason)
    if finding.kind is None:
        raise Invalid("kind-unknown", "Choose a kind of correction.")
    if finding.kind is CorrectionKind.REPLACE and not finding.region:
        raise Invalid("region-unknown", "Choose a place from the list.")


def _second_look(session: Session, case_id: int) -> tuple[SecondLook, Decision]:
    row = session.get(SecondLook, case_id)
    if row is None:
        raise NotFound("look-unknown", "There is no such second look.")
    return row, session.get_one(Decision, row.decision_id)


def _matter(row: SecondLook, decision: Decision) -> Matter:
    return Matter(account_id=decision.account_id, decider=decision.staff_id, looked=row.looked_by)


def _first(session: Session, decision: Decision) -> Finding:
    correction = session.get(Correction, decision.correction_id) if decision.correction_id else None
    if decision.verdict is not Verdict.CORRECT or correction is None:
        return Finding(decision.verdict)
    return Finding(decision.verdict, correction.kind, correction.region)


def _close(session: Session, actor: Actor, case: Case, now: datetime) -> None:
    case.state = CaseState.CLOSED
    case.closed_at = case.updated_at = now
    event(session, case, EventKind.CLOSED, actor, now)
    audit(session, actor, "case.looked", case, now, after={"agreed": True})


def _pass_on(session: Session, actor: Actor, case: Case, now: datetime) -> None:
    """Somebody who gave neither verdict, and is a senior, takes it from here."""
    case.state, case.updated_at = CaseState.AWAITING, now
    case.severity = max(case.severity, _SENIOR_SEVERITY)
    event(session, case, EventKind.PROPOSED, actor, now)
    audit(session, actor, "case.looked", case, now, after={"agreed": False})


def settle(
    session: Session,
    *,
    actor: Actor,
    case_id: int,
    version: int,
    settled: Settled,
    text: str,
    now: datetime,
) -> int | None:
    """A senior says whose verdict is right. Where it is the second, a case is opened on the
    account, so that the label changes by the usual way; returns that case's id.
    """
    actor.require(Permission.CORRECTION_APPROVE)
    row, decision = _second_look(session, case_id)
    check(Act.SETTLE, actor, _matter(row, decision))
    case = session.get_one(Case, case_id)
    if row.agreed is None:
        raise Refused("look-missing", "The second verdict is not given yet.")
    if case.state is CaseState.CLOSED or case.version != version:
        raise Stale("case-moved", "Somebody else has settled this.", state=case.state.value)
    row.settled, row.settled_text = settled, check_reason(text)
    row.settled_by, row.settled_at = actor.staff_id, now
    case.state = CaseState.CLOSED
    case.closed_at = case.updated_at = now
    event(session, case, EventKind.CLOSED, actor, now, text, {"settled": settled.value})
    audit(session, actor, "case.settled", case, now, after={"settled": settled.value}, text=text)
    if settled is Settled.FIRST or decision.account_id is None:
        return None
    return open_by_staff(session, actor=actor, account_id=decision.account_id, text=text, now=now)
