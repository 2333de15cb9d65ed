"""How a case closes: with a decision that is on record, frozen evidence and a notice."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.cases.actions import answers
from shudi.cases.actions.claims import active_claim, end_claim
from shudi.cases.actions.opening import audit, event, tell
from shudi.cases.actions.weighing import reweigh_account
from shudi.cases.rules import CaseKind, CaseState, EventKind, Verdict
from shudi.cases.rules.decisions import Stands
from shudi.cases.store import Case, Decision
from shudi.cases.store.appeals import Appeal
from shudi.cases.store.decisions import Standing
from shudi.labels.actions.display import touch
from shudi.labels.queries.desk import evidence_text
from shudi.labels.rules import CorrectionState, State, check_words
from shudi.labels.store import Correction, Label
from shudi.outbox.rules import Topic
from shudi.staff.rules import Actor


def close_decided(
    session: Session,
    actor: Actor,
    case: Case,
    verdict: Verdict,
    reason: str,
    text: str,
    now: datetime,
    correction: Correction | None = None,
    before: dict[str, Any] | None = None,
) -> None:
    """Close the case with a decision that the caller has checked. `before` is what only undoing
    needs to know.
    """
    claim = active_claim(session, case.id)
    held = {"holder": claim.staff_id if claim else None, "closed": True}
    end_claim(session, case.id, now)
    settle(session, case, now)
    decide(
        session,
        actor.staff_id,
        case,
        verdict,
        reason,
        text,
        now,
        correction=correction,
        before=held | (before or {}),
    )
    data = {"verdict": verdict.value, "reason": reason}
    event(session, case, EventKind.DECIDED, actor, now, text, data)
    audit(session, actor, "case.decided", case, now, after=data, text=text)
    tell_platform(session, case, verdict, now)


def decide(
    session: Session,
    staff_id: int | None,
    case: Case,
    verdict: Verdict,
    reason: str,
    text: str,
    now: datetime,
    *,
    correction: Correction | None = None,
    two: bool = False,
    before: dict[str, Any] | None = None,
    evidence: dict[str, Any] | None = None,
) -> Decision:
    """Put a decision on record with the evidence as it stands (the label's, where none is given),
    and that it stands.
    """
    decision = Decision(
        case_id=case.id,
        account_id=case.account_id,
        staff_id=staff_id,
        at=now,
        verdict=verdict,
        reason=reason,
        text=check_words(text),
        correction_id=correction.id if correction else None,
        frozen=frozen(session, case, correction) if evidence is None else evidence,
    )
    session.add(decision)
    session.flush()  # its standing names the id
    session.add(
        Standing(decision_id=decision.id, at=now, state=Stands.STANDS, two=two, before=before or {})
    )
    if case.kind is CaseKind.CONTEST and (before or {}).get("closed"):
        answers.answered(session, case, decision, now)
    return decision


def settle(session: Session, case: Case, now: datetime) -> None:
    """Close the case; a contested label stops being disputed."""
    case.state = CaseState.CLOSED
    case.closed_at = case.updated_at = now
    label = label_of_case(session, case)
    if case.kind is CaseKind.CONTEST and label is not None and label.disputed:
        label.disputed = False
        touch(session, label, now)
        reweigh_account(session, label.account_id)


def label_of_case(session: Session, case: Case) -> Label | None:
    """The label of the account that the case is about."""
    return session.get(Label, case.account_id) if case.account_id is not None else None


def frozen(session: Session, case: Case, correction: Correction | None = None) -> dict[str, Any]:
    """The evidence as it stands at the moment of deciding: it is purged later, this is not.

    `was` is what readers saw before a correction that is the decision. An account that was never
    seen shows what one without a place shows; a case of no account has nothing to freeze.
    """
    if case.account_id is None:
        return {}
    label = label_of_case(session, case)
    if label is None:
        nothing = State.NONE.value
        return {
            "state": nothing,
            "region": None,
            "was": [nothing, None],
            "resolved_state": nothing,
            "resolved_region": None,
            "evidence": "",
            "version": 0,
        }
    was = (label.state.value, label.region)
    if correction is not None and correction.case_id == case.id:
        was = (correction.original_state.value, correction.original_region)
    return {
        "state": label.state.value,
        "region": label.region,
        "was": list(was),
        "resolved_state": label.resolved_state.value,
        "resolved_region": label.resolved_region,
        "evidence": evidence_text(session, account_id=label.account_id),
        "version": label.version,
    }


def tell_platform(session: Session, case: Case, verdict: Verdict, now: datetime) -> None:
    """Queue the decision for the platform's webhook. No moderator, no text."""
    payload = _payload(session, case)
    if payload is None:
        return
    payload |= {"verdict": verdict.value}
    tell(session, case, Topic.CASE_DECIDED, payload, now)
    if case.kind is CaseKind.CONTEST:
        tell(session, case, Topic.CONTEST_ANSWERED, payload, now)


def tell_taken_back(session: Session, case: Case, verdict: Verdict, now: datetime) -> None:
    """Queue for the platform that a decision it heard of counts no longer."""
    payload = _payload(session, case)
    if payload is not None:
        payload |= {"verdict": verdict.value}
        tell(session, case, Topic.CASE_REOPENED, payload, now)


def _payload(session: Session, case: Case) -> dict[str, Any] | None:
    if case.account_id is None:
        return None
    row = session.execute(
        sa.select(Label.account, Label.version).where(Label.account_id == case.account_id)
    ).first()
    if row is None:
        return None
    return {
        "case": case.id,
        "site": case.site_id,
        "account": row.account,
        "kind": case.kind.value,
        "label_version": row.version,
    }


def close_answered(session: Session, *, actor: Actor, account_id: int, now: datetime) -> None:
    """Close the account's cases whose question was answered another way: an expiry whose
    correction has ended, a correction to confirm that another has replaced. A contest is owed an
    answer, so it is open again.
    """
    query = sa.select(Case).where(
        Case.account_id == account_id,
        sa.or_(
            sa.and_(Case.kind == CaseKind.EXPIRY, Case.state == CaseState.OPEN),
            sa.and_(Case.kind != CaseKind.SECOND_LOOK, Case.state == CaseState.AWAITING),
        ),
    )
    for case in session.scalars(query).all():
        if stands(session, case) if case.state is CaseState.OPEN else _awaits(session, case):
            continue
        if case.kind is CaseKind.CONTEST:
            _ask_again(session, actor, case, now)
        else:
            end_claim(session, case.id, now)
            settle(session, case, now)
            event(session, case, EventKind.CLOSED, actor, now)
            audit(session, actor, "case.closed", case, now)


def _ask_again(session: Session, actor: Actor, case: Case, now: datetime) -> None:
    answers.appeal_of(session, case).lifts_id = None
    case.state, case.updated_at = CaseState.OPEN, now
    event(session, case, EventKind.WITHDRAWN, actor, now)
    audit(session, actor, "case.reopened", case, now)


def stands(session: Session, case: Case) -> bool:
    """Whether the correction that the case is about is in force."""
    correction = session.get(Correction, case.correction_id) if case.correction_id else None
    return correction is not None and correction.state is CorrectionState.IN_FORCE


def _awaits(session: Session, case: Case) -> bool:
    """Whether a second person is still asked about something that this case proposed."""
    appeal = session.get(Appeal, case.id)
    ends = sa.and_(
        Correction.id == (appeal.lifts_id if appeal else None),
        Correction.state == CorrectionState.IN_FORCE,
        Correction.lift_proposed_at.is_not(None),
    )
    made = sa.and_(
        Correction.case_id == case.id,
        sa.or_(Correction.state == CorrectionState.PROPOSED, Correction.unconfirmed),
    )
    waiting = sa.or_(made, ends)
    session.flush()  # the query below reads what the act has changed
    return session.scalar(sa.select(Correction.id).where(waiting).limit(1)) is not None
