"""One account of a batch: everything is asked first, then it is done by the ordinary acts.

The preview asks and stops there; the worker asks the same and goes on.
"""

import dataclasses
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.store import Account
from shudi.cases.actions import reverting, ruling
from shudi.cases.actions.batches.standing import check_stands, ending_decision, take_back
from shudi.cases.actions.closing import close_answered
from shudi.cases.rules.batches import KINDS, BatchAct, Terms, check_changes, check_risks
from shudi.cases.rules.policy import Act, check
from shudi.db.ahead import Question
from shudi.errors import NotFound, Refused
from shudi.labels import rules as labels
from shudi.labels.actions import corrections, lifting
from shudi.labels.actions.corrections import Wish, check_seen
from shudi.labels.actions.display import in_force
from shudi.labels.rules import Displayed, InForce, Resolved
from shudi.labels.store import Correction, Label
from shudi.regions.rules import Vocabulary
from shudi.settings import Settings
from shudi.staff.rules import Actor, Permission

_BATCH = "batch"  # policy.Risk.BATCH, as corrections keep it


@dataclasses.dataclass(frozen=True, slots=True)
class Former:
    """A batch that is taken back, and who made it."""

    batch_id: int
    act: BatchAct
    author: int

    @property
    def lifted(self) -> bool:
        """Whether it ended corrections; else it made them."""
        return self.act is BatchAct.LIFT


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What all items of a batch share; `size`: how many they are. `second`: who agreed to it, and
    when; `takes_two`: that somebody must have. `former`: the batch that this one takes back.
    """

    actor: Actor
    terms: Terms
    size: int
    takes_two: bool
    second: tuple[int, datetime] | None
    former: Former | None
    vocabulary: Vocabulary
    settings: Settings
    now: datetime


@dataclasses.dataclass(frozen=True, slots=True)
class Target:
    """Which account an item is about, as it was seen. `correction_id`: what it takes back."""

    account_id: int | None
    version: int | None
    correction_id: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Ready:
    """An item that nothing speaks against: what readers will see, and how it is done."""

    after: Displayed
    carry_out: Callable[[], Correction]


def prepare(session: Session, work: Work, target: Target) -> Ready:
    """Ask everything about one account; stores nothing. Whether it is so already is asked before
    whether the label has moved: a list that is run again hears that it is done.
    """
    label = _label(session, work, target)
    act, seen = work.terms.act, label.version if target.version is None else target.version
    if act is not BatchAct.UNDO:
        _check_contest(session, label.account_id)
    if act in KINDS:
        ready = _correcting(session, work, label, seen)
    elif act is BatchAct.LIFT:
        ready = _lifting(session, work, label)
    else:
        ready = _taking_back(session, work, label, target.correction_id)
    check_seen(label, seen)
    return ready


def _label(session: Session, work: Work, target: Target) -> Label:
    work.actor.require(Permission.CASE_DECIDE)  # whoever may not decide hears nothing of accounts
    account = session.get(Account, target.account_id) if target.account_id else None
    if account is None:
        raise NotFound("account-unknown", "There is no such account.")
    work.actor.require(Permission.CASE_DECIDE, account_id=account.id)
    if account.deleted_at is not None:
        raise NotFound("account-deleted", "This account was deleted.")
    label = label_of(session, account.id)
    if label is None:
        raise Refused("no-label", "Nothing is known of this account's place yet.")
    return label


@Question
def label_of(session: Session, account_ids: Iterable[int]) -> dict[int, Label]:
    """An account's label; an account of which nothing was seen yet has none."""
    rows = session.scalars(sa.select(Label).where(Label.account_id.in_(account_ids)))
    return {row.account_id: row for row in rows}


def _check_contest(session: Session, account_id: int) -> None:
    if ruling.contest(session, account_id) is not None:
        raise Refused("contested", "The holder contests this label: answer that first.")


def _correcting(session: Session, work: Work, label: Label, seen: int) -> Ready:
    terms, days = work.terms, work.terms.days
    current = in_force(session, label.account_id)
    check_changes(terms.act, state=label.state, kind=current.kind if current else None)
    if current is not None and current.unconfirmed:
        raise Refused("unconfirmed", "The second person decides on this correction.")
    wish = Wish(
        label_version=seen,
        kind=KINDS[terms.act],
        reason=terms.reason,
        evidence=terms.text,
        expires_at=work.now + timedelta(days=days) if days else None,
        at_expiry=terms.at_expiry,
    )
    return _imposing(session, work, label, wish)


def _imposing(
    session: Session, work: Work, label: Label, wish: Wish, reverts_id: int | None = None
) -> Ready:
    """A correction put in force. What changes nothing is said before who may do it."""
    _, correction = corrections.draft(
        session,
        actor=work.actor,
        account_id=label.account_id,
        case_id=None,
        wish=wish,
        vocabulary=work.vocabulary,
        settings=work.settings,
        now=work.now,
        reverts_id=reverts_id,
    )
    ruling.check_place(session, work.actor, label.account_id)
    found = ruling.risks_of_correction(
        session,
        actor=work.actor,
        account_id=label.account_id,
        kind=wish.kind,
        region=correction.region,
        appeal=False,
        vocabulary=work.vocabulary,
        settings=work.settings,
        batch=work.size,
    )
    check_risks(work.terms.act, found, second=work.takes_two)
    if work.second is not None:
        correction.risks = _BATCH
        correction.approved_by, correction.approved_at = work.second

    def carry_out() -> Correction:
        corrections.put(session, work.actor, label, correction, work.now)
        if correction.reverts_id is not None:
            two = work.takes_two
            reverting.conclude(session, work.actor, correction, work.now, two=two)
        close_answered(session, actor=work.actor, account_id=label.account_id, now=work.now)
        return correction

    return Ready(_with(label, correction), carry_out)


def _lifting(session: Session, work: Work, label: Label) -> Ready:
    correction = in_force(session, label.account_id)
    if correction is None:
        raise Refused("no-correction", "No correction is in force on this label.")
    return _ending(session, work, label, correction, Act.LIFT, restores=False)


def _ending(
    session: Session,
    work: Work,
    label: Label,
    correction: Correction,
    act: Act,
    *,
    restores: bool,
) -> Ready:
    lifting.liftable(session, work.actor, correction.id, correction.version)
    check(act, work.actor, ruling.of_correction(session, correction))
    found = ruling.risks_of_ending(
        session,
        actor=work.actor,
        correction=correction,
        restores=restores,
        settings=work.settings,
        now=work.now,
        batch=work.size,
    )
    check_risks(work.terms.act, found, second=work.takes_two)

    def carry_out() -> Correction:
        lifting.lift(
            session, actor=work.actor, correction_id=correction.id, version=correction.version,
            text=work.terms.text, now=work.now, restores=restores,
        )  # fmt: skip
        by, two = work.actor.staff_id, work.takes_two
        reverting.ended(session, work.actor, correction, work.now, by=by, two=two)
        close_answered(session, actor=work.actor, account_id=label.account_id, now=work.now)
        return correction

    after = ruling.without(session, label, correction, work.now, restores)
    return Ready(after, carry_out)


def _taking_back(session: Session, work: Work, label: Label, correction_id: int | None) -> Ready:
    correction = session.get(Correction, correction_id) if correction_id else None
    if correction is None or work.former is None:
        raise NotFound("correction-unknown", "There is no such correction.")
    former = work.former
    check_stands(session, correction, ended_by=former.batch_id if former.lifted else None)
    if work.terms.act is BatchAct.REVERT:
        if not former.lifted:
            return _ending(session, work, label, correction, Act.REVERT, restores=True)
        check(Act.REVERT, work.actor, ruling.of_correction(session, correction))
        decision_id = ending_decision(session, correction.id)
        wish = reverting.once_more(correction, label.version, work.terms.text)
        return _imposing(session, work, label, wish, decision_id)
    matter = ruling.matter(session, label.account_id)
    check(Act.UNDO, work.actor, dataclasses.replace(matter, decider=former.author))
    if former.lifted:
        after = _with(label, correction)
    else:
        after = ruling.without(session, label, correction, work.now, restores=True)

    def carry_out() -> Correction:
        take_back(
            session,
            actor=work.actor,
            correction=correction,
            lifted=former.lifted,
            settings=work.settings,
            now=work.now,
        )
        close_answered(session, actor=work.actor, account_id=label.account_id, now=work.now)
        return correction

    return Ready(after, carry_out)


def _with(label: Label, correction: Correction) -> Displayed:
    """What readers see with `correction` in force."""
    resolved = Resolved(label.resolved_state, label.resolved_region)
    force = InForce(correction.kind, correction.region)
    return labels.displayed(resolved, force, hidden=label.hidden)
