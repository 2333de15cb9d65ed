"""Whether what a batch did to one account still stands, and undoing it."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.cases.actions import undoing
from shudi.cases.rules import Verdict
from shudi.cases.rules.decisions import Stands
from shudi.cases.store import Decision
from shudi.cases.store.decisions import Standing
from shudi.db.ahead import Question
from shudi.errors import Refused
from shudi.labels.actions import restoring
from shudi.labels.actions.display import in_force
from shudi.labels.rules import CorrectionState
from shudi.labels.store import Correction
from shudi.settings import Settings
from shudi.staff.rules import Actor


def check_stands(session: Session, correction: Correction, *, lifted: bool) -> None:
    """Raise Refused where there is nothing to take back, or something later stands in the way.
    `lifted`: the batch ended this correction, otherwise it made it.
    """
    stands = correction.state is CorrectionState.IN_FORCE
    if stands is lifted:
        if lifted or correction.state is not CorrectionState.SUPERSEDED:
            raise Refused("taken-back", "This counts no longer, so there is nothing to take back.")
        raise Refused("superseded", "A later correction has taken its place.")
    if lifted and in_force(session, correction.account_id) is not None:
        raise Refused("superseded", "A later correction has taken its place.")


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
        undoing.undo(session, actor=actor, targets=[target], text="", settings=settings, now=now)
