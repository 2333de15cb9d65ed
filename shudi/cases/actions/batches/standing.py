"""Whether what a batch did to one account still stands, and undoing it."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.cases.actions import undoing
from shudi.cases.rules import Verdict
from shudi.cases.rules.decisions import Stands
from shudi.cases.store import Decision
from shudi.cases.store.batches import BatchItem
from shudi.cases.store.decisions import Standing
from shudi.db.ahead import Question
from shudi.errors import Refused
from shudi.labels.actions import restoring
from shudi.labels.actions.display import in_force
from shudi.labels.rules import CorrectionState
from shudi.labels.store import Correction
from shudi.settings import Settings
from shudi.staff.rules import Actor


def check_stands(session: Session, correction: Correction, *, ended_by: int | None) -> None:
    """Raise Refused where there is nothing to take back, or something later stands in the way.
    `ended_by`: the batch that ended this correction; None where one made it.
    """
    stands = correction.state is CorrectionState.IN_FORCE
    if ended_by is not None:
        # it may have come back since, and have ended by somebody else's word
        that_end = ended_at(session, (ended_by, correction.id)) == correction.ended_at
        stands = not stands and that_end
    elif correction.state is CorrectionState.SUPERSEDED:
        raise Refused("superseded", "A later correction has taken its place.")
    if not stands:
        raise Refused("taken-back", "This counts no longer, so there is nothing to take back.")
    if ended_by is not None and in_force(session, correction.account_id) is not None:
        raise Refused("superseded", "A later correction has taken its place.")


@Question
def ended_at(
    session: Session, keys: Iterable[tuple[int, int]]
) -> dict[tuple[int, int], datetime | None]:
    """When a batch ended a correction; by the ids of both."""
    wanted = [*keys]
    rows = session.execute(
        sa.select(BatchItem.batch_id, BatchItem.correction_id, BatchItem.at).where(
            BatchItem.batch_id.in_({one for one, _ in wanted}),
            BatchItem.correction_id.in_({one for _, one in wanted}),
        )
    )
    return {(row[0], row[1]): row[2] for row in rows if row[1] is not None}


@Question
def ending_decision(session: Session, correction_ids: Iterable[int]) -> dict[int, int]:
    """The decision that stands by which a correction from a case ended."""
    rows = session.execute(
        sa.select(Decision.correction_id, sa.func.max(Decision.id))
        .join(Standing, Standing.decision_id == Decision.id)
        .where(
            Decision.correction_id.in_(correction_ids),
            Decision.verdict == Verdict.LIFT,
            Standing.state == Stands.STANDS,
        )
        .group_by(Decision.correction_id)
    )
    return {row[0]: row[1] for row in rows if row[0] is not None}


def take_back(
    session: Session,
    *,
    actor: Actor,
    correction: Correction,
    lifted: bool,
    settings: Settings,
    now: datetime,
) -> None:
    """As if the batch had not touched this account. A correction whose end is on record as a
    decision comes back by undoing that.
    """
    if not lifted:
        restoring.undo(session, actor, correction, now)
        return
    decision_id = ending_decision(session, correction.id)
    if decision_id is None:
        restoring.put_back(session, actor, correction, now, asked=False)
    else:
        version = session.get_one(Standing, decision_id).version
        target = undoing.Target(decision_id, version)
        undoing.undo(
            session, actor=actor, targets=[target], text="", settings=settings, now=now,
            in_time=True,
        )  # fmt: skip
