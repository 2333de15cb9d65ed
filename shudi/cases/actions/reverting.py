"""Reversals: a correction that ends before its time, a decision that another one reverts.

Each is a decision of its own, under the same policy, linked to the one that it reverts.
"""

import dataclasses
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.cases.actions import ruling
from shudi.cases.actions.closing import close_answered, decide, tell_platform
from shudi.cases.actions.opening import audit, event
from shudi.cases.actions.standing import check_stands, imposes, known, standing_of
from shudi.cases.rules import EventKind, Verdict
from shudi.cases.rules.decisions import Stands, check_revertible
from shudi.cases.rules.policy import Act, check
from shudi.cases.store import Case, Decision
from shudi.cases.store.decisions import Standing
from shudi.labels.actions import corrections, lifting
from shudi.labels.actions.corrections import Wish
from shudi.labels.rules import AtExpiry, CorrectionState, check_reason
from shudi.labels.store import Correction, Label
from shudi.regions.rules import Vocabulary
from shudi.settings import Settings
from shudi.staff.rules import Actor, Permission


@dataclasses.dataclass(frozen=True, slots=True)
class Seen:
    """A decision as the person saw it: `version` of its standing, and of its account's label."""

    decision_id: int
    version: int
    label_version: int


@dataclasses.dataclass(frozen=True, slots=True)
class Reverted:
    """What became of one: `waits` for a second person who decides on this correction."""

    decision_id: int
    correction_id: int
    waits: bool


def lift(
    session: Session,
    *,
    actor: Actor,
    correction_id: int,
    version: int,
    text: str,
    settings: Settings,
    now: datetime,
) -> Correction:
    """End a correction before its time, or propose to: readers see what activity shows."""
    correction = known(session, correction_id)
    check(Act.LIFT, actor, ruling.of_correction(session, correction))
    return _end(session, actor, correction, version, text, settings, now, restores=False)


def revert(
    session: Session,
    *,
    actor: Actor,
    targets: Sequence[Seen],
    text: str,
    vocabulary: Vocabulary,
    settings: Settings,
    now: datetime,
    batch: int | None = None,
) -> list[Reverted]:
    """Restore what was before each of these decisions: all of them or none. `batch` is how many
    belong together, where they are not all done in this transaction.
    """
    actor.require(Permission.CASE_DECIDE)
    text = check_reason(text)
    size = batch or len(targets)
    done = []
    for target in targets:
        decision, standing = standing_of(session, target.decision_id, target.version)
        check_revertible(decision.verdict)
        correction = known(session, decision.correction_id)
        check(Act.REVERT, actor, ruling.of_correction(session, correction))
        ends = imposes(decision, standing, correction)
        check_stands(correction, CorrectionState.IN_FORCE if ends else CorrectionState.LIFTED)
        if ends:
            corrections.check_seen(
                session.get_one(Label, correction.account_id), target.label_version
            )
            version = correction.version
            _end(
                session, actor, correction, version, text, settings, now, restores=True, batch=size
            )
            waits = correction.state is CorrectionState.IN_FORCE
        else:
            correction = _impose(
                session, actor, decision, correction, target, text, vocabulary, settings, now, size
            )
            waits = correction.state is CorrectionState.PROPOSED or correction.unconfirmed
        done.append(Reverted(decision.id, correction.id, waits))
    return done


def _end(
    session: Session,
    actor: Actor,
    correction: Correction,
    version: int,
    text: str,
    settings: Settings,
    now: datetime,
    *,
    restores: bool,
    batch: int = 1,
) -> Correction:
    risks = ruling.risks_of_ending(
        session,
        actor=actor,
        correction=correction,
        restores=restores,
        settings=settings,
        now=now,
        batch=batch,
    )
    lifting.lift(
        session,
        actor=actor,
        correction_id=correction.id,
        version=version,
        text=text,
        now=now,
        risks=risks,
        restores=restores,
    )
    if correction.state is not CorrectionState.IN_FORCE:
        ended(session, actor, correction, now, by=actor.staff_id, two=False)
        close_answered(session, actor=actor, account_id=correction.account_id, now=now)
    return correction


def ended(
    session: Session,
    actor: Actor,
    correction: Correction,
    now: datetime,
    *,
    by: int | None,
    two: bool,
) -> None:
    """Put on record that a correction ended by people: a decision that reverts the one that made
    it, where a case did. `by` proposed it, `actor` had the last word.
    """
    made = session.scalar(
        sa.select(Decision)
        .outerjoin(Standing, Standing.decision_id == Decision.id)
        .where(
            Decision.correction_id == correction.id,
            Decision.verdict.in_((Verdict.CORRECT, Verdict.REVERT)),
            sa.or_(Standing.state.is_(None), Standing.state == Stands.STANDS),
        )
        .order_by(Decision.id.desc())
        .limit(1)
    )
    if made is not None:
        verdict = Verdict.REVERT if correction.lift_restores else Verdict.LIFT
        _link(session, actor, made, correction, verdict, correction.end_reason, now, by, two=two)


def _impose(
    session: Session,
    actor: Actor,
    decision: Decision,
    former: Correction,
    seen: Seen,
    text: str,
    vocabulary: Vocabulary,
    settings: Settings,
    now: datetime,
    batch: int,
) -> Correction:
    """The correction that a decision ended is made once more, for another term."""
    ruling.check_place(session, actor, former.account_id)
    risks = ruling.risks_of_correction(
        session,
        actor=actor,
        account_id=former.account_id,
        kind=former.kind,
        region=former.region,
        appeal=False,
        vocabulary=vocabulary,
        settings=settings,
        batch=batch,
    )
    correction = corrections.propose(
        session,
        actor=actor,
        account_id=former.account_id,
        case_id=None,
        wish=once_more(former, seen.label_version, text),
        vocabulary=vocabulary,
        settings=settings,
        now=now,
        risks=risks,
        reverts_id=decision.id,
    )
    if correction.state is not CorrectionState.IN_FORCE:
        return correction
    if not correction.unconfirmed:
        _link(
            session, actor, decision, correction, Verdict.REVERT, text, now, actor.staff_id,
            two=False,
        )  # fmt: skip
    close_answered(session, actor=actor, account_id=correction.account_id, now=now)
    return correction


def once_more(former: Correction, label_version: int, text: str) -> Wish:
    """A correction that has ended as somebody wants it again, for another term."""
    return Wish(
        label_version=label_version,
        kind=former.kind,
        reason=former.reason,
        region=former.region,
        evidence=former.evidence or text,
        at_expiry=AtExpiry(former.at_expiry),
    )


def conclude(
    session: Session, actor: Actor, correction: Correction, now: datetime, *, two: bool = True
) -> None:
    """A correction that reverts a decision is in force, by one person or by `two`."""
    decision = session.get(Decision, correction.reverts_id)
    standing = session.get(Standing, correction.reverts_id)
    if decision is None or (standing is not None and standing.state is not Stands.STANDS):
        return
    words, by = correction.evidence, correction.proposed_by
    _link(session, actor, decision, correction, Verdict.REVERT, words, now, by, two=two)


def _link(
    session: Session,
    actor: Actor,
    former: Decision,
    correction: Correction,
    verdict: Verdict,
    text: str,
    now: datetime,
    by: int | None,
    *,
    two: bool,
) -> None:
    """Write the decision that reverts `former`, and on that one that it does."""
    case = session.get_one(Case, former.case_id)
    _, standing = standing_of(session, former.id, None)
    before = {"reverts": former.id, "closed": False}
    decision = decide(
        session, by, case, verdict, correction.reason, text, now,
        correction=correction, two=two, before=before,
    )  # fmt: skip
    standing.state, standing.reverted_by = Stands.REVERTED, decision.id
    standing.changed_at, standing.changed_by = now, by
    data = {"verdict": verdict.value, "reverts": former.id, "decision": decision.id}
    event(session, case, EventKind.REVERTED, actor, now, text, data)
    audit(session, actor, "case.reverted", case, now, after=data, text=text)
    tell_platform(session, case, verdict, now)
