"""Contesting a label, at the first and the second instance, and upholding a contest."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.store import Account
from shudi.cases.actions import answers, ruling
from shudi.cases.actions.claims import end_claim
from shudi.cases.actions.closing import close_answered, close_decided, decide, settle, tell_platform
from shudi.cases.actions.holders import HOLDER
from shudi.cases.actions.opening import Opening, audit, event, open_case, tell
from shudi.cases.actions.review import decidable
from shudi.cases.actions.weighing import reweigh_account
from shudi.cases.rules import CaseKind, CaseState, EventKind, Verdict
from shudi.cases.rules.appeals import (
    FIRST,
    SECOND,
    Former,
    Marks,
    check_in_time,
    check_statement,
    instance_of,
    shows_disputed,
)
from shudi.cases.rules.decisions import Stands
from shudi.cases.rules.policy import Act, check
from shudi.cases.store import Case, CaseEvent, Decision, Excluded
from shudi.cases.store.appeals import Appeal
from shudi.cases.store.decisions import Standing
from shudi.errors import NotFound, Refused
from shudi.labels.actions import lifting
from shudi.labels.actions.corrections import check_seen
from shudi.labels.actions.display import in_force, label_of, touch
from shudi.labels.rules import CorrectionState
from shudi.labels.store import Correction, Label
from shudi.outbox.rules import Topic
from shudi.settings import Settings
from shudi.staff.rules import Actor

# Who did one of these had a part in the case, and looks at no second instance of it.
_PART = (
    EventKind.NOTED,
    EventKind.DECIDED,
    EventKind.PROPOSED,
    EventKind.APPROVED,
    EventKind.REFUSED,
    EventKind.WITHDRAWN,
    EventKind.ATTACHED,
)


def contest(
    session: Session,
    *,
    account_id: int,
    label_version: int,
    text: str,
    evidence: str = "",
    settings: Settings,
    now: datetime,
) -> int:
    """The holder disputes the label: a case for somebody other than who decided it, and, where
    that has been answered and nothing changed, once more for a senior who took no part.

    Returns the case's id. Stale if one is open already or the label has moved.
    """
    text, evidence = check_statement(text, evidence)
    label = _shown(session, account_id, now)
    check_seen(label, label_version)
    former = _former(session, account_id)
    instance = instance_of(former, label.version)
    check_in_time(since=label.since, today=now.date(), days=settings.contest_days)
    opening = Opening(
        kind=CaseKind.CONTEST,
        site_id=label.site_id,
        account_id=account_id,
        text=text,
        data={"label_version": label.version, "instance": instance},
    )
    case = open_case(session, actor=HOLDER, opening=opening, now=now)
    first_id = former.case_id if former and instance == SECOND else None
    appeal = _appeal(session, case, label, instance, first_id, evidence)
    _exclude(session, case, first_id)
    event(session, case, EventKind.CONTESTED, HOLDER, now)
    _mark(session, appeal, label, settings, now)
    payload = {"account": label.account, "case": case.id, "label_version": label.version}
    tell(session, case, Topic.CONTEST_RECEIVED, payload, now)
    return case.id


def _shown(session: Session, account_id: int, now: datetime) -> Label:
    account = session.get(Account, account_id)
    if account is None or account.deleted_at is not None:
        raise NotFound("account-unknown", "There is no such account.")
    label = label_of(session, account, now)
    if label.hidden or label.version == 0:
        raise Refused("nothing-shown", "No label is shown for this account.")
    return label


def _former(session: Session, account_id: int) -> Former | None:
    """The account's latest contest."""
    row = session.execute(
        sa.select(Case.id, Case.state, Appeal.instance, Appeal.answered_version, Appeal.upheld)
        .outerjoin(Appeal, Appeal.case_id == Case.id)
        .where(Case.account_id == account_id, Case.kind == CaseKind.CONTEST)
        .order_by(Case.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    is_open = row.state is not CaseState.CLOSED
    return Former(row.id, row.instance or FIRST, is_open, row.answered_version, bool(row.upheld))


def _appeal(
    session: Session, case: Case, label: Label, instance: int, first_id: int | None, evidence: str
) -> Appeal:
    correction = in_force(session, label.account_id)
    appeal = Appeal(
        case_id=case.id,
        account_id=label.account_id,
        instance=instance,
        first_id=first_id,
        label_version=label.version,
        state=label.state,
        region=label.region,
        correction_id=correction.id if correction else None,
        evidence=evidence,
    )
    session.add(appeal)
    return appeal


def _mark(
    session: Session, appeal: Appeal, label: Label, settings: Settings, now: datetime
) -> None:
    """Say to readers that the label is disputed, where the rule does."""
    appeal.marked = shows_disputed(
        Marks(settings.contest_marks),
        instance=appeal.instance,
        corrected=label.corrected,
        since=label.since,
        today=now.date(),
    )
    if appeal.marked:
        label.disputed = True
        touch(session, label, now)
        reweigh_account(session, label.account_id)


def _exclude(session: Session, case: Case, first_id: int | None) -> None:
    """Whoever made or approved what is contested, decided last, or had a part in the first
    instance, does not answer.
    """
    people = _deciders(session, case.account_id)
    if first_id is not None:
        told = sa.select(CaseEvent.staff_id).where(
            CaseEvent.case_id == first_id, CaseEvent.kind.in_(_PART)
        )
        barred = sa.select(Excluded.staff_id).where(Excluded.case_id == first_id)
        people |= {*session.scalars(told), *session.scalars(barred)}
    for staff_id in people - {None}:
        session.add(Excluded(case_id=case.id, staff_id=staff_id))


def _deciders(session: Session, account_id: int | None) -> set[int | None]:
    people: set[int | None] = set()
    correction = _deciding(session, account_id)
    if correction is not None and correction.state is CorrectionState.IN_FORCE:
        people |= {correction.proposed_by, correction.approved_by}
    elif correction is not None:
        people |= {correction.proposed_by, correction.lift_proposed_by, correction.ended_by}
    last = (
        sa.select(Decision.staff_id)
        .outerjoin(Standing, Standing.decision_id == Decision.id)
        .where(
            Decision.account_id == account_id,
            # one that was taken back is as if it had not been
            sa.or_(Standing.state.is_(None), Standing.state == Stands.STANDS),
        )
        .order_by(Decision.at.desc(), Decision.id.desc())
        .limit(1)
    )
    return people | {session.scalar(last)}


def _deciding(session: Session, account_id: int | None) -> Correction | None:
    """The correction that makes the label what it is: the one in force, else the one that
    ended last.
    """
    ended = (CorrectionState.IN_FORCE, CorrectionState.LIFTED, CorrectionState.REVERTED)
    return session.scalar(
        sa.select(Correction)
        .where(Correction.account_id == account_id, Correction.state.in_(ended))
        .order_by((Correction.state == CorrectionState.IN_FORCE).desc(), Correction.ended_at.desc())
        .limit(1)
    )


def restore(
    session: Session,
    *,
    actor: Actor,
    case_id: int,
    version: int,
    label_version: int,
    text: str,
    answer: str,
    settings: Settings,
    now: datetime,
) -> Correction:
    """Uphold a contest by ending the correction in force: the label is what it was before. At
    once, or, where the policy asks for one, once a second person agrees.
    """
    case = decidable(session, actor, case_id, version)
    correction = in_force(session, case.account_id) if case.account_id else None
    if case.kind is not CaseKind.CONTEST or correction is None:
        raise Refused("nothing-to-restore", "No correction is in force on this label.")
    check(Act.LIFT, actor, ruling.of_correction(session, correction))
    check_seen(session.get_one(Label, case.account_id), label_version)
    answers.prepare(session, actor, case, answer)
    risks = ruling.risks_of_ending(
        session, actor=actor, correction=correction, restores=True, settings=settings, now=now,
        appeal=True,
    )  # fmt: skip
    lifting.lift(
        session, actor=actor, correction_id=correction.id, version=correction.version, text=text,
        now=now, risks=risks, restores=True,
    )  # fmt: skip
    if correction.state is CorrectionState.IN_FORCE:
        _await(session, actor, case, correction, now)
    else:
        reason = correction.reason
        close_decided(session, actor, case, Verdict.LIFT, reason, text, now, correction)
        close_answered(session, actor=actor, account_id=correction.account_id, now=now)
    return correction


def _await(
    session: Session, actor: Actor, case: Case, correction: Correction, now: datetime
) -> None:
    answers.appeal_of(session, case).lifts_id = correction.id
    case.state, case.updated_at = CaseState.AWAITING, now
    end_claim(session, case.id, now)
    data = {"correction": correction.id, "risks": correction.lift_risks.split(",")}
    event(session, case, EventKind.PROPOSED, actor, now, data=data)
    audit(session, actor, "case.awaiting", case, now, after=data)


def conclude(session: Session, actor: Actor, correction: Correction, now: datetime) -> None:
    """A second person agreed that a correction ends: a contest that proposed it is upheld."""
    case = _proposing(session, correction)
    if case is None:
        return
    settle(session, case, now)
    by, words = correction.lift_proposed_by, correction.end_reason
    decide(
        session, by, case, Verdict.LIFT, correction.reason, words, now,
        correction=correction, two=True, before={"closed": True},
    )  # fmt: skip
    event(session, case, EventKind.APPROVED, actor, now, data={"correction": correction.id})
    audit(session, actor, "case.decided", case, now, after={"verdict": Verdict.LIFT.value})
    tell_platform(session, case, Verdict.LIFT, now)


def reopen(
    session: Session, actor: Actor, correction: Correction, text: str, now: datetime
) -> None:
    """A second person wants the correction to stay: the contest that proposed its end is open
    again.
    """
    case = _proposing(session, correction)
    if case is None:
        return
    answers.appeal_of(session, case).lifts_id = None
    case.state, case.updated_at = CaseState.OPEN, now
    event(session, case, EventKind.REFUSED, actor, now, text, {"correction": correction.id})
    audit(session, actor, "case.reopened", case, now, text=text)


def _proposing(session: Session, correction: Correction) -> Case | None:
    return session.scalar(
        sa.select(Case)
        .join(Appeal, Appeal.case_id == Case.id)
        .where(Appeal.lifts_id == correction.id, Case.state == CaseState.AWAITING)
    )
