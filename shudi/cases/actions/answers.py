"""What is kept of how a contest is answered; acts that decide on one call this."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.cases.rules import CaseKind, Verdict
from shudi.cases.rules.appeals import FIRST, check_answer, check_instance
from shudi.cases.store import Case, Decision
from shudi.cases.store.appeals import Appeal
from shudi.labels.rules import State
from shudi.labels.store import Label
from shudi.staff.rules import Actor
from shudi.staff.store import Staff


def appeal_of(session: Session, case: Case) -> Appeal:
    """What belongs to this contest; made where the contest is older than what is kept."""
    appeal = session.get(Appeal, case.id)
    if appeal is None:
        label = session.get(Label, case.account_id)
        appeal = Appeal(
            case_id=case.id,
            account_id=case.account_id,
            instance=FIRST,
            label_version=label.version if label else 0,
            state=label.state if label else State.NONE,
            region=label.region if label else None,
            marked=True,
            words="",
            upheld=False,
        )
        session.add(appeal)
    return appeal


def marked(session: Session, case: Case) -> bool:
    """Whether readers were told that the label is disputed while this contest was open."""
    appeal = session.get(Appeal, case.id)
    return appeal is None or appeal.marked


def check_may(session: Session, actor: Actor, case: Case) -> None:
    """Raise NotAllowed where this contest is for a senior and the actor is none."""
    if case.kind is CaseKind.CONTEST:
        appeal = session.get(Appeal, case.id)
        check_instance(actor, appeal.instance if appeal else FIRST)


def prepare(session: Session, actor: Actor, case: Case, words: str) -> None:
    """Before a contest is decided: may this person, and what will the holder read? Other cases
    have no such words.
    """
    if case.kind is not CaseKind.CONTEST:
        return
    check_may(session, actor, case)
    names = session.scalars(sa.select(Staff.name)).all()
    appeal_of(session, case).words = check_answer(words, names)


def answered(session: Session, case: Case, decision: Decision, now: datetime) -> None:
    """The contest is decided: what it was about is linked to the decision."""
    appeal = appeal_of(session, case)
    label = session.get(Label, case.account_id)
    appeal.answered_at, appeal.decision_id = now, decision.id
    appeal.answered_version = label.version if label else None
    appeal.upheld = decision.verdict is not Verdict.KEEP
    appeal.lifts_id = None


def ask_again(session: Session, case: Case) -> None:
    """The decision on a contest was undone: it is owed an answer as before."""
    appeal = appeal_of(session, case)
    appeal.answered_at = appeal.decision_id = appeal.answered_version = None
    appeal.upheld = False
