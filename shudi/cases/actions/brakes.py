"""A person's word on a brake, and the case it opened."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.audit.actions import Entry, append
from shudi.cases.actions.claims import end_claim
from shudi.cases.actions.closing import settle
from shudi.cases.actions.opening import event
from shudi.cases.rules import CaseState, EventKind
from shudi.cases.store import Case
from shudi.errors import Invalid, NotAllowed, NotFound, Stale
from shudi.labels.actions import brakes, held, sampling
from shudi.labels.queries.brakes import difference, holds_any
from shudi.labels.store import Brake
from shudi.sites.queries import check_serving
from shudi.staff.rules import Actor, Permission

WAIVE_MOST = 72


def sample(
    session: Session, *, actor: Actor, brake_id: int, version: int, key: bytes, now: datetime
) -> int:
    """Let a few of the held accounts go, to be looked at first; returns how many. The rest, and
    whatever comes meanwhile, goes on waiting.
    """
    brake = _held(session, actor, brake_id, version)
    if brake.sampled_at is not None:
        raise Stale("brake-sampled", "A sample has been let go already.", state=brake.state)
    count = sampling.release_sample(session, brake, key=key, now=now)
    brake.sampled_at, brake.sampled_by = now, actor.staff_id
    _audit(session, actor, "brake.sampled", brake, now, accounts=count)
    case = _case(session, brake)
    if case is not None:
        event(session, case, EventKind.SAMPLED, actor, now, data={"accounts": count})
    return count


def accept(
    session: Session, *, actor: Actor, brake_id: int, version: int, waive_hours: int, now: datetime
) -> held.Released:
    """The change is right: apply what was held, and let more pass for `waive_hours` hours."""
    brake = _held(session, actor, brake_id, version)
    if not 0 <= waive_hours <= WAIVE_MOST:
        raise Invalid("waive-range", "Between 0 and 72 hours.")
    released = held.release(session, brake, now=now)
    brakes.waive(session, brake.site_id, hours=waive_hours, now=now)
    _decide(session, actor, brake, now, accept=True, changed=released.changed)
    return released


def reject(
    session: Session, *, actor: Actor, brake_id: int, version: int, now: datetime
) -> tuple[int, int]:
    """The change is wrong: what was held is dropped, the old labels stay, and those of a sample
    come back; returns how many did, and how many something later keeps as they are.
    """
    brake = _held(session, actor, brake_id, version)
    back, stayed = sampling.take_back(session, brake, now=now)
    _decide(session, actor, brake, now, accept=False, changed=0, reverted=back, kept=stayed)
    return back, stayed


def _held(session: Session, actor: Actor, brake_id: int, version: int) -> Brake:
    actor.require(Permission.BRAKE_DECIDE)
    brake = session.get(Brake, brake_id)
    if brake is None or not actor.reaches(brake.site_id):
        raise NotFound("brake-unknown", "There is no such brake.")
    check_serving(session, brake.site_id)
    if brake.state == "held" and brake.sampled_at is not None and brake.version != version:
        raise Stale("brake-sampled", "A sample has been let go meanwhile.", state=brake.state)
    if brake.version != version or brake.state != "held":
        raise Stale("brake-decided", "Somebody else has decided this already.", state=brake.state)
    if holds_any(session, brake_id=brake_id, accounts=actor.own_accounts):
        raise NotAllowed("own-account-held", "It holds back the label of an account of your own.")
    return brake


def _decide(
    session: Session, actor: Actor, brake: Brake, now: datetime, *, accept: bool, **counts: int
) -> None:
    found = difference(session, brake_id=brake.id)
    brakes.decide(
        session,
        brake,
        accept=accept,
        difference=found.recorded(),
        staff_id=actor.staff_id,
        now=now,
    )
    sampling.seal(session, brake.id)
    action = "brake.accepted" if accept else "brake.rejected"
    _audit(session, actor, action, brake, now, **counts)
    case = _case(session, brake)
    if case is not None:
        end_claim(session, case.id, now)
        settle(session, case, now)
        event(session, case, EventKind.CLOSED, actor, now, data={"brake": brake.state})


def _audit(
    session: Session, actor: Actor, action: str, brake: Brake, now: datetime, **after: Any
) -> None:
    append(
        session,
        Entry(
            actor_id=actor.id,
            actor_name=actor.name,
            action=action,
            target_type="brake",
            target_id=brake.id,
            before={"state": "held", "rule": brake.rule},
            after={"state": brake.state, **after},
            request_id=actor.request_id,
        ),
        now=now,
    )


def _case(session: Session, brake: Brake) -> Case | None:
    return session.scalar(
        sa.select(Case).where(Case.brake_id == brake.id, Case.state != CaseState.CLOSED)
    )
