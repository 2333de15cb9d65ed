"""What the policy needs to know, read from the store: who is tied to what, what is at risk."""

import dataclasses
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.cases.rules import CaseKind, CaseState, Verdict
from shudi.cases.rules.decisions import Stands
from shudi.cases.rules.policy import Act, Facts, Matter, Risk, check, risks
from shudi.cases.store import Case, Decision, Excluded
from shudi.cases.store.decisions import Standing
from shudi.errors import ShudiError
from shudi.labels import rules as labels
from shudi.labels.actions.display import in_force
from shudi.labels.actions.restoring import comes_back
from shudi.labels.rules import CorrectionKind, CorrectionState, Displayed, InForce, Resolved
from shudi.labels.store import Correction, Label
from shudi.regions.rules import Vocabulary
from shudi.settings import Settings
from shudi.staff.rules import Actor

_CHANGING = (Verdict.KEEP, Verdict.CORRECT, Verdict.LIFT, Verdict.REVERT)


def matter(session: Session, account_id: int | None) -> Matter:
    """What everybody's say on this account's label depends on: the account, and whose decision
    its holder contests.
    """
    contested = session.scalars(
        sa.select(Excluded.staff_id)
        .join(Case, Case.id == Excluded.case_id)
        .where(
            Case.account_id == account_id,
            Case.kind == CaseKind.CONTEST,
            Case.state != CaseState.CLOSED,
        )
    )
    return Matter(account_id=account_id, contested=frozenset(contested))


def with_label(session: Session, correction_id: int) -> tuple[Correction, Label]:
    """A correction that exists, and its label: one question, where the policy would ask two."""
    query = sa.select(Correction, Label).join(Label, Label.account_id == Correction.account_id)
    correction, label = session.execute(query.where(Correction.id == correction_id)).one()
    return correction, label


def of_correction(session: Session, correction: Correction, *, lifting: bool = False) -> Matter:
    """The same for an act on this correction; `lifting`: on the proposal to end it."""
    return dataclasses.replace(
        matter(session, correction.account_id),
        proposer=correction.lift_proposed_by if lifting else correction.proposed_by,
        withheld=labels.lifting_needs_senior(correction.kind),
        two_made=two_made(correction),
    )


def two_made(correction: Correction) -> bool:
    """Whether it took two people, or would take two today."""
    return correction.approved_by is not None or labels.needs_second_person(correction.kind)


def check_place(session: Session, actor: Actor, account_id: int) -> None:
    """Raise NotAllowed where this person may not put another correction in the present one's
    place.
    """
    current = in_force(session, account_id)
    if current is None:
        check(Act.DECIDE, actor, matter(session, account_id))
    else:
        check(Act.TAKE_PLACE, actor, of_correction(session, current))


def risks_of_correction(
    session: Session,
    *,
    actor: Actor,
    account_id: int,
    kind: CorrectionKind,
    region: str | None,
    appeal: bool,
    vocabulary: Vocabulary,
    settings: Settings,
    batch: int = 1,
) -> tuple[Risk, ...]:
    """What makes correcting this label so one for two people. A correction that cannot be made
    has no risk: the act says why it cannot.
    """
    label = session.get(Label, account_id)
    if label is None:
        return ()
    try:
        placed = labels.corrected_region(
            kind,
            shown=label.region,
            wanted=region,
            vocabulary=vocabulary,
            granularity=settings.granularity,
        )
    except ShudiError:
        return ()
    after = labels.displayed(
        Resolved(label.state, label.region), InForce(kind, placed), hidden=False
    )
    current = in_force(session, account_id)
    facts = _facts(session, actor, label, after, settings)
    ends = current is not None and current.expired_at is None and two_made(current)
    return risks(dataclasses.replace(facts, kind=kind, appeal=appeal, two_made=ends, batch=batch))


def risks_of_ending(
    session: Session,
    *,
    actor: Actor,
    correction: Correction,
    restores: bool,
    settings: Settings,
    now: datetime,
    batch: int = 1,
    appeal: bool = False,
) -> tuple[Risk, ...]:
    """What makes ending this correction early one for two people. Once its term is over nothing
    does: to show what activity says is what was agreed from the start.
    """
    label = session.get(Label, correction.account_id)
    if label is None or correction.expired_at is not None:
        return ()
    facts = _facts(
        session, actor, label, without(session, label, correction, now, restores), settings
    )
    made = two_made(correction)
    return risks(
        dataclasses.replace(facts, two_made=made, changes=True, batch=batch, appeal=appeal)
    )


def without(
    session: Session, label: Label, correction: Correction, now: datetime, restores: bool
) -> Displayed:
    """What readers would see if the correction ended."""
    former = session.get(Correction, correction.replaced_id) if correction.replaced_id else None
    force = None
    if restores and former is not None and comes_back(former, now):
        force = InForce(former.kind, former.region)
    resolved = Resolved(label.resolved_state, label.resolved_region)
    return labels.displayed(resolved, force, hidden=label.hidden)


def _facts(
    session: Session, actor: Actor, label: Label, after: Displayed, settings: Settings
) -> Facts:
    return Facts(
        before=label.region,
        after=after.region,
        changes=(label.state, label.region) != (after.state, after.region),
        protected=label.hidden,  # it follows the account's protection
        own_result=_own_result(session, actor, label),
        batch_most=settings.batch_second,
    )


def _own_result(session: Session, actor: Actor, label: Label) -> bool:
    """Whether what readers see now is what this person decided last on this account, by a case or
    by a batch.
    """
    if actor.staff_id is None:
        return False
    made = sa.exists().where(
        Correction.account_id == label.account_id,
        Correction.state == CorrectionState.IN_FORCE,
        Correction.proposed_by == actor.staff_id,
        # by a list, or by a plan whose decision was taken before it began
        sa.or_(Correction.case_id.is_(None), Correction.starts_at.is_not(None)),
    )
    planned = sa.and_(Decision.verdict == Verdict.CORRECT, Correction.starts_at.is_not(None))
    latest = (
        sa.select(sa.case((planned, sa.null()), else_=Decision.frozen))
        .outerjoin(Standing, Standing.decision_id == Decision.id)
        .outerjoin(Correction, Correction.id == Decision.correction_id)
        .where(
            Decision.account_id == label.account_id,
            Decision.staff_id == actor.staff_id,
            Decision.verdict.in_(_CHANGING),
            sa.or_(Standing.state.is_(None), Standing.state == Stands.STANDS),
        )
        .order_by(Decision.at.desc(), Decision.id.desc())
        .limit(1)
    )
    own, frozen = session.execute(sa.select(made, latest.scalar_subquery())).one()
    frozen = frozen or {}
    return own or (frozen.get("state"), frozen.get("region")) == (label.state.value, label.region)
