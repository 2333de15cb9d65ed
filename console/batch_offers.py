"""What a person may do with a batch now, so that its pages offer that and nothing else."""

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from shudi.cases.actions.batches.listing import matter_of
from shudi.cases.queries.batches import BatchRow, TakenBack
from shudi.cases.rules.batches import AGAIN, ENDED, LIVE, OVER, TAKING_BACK, BatchState, Outcome
from shudi.cases.rules.policy import Act, barred, can_undo
from shudi.staff.rules import Actor, Permission


@dataclasses.dataclass(frozen=True, slots=True)
class Offers:
    """What this person may do with the batch now; acts refuse the rest."""

    cancel: bool
    answer: bool
    again: bool
    undo: bool
    revert: bool

    def allows(self, step: str) -> bool:
        """Whether there is a page for this step now."""
        steps = {
            "approve": self.answer,
            "again": self.again,
            "undo": self.undo,
            "revert": self.revert,
        }
        return steps.get(step, False)


def offers_of(
    session: Session,
    actor: Actor,
    row: BatchRow,
    counts: Mapping[Outcome, int],
    back: Sequence[TakenBack],
    now: datetime,
) -> Offers:
    """What the pages of this batch offer to this person."""
    mine, senior = row.staff_id == actor.staff_id, actor.may(Permission.CORRECTION_APPROVE)
    if not actor.may(Permission.CASE_DECIDE):
        return Offers(*[False] * 5)
    stands = row.state in OVER and row.done > 0 and row.act not in TAKING_BACK
    free = stands and not any(one.live for one in back)
    in_time = can_undo(at=row.ended_at or now, now=now, two_made=row.second)
    return Offers(
        cancel=row.state in LIVE and (mine or senior),
        answer=row.state is BatchState.WAITING and senior and _untied(session, actor, row),
        again=row.state in ENDED and mine and any(counts.get(outcome) for outcome in AGAIN),
        undo=free and in_time and (mine or senior),
        revert=free,
    )


def _untied(session: Session, actor: Actor, row: BatchRow) -> bool:
    matter = matter_of(session, batch_id=row.id, proposer=row.staff_id)
    return barred(Act.APPROVE_LIST, actor, matter) is None
