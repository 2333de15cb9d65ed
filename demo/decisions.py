"""Corrections on Teahouse: in force, expired, ended, refused, and two that wait."""

import dataclasses
import functools
from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from demo import texts
from demo.people import Person
from demo.stage import MODERATOR, SECOND_MODERATOR, SENIOR, Stage, in_mainland, moving
from demo.story import report, take
from shudi.cases.actions import approval, brakes, reverting
from shudi.cases.actions.review import correct
from shudi.cases.actions.upkeep import expire_corrections
from shudi.labels.actions.corrections import Wish
from shudi.labels.rules import AtExpiry, CorrectionKind, CorrectionState, Reason
from shudi.labels.store import Brake, Correction, Label

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_Kind = CorrectionKind
_ELSEWHERE = ("CN-FJ", "CN-YN", "CN-SC", "CN-HB", "SG", "CN-LN", "JP")


@dataclasses.dataclass(frozen=True, slots=True)
class _Plan:
    """A correction made `ago`, over `ends` from now (negative: before now)."""

    kind: CorrectionKind
    reason: Reason
    ago: timedelta
    ends: timedelta
    by: str = SECOND_MODERATOR
    at_expiry: AtExpiry = AtExpiry.REQUEUE


IN_FORCE = (
    _Plan(_Kind.COARSEN, Reason.CARRIER_EGRESS, 50 * _DAY, 3 * _DAY),
    _Plan(_Kind.COARSEN, Reason.NETWORK_SHARED, 12 * _DAY, 78 * _DAY, MODERATOR),
    _Plan(_Kind.COARSEN, Reason.CARRIER_EGRESS, 33 * _DAY, 57 * _DAY),
    _Plan(_Kind.COARSEN, Reason.SOURCE_STALE, 5 * _DAY, 9 * _DAY, at_expiry=AtExpiry.REVERT),
    _Plan(_Kind.WITHHOLD, Reason.PROTECTION, 61 * _DAY, 29 * _DAY),
    _Plan(_Kind.WITHHOLD, Reason.LEGAL, 20 * _DAY, 70 * _DAY, MODERATOR),
    _Plan(_Kind.WITHHOLD, Reason.PROTECTION, 4 * _DAY, 86 * _DAY),
    _Plan(_Kind.WITHHOLD, Reason.PROTECTION, 40 * _DAY, 5 * _DAY),
    _Plan(_Kind.MARK_UNCERTAIN, Reason.SOURCES_DISAGREE, 18 * _DAY, 72 * _DAY),
    _Plan(_Kind.MARK_UNCERTAIN, Reason.NETWORK_SHARED, 9 * _DAY, _DAY, at_expiry=AtExpiry.REVERT),
    _Plan(_Kind.MARK_UNCERTAIN, Reason.TRAVEL, 26 * _DAY, 6 * _DAY, MODERATOR),
    _Plan(_Kind.REPLACE, Reason.VERIFIED_ELSEWHERE, 44 * _DAY, 46 * _DAY),
    _Plan(_Kind.REPLACE, Reason.CARRIER_EGRESS, 15 * _DAY, 75 * _DAY, MODERATOR),
    _Plan(_Kind.REPLACE, Reason.SOURCE_STALE, 7 * _DAY, 83 * _DAY),
    _Plan(_Kind.REPLACE, Reason.CARRIER_EGRESS, 70 * _DAY, 2 * _DAY),
)
EXPIRED = (
    _Plan(_Kind.COARSEN, Reason.CARRIER_EGRESS, 40 * _DAY, -3 * _HOUR),
    _Plan(_Kind.REPLACE, Reason.VERIFIED_ELSEWHERE, 62 * _DAY, -26 * _HOUR),
    _Plan(_Kind.WITHHOLD, Reason.PROTECTION, 45 * _DAY, -2 * _DAY),
    _Plan(_Kind.MARK_UNCERTAIN, Reason.TRAVEL, 30 * _DAY, -4 * _DAY),
    _Plan(_Kind.COARSEN, Reason.NETWORK_SHARED, 55 * _DAY, -6 * _DAY),
    _Plan(_Kind.WITHHOLD, Reason.LEGAL, 65 * _DAY, -9 * _DAY),
    _Plan(_Kind.REPLACE, Reason.SOURCE_STALE, 58 * _DAY, -12 * _DAY),
)
WAITING = (
    _Plan(_Kind.REPLACE, Reason.CARRIER_EGRESS, 3 * _HOUR, 90 * _DAY),
    _Plan(_Kind.REPLACE, Reason.VERIFIED_ELSEWHERE, 27 * _HOUR, 60 * _DAY, MODERATOR),
)
_LIFTED = _Plan(_Kind.COARSEN, Reason.SOURCE_STALE, 35 * _DAY, 55 * _DAY)
_REVERTED = _Plan(_Kind.COARSEN, Reason.TRAVEL, 30 * _DAY, -10 * _DAY, at_expiry=AtExpiry.REVERT)
_REFUSED = _Plan(_Kind.REPLACE, Reason.CONTESTED, 16 * _DAY, 60 * _DAY)


def corrections(stage: Stage) -> None:
    """Everything that corrected a label, or was to."""
    for plan in (*IN_FORCE, *EXPIRED):
        person = _corrected(stage, plan)
        if plan.kind is CorrectionKind.REPLACE:
            _answer(stage, person, plan.ago - 2 * _HOUR, _approve)
    for plan in EXPIRED:
        stage.at(-plan.ends, _expire)
    for plan in WAITING:
        _corrected(stage, plan)
    _answer(stage, _corrected(stage, _REFUSED), _REFUSED.ago - 5 * _HOUR, _refuse)
    _answer(stage, _corrected(stage, _LIFTED), 20 * _DAY, _lift)
    _corrected(stage, _REVERTED)
    stage.at(-_REVERTED.ends, _expire)


def _corrected(stage: Stage, plan: _Plan) -> Person:
    # what is withheld may move: such results are recorded as held back
    wanted = in_mainland if plan.kind is not _Kind.WITHHOLD else moving
    person = stage.pick(wanted)
    said = texts.REPORTS[person.number % len(texts.REPORTS)]
    report(stage, person, plan.ago + 4 * _HOUR, said)
    take(stage, person, plan.ago + timedelta(minutes=6), plan.by)
    stage.at(plan.ago, functools.partial(_correct, stage=stage, person=person, plan=plan))
    return person


def _correct(session: Session, now: datetime, *, stage: Stage, person: Person, plan: _Plan) -> None:
    case = stage.case(session, person)
    correct(
        session,
        actor=stage.staff[plan.by],
        case_id=case.id,
        version=case.version,
        wish=_wish(stage, person, plan, stage.label(session, person)),
        vocabulary=stage.vocabulary,
        settings=stage.settings,
        now=now,
    )


def _wish(stage: Stage, person: Person, plan: _Plan, label: Label) -> Wish:
    kind, at_expiry = plan.kind, plan.at_expiry
    if kind is _Kind.COARSEN and not (label.region and stage.vocabulary.parent(label.region)):
        # where labels name countries only, there is nothing coarser
        kind, at_expiry = _Kind.WITHHOLD, AtExpiry.REQUEUE
    finest = stage.settings.granularity
    elsewhere = [stage.vocabulary.coarsen(place, finest) for place in _ELSEWHERE]
    return Wish(
        label_version=label.version,
        kind=kind,
        reason=plan.reason,
        region=next(place for place in elsewhere if place != label.region)
        if kind is _Kind.REPLACE
        else None,
        evidence=texts.EVIDENCE[person.number % len(texts.EVIDENCE)],
        expires_at=stage.now + plan.ends,
        at_expiry=at_expiry,
    )


_Answer = Callable[[Session, datetime, Stage, Correction], None]


def _answer(stage: Stage, person: Person, ago: timedelta, answer: _Answer) -> None:
    """`answer` the member's latest correction, by the senior."""

    def act(session: Session, now: datetime) -> None:
        correction = session.scalars(
            sa.select(Correction)
            .where(
                Correction.account_id == stage.account_id(session, person),
                Correction.state.in_([CorrectionState.PROPOSED, CorrectionState.IN_FORCE]),
            )
            .order_by(Correction.id.desc())
        ).first()
        if correction is None:
            raise LookupError(person.account)
        answer(session, now, stage, correction)

    stage.at(ago, act)


def _approve(session: Session, now: datetime, stage: Stage, correction: Correction) -> None:
    approval.approve(
        session,
        actor=stage.staff[SENIOR],
        correction_id=correction.id,
        version=correction.version,
        label_version=correction.label_version,
        now=now,
    )


def _refuse(session: Session, now: datetime, stage: Stage, correction: Correction) -> None:
    approval.refuse(
        session,
        actor=stage.staff[SENIOR],
        correction_id=correction.id,
        version=correction.version,
        text=texts.REFUSED,
        now=now,
    )


def _lift(session: Session, now: datetime, stage: Stage, correction: Correction) -> None:
    reverting.lift(
        session,
        actor=stage.staff[SENIOR],
        correction_id=correction.id,
        version=correction.version,
        text=texts.ENDED,
        settings=stage.settings,
        now=now,
    )


def _expire(session: Session, now: datetime) -> None:
    expire_corrections(session, now=now)


def reject_flood(stage: Stage, ago: timedelta) -> None:
    """The senior drops what the brake held."""

    def act(session: Session, now: datetime) -> None:
        brake = session.scalars(sa.select(Brake).where(Brake.state == "held")).one()
        brakes.reject(
            session,
            actor=stage.staff[SENIOR],
            brake_id=brake.id,
            version=brake.version,
            now=now,
        )

    stage.at(ago, act)
