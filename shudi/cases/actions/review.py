"""Deciding a case: keep, dismiss, correct, lift. A reason is asked for each time."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.cases.actions.claims import end_claim, get_case, held_case, not_excluded
from shudi.cases.actions.opening import audit, event, tell
from shudi.cases.actions.weighing import reweigh_account
from shudi.cases.rules import (
    CaseKind,
    CaseState,
    EventKind,
    Verdict,
    check_keep_reason,
    check_open,
)
from shudi.cases.store import Case, Decision
from shudi.errors import NotFound, Refused, Stale
from shudi.labels.actions import corrections, lifting
from shudi.labels.actions.corrections import Wish, check_seen
from shudi.labels.actions.display import touch
from shudi.labels.queries.desk import evidence_text
from shudi.labels.rules import CorrectionState, check_words
from shudi.labels.store import Correction, Label
from shudi.outbox.rules import Topic
from shudi.regions.rules import Vocabulary
from shudi.settings import Settings
from shudi.staff.rules import Actor


def keep(
    session: Session,
    *,
    actor: Actor,
    case_id: int,
    version: int,
    label_version: int,
    reason: str,
    text: str,
    settings: Settings,
    now: datetime,
) -> None:
    """The label is right as it is. An expired correction stands for another term."""
    case = _decidable(session, actor, case_id, version)
    check_keep_reason(reason)
    label = _label(session, case)
    if label is not None:
        check_seen(label, label_version)
    if case.kind is CaseKind.EXPIRY:
        correction = _expired(session, actor, case)
        lifting.extend(session, actor=actor, correction=correction, settings=settings, now=now)
    close_decided(session, actor, case, Verdict.KEEP, reason, text, now)


def dismiss(
    session: Session,
    *,
    actor: Actor,
    case_id: int,
    version: int,
    reason: str,
    text: str,
    now: datetime,
) -> None:
    """There is nothing to decide: the report is no report. Contests need an answer, and so do
    expiries while their correction is in force.
    """
    case = _decidable(session, actor, case_id, version)
    check_keep_reason(reason)
    if case.kind is CaseKind.CONTEST or (case.kind is CaseKind.EXPIRY and _stands(session, case)):
        raise Refused("answer-needed", "This case needs a decision on the label.")
    close_decided(session, actor, case, Verdict.DISMISS, reason, text, now)


def correct(
    session: Session,
    *,
    actor: Actor,
    case_id: int,
    version: int,
    wish: Wish,
    vocabulary: Vocabulary,
    settings: Settings,
    now: datetime,
) -> Correction:
    """Correct the label: at once, or, where the kind needs it, once a second person agrees."""
    case = _decidable(session, actor, case_id, version)
    if case.account_id is None:
        raise Refused("no-account", "This case is not about one account.")
    not_excluded(session, actor, case.account_id)
    correction = corrections.propose(
        session,
        actor=actor,
        account_id=case.account_id,
        case_id=case.id,
        wish=wish,
        vocabulary=vocabulary,
        settings=settings,
        now=now,
    )
    if correction.state is CorrectionState.IN_FORCE:
        close_decided(
            session, actor, case, Verdict.CORRECT, wish.reason, wish.evidence, now, correction
        )
        close_answered(session, actor=actor, account_id=correction.account_id, now=now)
        return correction
    case.state, case.updated_at = CaseState.AWAITING, now
    end_claim(session, case.id, now)
    event(session, case, EventKind.PROPOSED, actor, now, data={"correction": correction.id})
    audit(session, actor, "case.awaiting", case, now, after={"correction": correction.id})
    return correction


def lift_expired(
    session: Session, *, actor: Actor, case_id: int, version: int, text: str, now: datetime
) -> None:
    """At a correction's expiry: show again what activity says."""
    case = _decidable(session, actor, case_id, version)
    correction = _expired(session, actor, case)
    lifting.lift(
        session,
        actor=actor,
        correction_id=correction.id,
        version=correction.version,
        text=text,
        now=now,
    )
    close_decided(session, actor, case, Verdict.LIFT, correction.reason, text, now, correction)


def _decidable(session: Session, actor: Actor, case_id: int, version: int) -> Case:
    case = get_case(session, actor, case_id)
    if case.state is CaseState.CLOSED:
        raise Stale("case-closed", "This case is closed.", state=case.state.value)
    check_open(case.state)
    if case.kind is CaseKind.BRAKE:
        raise Refused("brake-case", "A brake is decided on its own page.")
    if case.kind is CaseKind.ACCOUNT_INFORMATION:
        raise Refused("submission-case", "This case is about account information.")
    return held_case(session, actor, case_id, version)


def _label(session: Session, case: Case) -> Label | None:
    return session.get(Label, case.account_id) if case.account_id is not None else None


def _expired(session: Session, actor: Actor, case: Case) -> Correction:
    correction = session.get(Correction, case.correction_id) if case.correction_id else None
    if correction is None or correction.state is not CorrectionState.IN_FORCE:
        raise NotFound("correction-unknown", "There is no correction in force here any more.")
    not_excluded(session, actor, correction.account_id)
    return correction


def _stands(session: Session, case: Case) -> bool:
    correction = session.get(Correction, case.correction_id) if case.correction_id else None
    return correction is not None and correction.state is CorrectionState.IN_FORCE


def close_answered(session: Session, *, actor: Actor, account_id: int, now: datetime) -> None:
    """Close the account's expiry case where its correction has ended on another way."""
    case = session.scalar(
        sa.select(Case).where(
            Case.account_id == account_id,
            Case.kind == CaseKind.EXPIRY,
            Case.state == CaseState.OPEN,
        )
    )
    if case is None or _stands(session, case):
        return
    end_claim(session, case.id, now)
    settle(session, case, now)
    event(session, case, EventKind.CLOSED, actor, now)
    audit(session, actor, "case.closed", case, now)


def close_decided(
    session: Session,
    actor: Actor,
    case: Case,
    verdict: Verdict,
    reason: str,
    text: str,
    now: datetime,
    correction: Correction | None = None,
) -> None:
    """Close the case with a decision that the caller has checked."""
    end_claim(session, case.id, now)
    settle(session, case, now)
    session.add(
        Decision(
            case_id=case.id,
            account_id=case.account_id,
            staff_id=actor.staff_id,
            at=now,
            verdict=verdict,
            reason=reason,
            text=check_words(text),
            correction_id=correction.id if correction else None,
            frozen=frozen(session, case),
        )
    )
    data = {"verdict": verdict.value, "reason": reason}
    event(session, case, EventKind.DECIDED, actor, now, text, data)
    audit(session, actor, "case.decided", case, now, after=data, text=text)
    tell_platform(session, case, verdict, now)


def settle(session: Session, case: Case, now: datetime) -> None:
    """Close the case; a contested label stops being disputed."""
    case.state = CaseState.CLOSED
    case.closed_at = case.updated_at = now
    label = _label(session, case)
    if case.kind is CaseKind.CONTEST and label is not None and label.disputed:
        label.disputed = False
        touch(session, label, now)
        reweigh_account(session, label.account_id)


def frozen(session: Session, case: Case) -> dict[str, Any]:
    """The evidence as it stands at the moment of deciding: it is purged later, this is not."""
    label = _label(session, case)
    if label is None:
        return {}
    return {
        "state": label.state.value,
        "region": label.region,
        "resolved_state": label.resolved_state.value,
        "resolved_region": label.resolved_region,
        "evidence": evidence_text(session, account_id=label.account_id),
        "version": label.version,
    }


def tell_platform(session: Session, case: Case, verdict: Verdict, now: datetime) -> None:
    """Queue the decision for the platform's webhook. No moderator, no text."""
    if case.account_id is None:
        return
    row = session.execute(
        sa.select(Label.account, Label.version).where(Label.account_id == case.account_id)
    ).first()
    if row is None:
        return
    payload = {
        "case": case.id,
        "site": case.site_id,
        "account": row.account,
        "kind": case.kind.value,
        "verdict": verdict.value,
        "label_version": row.version,
    }
    tell(session, case, Topic.CASE_DECIDED, payload, now)
    if case.kind is CaseKind.CONTEST:
        tell(session, case, Topic.CONTEST_ANSWERED, payload, now)
