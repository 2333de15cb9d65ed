"""Letting go of what a brake held: each account as it stands now, not as it stood then."""

import dataclasses
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.accounts.store import Account
from shudi.clock import microseconds
from shudi.labels.actions.display import in_force, label_of, refresh
from shudi.labels.actions.latest import keep
from shudi.labels.rules import CorrectionState, State, rank
from shudi.labels.store import Brake, Correction, DroppedResult, HeldResult, Label, LatestActivity


@dataclasses.dataclass(frozen=True, slots=True)
class Released:
    """How many labels changed, and how many later activity or a correction had overtaken."""

    changed: int
    overtaken: int


def release(session: Session, brake: Brake, *, now: datetime) -> Released:
    """Apply what the brake held, unless later activity has spoken since."""
    changed = overtaken = 0
    held = session.execute(
        sa.select(HeldResult, Account)
        .join(Account, Account.id == HeldResult.account_id)
        .where(HeldResult.brake_id == brake.id, Account.deleted_at.is_(None))
    ).all()
    ids = [row.HeldResult.account_id for row in held]
    labels, instants = _labels(session, ids), _instants(session, ids)
    latest: list[tuple[int, int, str]] = []
    for result, account in held:
        label = labels.get(account.id) or label_of(session, account, now)
        if not _outranks(result, label, instants.get(account.id)):
            overtaken += 1
            continue
        latest.append((account.id, microseconds(result.at), result.evidence))
        label.resolved_state, label.resolved_region = result.state, result.region
        correction = in_force(session, account.id) if label.corrected else None
        if correction is not None:
            _drop(session, correction, result.state, result.region, now)
            overtaken += 1
        elif refresh(session, label, None, now):
            changed += 1
    session.flush()  # the labels' rows go in before their held copies go
    keep(session, latest)
    return Released(changed, overtaken)


def _outranks(result: HeldResult, label: Label, latest: datetime | None) -> bool:
    if latest is None:
        return True
    said = rank(microseconds(latest), label.resolved_state, label.resolved_region)
    return rank(microseconds(result.at), result.state, result.region) > said


def _labels(session: Session, ids: list[int]) -> dict[int, Label]:
    labels: dict[int, Label] = {}
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        for label in session.scalars(sa.select(Label).where(Label.account_id.in_(part))):
            labels[label.account_id] = label
    return labels


def _instants(session: Session, ids: list[int]) -> dict[int, datetime]:
    instants: dict[int, datetime] = {}
    query = sa.select(LatestActivity.account_id, LatestActivity.at)
    for start in range(0, len(ids), 500):
        part = LatestActivity.account_id.in_(ids[start : start + 500])
        instants |= {row.account_id: row.at for row in session.execute(query.where(part))}
    return instants


def _drop(
    session: Session, correction: Correction, state: State, region: str | None, now: datetime
) -> None:
    if correction.state is CorrectionState.IN_FORCE:
        session.add(DroppedResult(correction_id=correction.id, at=now, state=state, region=region))
