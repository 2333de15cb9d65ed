"""Deciding a case: keep, dismiss, correct, lift. A reason is asked for each time."""

from datetime import datetime

from sqlalchemy.orm import Session

from shudi.cases.actions import answers, ruling
from shudi.cases.actions.claims import end_claim, get_case, held_case
from shudi.cases.actions.closing import close_answered, close_decided, label_of_case, stands
from shudi.cases.actions.opening import audit, event
from shudi.cases.rules import (
    CaseKind,
    CaseState,
    EventKind,
    Verdict,
    check_keep_reason,
    check_open,
)
from shudi.cases.rules.policy import Act, check
from shudi.cases.store import Case
from shudi.errors import NotFound, Refused, Stale
from shudi.labels.actions import corrections, lifting
from shudi.labels.actions.corrections import Wish, check_seen
from shudi.labels.rules import CorrectionState
from shudi.labels.store import Correction
from shudi.regions.rules import Vocabulary
from shudi.settings import Settings
from shudi.staff.rules import Actor

# These have pages of their own, where they are decided.
_ELSEWHERE = {
    CaseKind.BRAKE: ("brake-case", "A brake is decided on its own page."),
    CaseKind.ACCOUNT_INFORMATION: ("submission-case", "This case is about account information."),
    CaseKind.SECOND_LOOK: ("look-case", "A second look has a page of its own."),
}


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
    answer: str = "",
) -> None:
    """The label is right as it is. An expired correction stands for another term. `answer` is
    what the holder is told where they contest it.
    """
    case = decidable(session, actor, case_id, version)
    check_keep_reason(reason)
    check_seen(label_of_case(session, case), label_version)
    before = None
    answers.prepare(session, actor, case, answer)
    if case.kind is CaseKind.EXPIRY:
        correction = _expired(session, case)
        check(Act.RENEW, actor, ruling.of_correction(session, correction))
        before = {"expires_at": _iso(correction.expires_at), "expired": _iso(correction.expired_at)}
        lifting.extend(session, actor=actor, correction=correction, settings=settings, now=now)
    close_decided(session, actor, case, Verdict.KEEP, reason, text, now, before=before)


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
    case = decidable(session, actor, case_id, version)
    check_keep_reason(reason)
    if case.kind is CaseKind.CONTEST or (case.kind is CaseKind.EXPIRY and stands(session, case)):
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
    answer: str = "",
) -> Correction:
    """Correct the label: at once, on its day, or, where the policy asks for one, once a second
    person agrees. `answer` is what the holder is told where they contest it.
    """
    case = decidable(session, actor, case_id, version)
    if case.account_id is None:
        raise Refused("no-account", "This case is not about one account.")
    ruling.check_place(session, actor, case.account_id)
    answers.prepare(session, actor, case, answer)
    risks = ruling.risks_of_correction(
        session,
        actor=actor,
        account_id=case.account_id,
        kind=wish.kind,
        region=wish.region,
        appeal=case.kind is CaseKind.CONTEST,
        vocabulary=vocabulary,
        settings=settings,
    )
    correction = corrections.propose(
        session,
        actor=actor,
        account_id=case.account_id,
        case_id=case.id,
        wish=wish,
        vocabulary=vocabulary,
        settings=settings,
        now=now,
        risks=risks,
    )
    if correction.state is CorrectionState.PROPOSED or correction.unconfirmed:
        _await(session, actor, case, correction, now)
    else:
        close_decided(
            session, actor, case, Verdict.CORRECT, wish.reason, wish.evidence, now, correction
        )
    if correction.state is CorrectionState.IN_FORCE:
        close_answered(session, actor=actor, account_id=correction.account_id, now=now)
    return correction


def lift_expired(
    session: Session, *, actor: Actor, case_id: int, version: int, text: str, now: datetime
) -> Correction:
    """At a correction's expiry: show again what activity says."""
    case = decidable(session, actor, case_id, version)
    correction = _expired(session, case)
    check(Act.LIFT, actor, ruling.of_correction(session, correction))
    lifting.lift(
        session,
        actor=actor,
        correction_id=correction.id,
        version=correction.version,
        text=text,
        now=now,
    )
    close_decided(session, actor, case, Verdict.LIFT, correction.reason, text, now, correction)
    close_answered(session, actor=actor, account_id=correction.account_id, now=now)
    return correction


def _await(
    session: Session, actor: Actor, case: Case, correction: Correction, now: datetime
) -> None:
    """The case waits for its second person; it says for what reasons."""
    case.state, case.updated_at = CaseState.AWAITING, now
    end_claim(session, case.id, now)
    data = {"correction": correction.id, "risks": correction.risks.split(",")}
    event(session, case, EventKind.PROPOSED, actor, now, data=data)
    audit(session, actor, "case.awaiting", case, now, after=data)


def decidable(session: Session, actor: Actor, case_id: int, version: int) -> Case:
    """The case, if this person may decide it here and now and it is as they saw it."""
    case = get_case(session, actor, case_id)
    if case.state is CaseState.CLOSED:
        raise Stale("case-closed", "This case is closed.", state=case.state.value)
    check_open(case.state)
    if case.kind in _ELSEWHERE:
        raise Refused(*_ELSEWHERE[case.kind])
    return held_case(session, actor, case_id, version)


def _expired(session: Session, case: Case) -> Correction:
    correction = session.get(Correction, case.correction_id) if case.correction_id else None
    if correction is None or correction.state is not CorrectionState.IN_FORCE:
        raise NotFound("correction-unknown", "There is no correction in force here any more.")
    return correction


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
