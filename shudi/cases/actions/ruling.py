"""What the policy needs to know, read from the store: who is tied to what, what is at risk."""

import dataclasses
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.cases.rules import CaseKind, CaseState, Verdict
from shudi.cases.rules.decisions import Stands
from shudi.cases.rules.policy import Act, Facts, Matter, Risk, check, risks
from shudi.cases.store import Case, Decision, Excluded
from shudi.cases.store.decisions import Standing
from shudi.db.ahead import Question
from shudi.errors import ShudiError
from shudi.labels import rules as labels
from shudi.labels.actions.display import in_force
from shudi.labels.actions.restoring import comes_back
from shudi.labels.rules import CorrectionKind, Displayed, InForce, Resolved, State
from shudi.labels.store import Correction, Label
from shudi.regions.rules import Vocabulary
from shudi.settings import Settings
from shudi.staff.rules import Actor

_CHANGING = (Verdict.KEEP, Verdict.CORRECT, Verdict.LIFT, Verdict.REVERT)


def matter(session: Session, account_id: int | None) -> Matter:
    """What everybody's say on this account's label depends on: the account, and whose decision
    its holder contests.
    """
    barred = contest(session, account_id) if account_id is not None else None
    return Matter(account_id=account_id, contested=barred or frozenset())


@Question
def contest(session: Session, account_ids: Iterable[int]) -> dict[int, frozenset[int]]:
    """Whom the contest that an account's holder has open bars: those whose decision it is about."""
    rows = session.execute(
        sa.select(Case.account_id, Excluded.staff_id)
        .outerjoin(Excluded, Excluded.case_id == Case.id)
        .where(
            Case.account_id.in_(account_ids),
            Case.kind == CaseKind.CONTEST,
            Case.state != CaseState.CLOSED,
        )
    )
    found: dict[int, frozenset[int]] = {}
    for account_id, staff_id in rows:
        if account_id is None:
            continue
        barred = found.get(account_id, frozenset())
        found[account_id] = barred if staff_id is None else barred | {staff_id}
    return found


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
    """What makes correcting this label so one for two people; an account that has none yet shows
    nothing. A correction that cannot be made has no risk: the act says why it cannot.
    """
    label = session.get(Label, account_id) or _nothing(account_id)
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
    facts = _facts(session, actor, label, after, settings, current)
    ends = current is not None and current.expired_at is None and two_made(current)
    return risks(dataclasses.replace(facts, kind=kind, appeal=appeal, two_made=ends, batch=batch))


def _nothing(account_id: int) -> Label:
    return Label(account_id=account_id, state=State.NONE, region=None, hidden=False)


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
    after = without(session, label, correction, now, restores)
    facts = _facts(session, actor, label, after, settings, correction)
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
    session: Session,
    actor: Actor,
    label: Label,
    after: Displayed,
    settings: Settings,
    current: Correction | None,
) -> Facts:
    return Facts(
        before=label.region,
        after=after.region,
        changes=(label.state, label.region) != (after.state, after.region),
        protected=label.hidden,  # it follows the account's protection
        own_result=_own_result(session, actor, label, current),
        batch_most=settings.batch_second,
    )


def _own_result(session: Session, actor: Actor, label: Label, current: Correction | None) -> bool:
    """Whether what readers see now is what this person decided last on this account, by a case or
    by a batch; `current` is the correction in force.
    """
    if actor.staff_id is None:
        return False
    # by a list, or by a plan whose decision was taken before it began
    beside = current is not None and (current.case_id is None or current.starts_at is not None)
    if current is not None and beside and current.proposed_by == actor.staff_id:
        return True
    frozen = last_word(session, (actor.staff_id, label.account_id)) or {}
    return (frozen.get("state"), frozen.get("region")) == (label.state.value, label.region)


@Question
def last_word(
    session: Session, keys: Iterable[tuple[int, int]]
) -> dict[tuple[int, int], dict[str, Any] | None]:
    """What (person, account): this person's last decision that stands left the label as. None for
    a plan, which was not in force when it was decided.
    """
    wanted = list(keys)
    planned = sa.and_(Decision.verdict == Verdict.CORRECT, Correction.starts_at.is_not(None))
    latest = (
        sa.select(
            Decision.staff_id,
            Decision.account_id,
            sa.case((planned, sa.null()), else_=Decision.frozen).label("frozen"),
            sa.func.row_number()
            .over(
                partition_by=(Decision.staff_id, Decision.account_id),
                order_by=(Decision.at.desc(), Decision.id.desc()),
            )
            .label("place"),
        )
        .outerjoin(Standing, Standing.decision_id == Decision.id)
        .outerjoin(Correction, Correction.id == Decision.correction_id)
        .where(
            Decision.account_id.in_({account_id for _, account_id in wanted}),
            Decision.staff_id.in_({staff_id for staff_id, _ in wanted}),
            Decision.verdict.in_(_CHANGING),
            sa.or_(Standing.state.is_(None), Standing.state == Stands.STANDS),
        )
        .subquery()
    )
    rows = session.execute(sa.select(latest).where(latest.c.place == 1))
    return {(row.staff_id, row.account_id): row.frozen for row in rows}
