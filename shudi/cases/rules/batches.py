"""Many labels changed by one list: what a batch may do, and what becomes of each account. Pure."""

import dataclasses
import enum
from datetime import datetime

from shudi.cases.rules.policy import Facts, Risk, check_undo, risks
from shudi.errors import Invalid, NotAllowed, Refused, ShudiError, Stale
from shudi.labels.rules import AtExpiry, CorrectionKind, Reason, State, check_reason
from shudi.settings import CORRECTION_DAYS_MOST


class BatchAct(enum.StrEnum):
    """What is done to each account. *Replace* is not among them: another place is a claim about
    one person, with evidence of its own. `undo` and `revert` take another batch back.
    """

    COARSEN = "coarsen"
    WITHHOLD = "withhold"
    MARK_UNCERTAIN = "mark_uncertain"
    LIFT = "lift"
    UNDO = "undo"
    REVERT = "revert"


class BatchState(enum.StrEnum):
    """`waiting`: for a second person."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class Outcome(enum.StrEnum):
    """What became of one account. `stale`: its label had moved since it was seen."""

    WAITING = "waiting"
    DONE = "done"
    NOTHING_TO_DO = "nothing_to_do"
    STALE = "stale"
    REFUSED = "refused"
    FAILED = "failed"


KINDS: dict[BatchAct, CorrectionKind] = {
    BatchAct.COARSEN: CorrectionKind.COARSEN,
    BatchAct.WITHHOLD: CorrectionKind.WITHHOLD,
    BatchAct.MARK_UNCERTAIN: CorrectionKind.MARK_UNCERTAIN,
}
# What people choose on the form; the others begin on the page of the batch that they take back.
CHOSEN = (*KINDS, BatchAct.LIFT)
TAKING_BACK = frozenset({BatchAct.UNDO, BatchAct.REVERT})
LIVE = frozenset({BatchState.WAITING, BatchState.RUNNING})
ENDED = frozenset({BatchState.DONE, BatchState.CANCELLED})
# What was done before a second person refused the rest can be taken back, too.
OVER = ENDED | {BatchState.REFUSED}
# Asked anew on request: what was not reached, had moved, or met a fault of ours.
AGAIN = frozenset({Outcome.WAITING, Outcome.STALE, Outcome.FAILED})
# Refusals that say: it is so already. A list that is run twice meets these and nothing else.
_ALREADY = frozenset({"no-change", "nothing-coarser", "no-correction", "taken-back"})
# What the second person of a batch that takes another one back has agreed to.
_AGREED = frozenset({Risk.OWN_DECISION, Risk.TWO_MADE, Risk.BATCH})
_SPLIT = "A second person must agree to this one: decide it by itself."


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is to be done, and why. `days`: how long corrections last (None: as long as usual)."""

    act: BatchAct
    reason: str = ""
    text: str = ""
    days: int | None = None
    at_expiry: AtExpiry = AtExpiry.REQUEUE


@dataclasses.dataclass(frozen=True, slots=True)
class Listed:
    """One account of a list: the platform's id, and the label version that was seen (None: it is
    taken as it is shown next).
    """

    account: str
    version: int | None = None


def check_terms(terms: Terms) -> Terms:
    """The terms with their words in order; Invalid or Refused where something lacks."""
    if terms.act is BatchAct.UNDO:
        return terms
    if terms.act in KINDS:
        if terms.reason not in [*Reason]:
            raise Invalid("reason-needed", "Choose a reason.")
        if terms.days is not None and not 1 <= terms.days <= CORRECTION_DAYS_MOST:
            raise Invalid("expiry-too-far", "A correction stands for at most two years.")
        if terms.act is BatchAct.WITHHOLD and terms.at_expiry is AtExpiry.REVERT:
            raise Refused("withhold-reverts", "A withheld label is never shown again by a clock.")
    return dataclasses.replace(terms, text=check_reason(terms.text))


def check_size(size: int, most: int) -> None:
    """Raise Invalid for a list without accounts, or with more than one batch takes."""
    if size < 1:
        raise Invalid("list-empty", "List at least one account.")
    if size > most:
        raise Invalid("list-long", "These are more accounts than one batch takes.")


def needs_second(
    act: BatchAct, *, size: int, most: int, own: bool = False, two_made: bool = False
) -> bool:
    """Whether somebody else must agree to the whole. `own`: the batch that it reverts is the same
    person's; `two_made`: two people made that one. To undo needs nobody, as for one decision.
    """
    if act is BatchAct.UNDO:
        return False
    facts = Facts(batch=size, batch_most=most, own_result=own, two_made=two_made)
    return bool(risks(facts))


def check_changes(act: BatchAct, *, state: State, kind: CorrectionKind | None) -> None:
    """Raise Refused where the label is already what the act makes it; `kind` is the correction in
    force. Marked uncertain twice, a label would lose its country: a list may be run twice.
    """
    uncertain = act is BatchAct.MARK_UNCERTAIN and state is State.UNCERTAIN
    if uncertain or (kind is not None and kind is KINDS.get(act)):
        raise Refused("no-change", "This is what is shown already.")


def check_risks(act: BatchAct, found: tuple[Risk, ...], *, second: bool) -> None:
    """Raise Refused where one account needs a second person of its own. `second`: the whole list
    has one; nothing is agreed to otherwise.
    """
    agreed = _AGREED if act is BatchAct.REVERT else frozenset({Risk.BATCH})
    if set(found) - (agreed if second else frozenset()):
        raise Refused("second-person", _SPLIT)


def outcome_of(error: ShudiError) -> Outcome:
    """What a refusal means for the account that it is about."""
    if error.code in _ALREADY:
        return Outcome.NOTHING_TO_DO
    return Outcome.STALE if isinstance(error, Stale) else Outcome.REFUSED


def check_taken_back(
    act: BatchAct, *, former: BatchAct, state: BatchState, ended: datetime | None,
    two_made: bool, now: datetime,
) -> None:  # fmt: skip
    """Raise Refused unless that batch can be taken back so by now."""
    if former in TAKING_BACK:
        raise Refused("batch-takes-back", "This batch takes another one back: make a new one.")
    if state not in OVER or ended is None:
        raise Refused("batch-not-ended", "This batch has not ended.")
    if act is BatchAct.UNDO:
        check_undo(at=ended, now=now, two_made=two_made)


def check_proposer(*, proposer: int, staff_id: int | None) -> None:
    """Raise NotAllowed unless this person made the batch: it goes on in their name."""
    if staff_id != proposer:
        raise NotAllowed("not-maker", "Only whoever made this batch can try it again.")
