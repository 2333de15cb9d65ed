"""Which queues there are, how severe a case is and why it stands where it does. Pure."""

import dataclasses
import enum
from datetime import datetime, timedelta

from shudi.cases.rules import SEVERITIES, SEVERITY, CaseKind, CaseState

RAISED_MOST = 3  # the highest is for what holds a whole site
MANY_SENDERS = 5
SOON = timedelta(hours=24)


class Queue(enum.StrEnum):
    """The queues, in the order of their tabs."""

    URGENT = "urgent"
    BRAKES = "brakes"
    CONTESTS = "contests"
    HARM = "harm"
    REPORTS = "reports"
    INFORMATION = "information"
    EXPIRIES = "expiries"
    SCHEDULED = "scheduled"
    DISAGREEMENTS = "disagreements"
    SECOND_LOOKS = "second_looks"


@dataclasses.dataclass(frozen=True, slots=True)
class QueueRule:
    """What a queue holds: one kind of case or all, of these severities."""

    kind: CaseKind | None
    severities: tuple[int, ...] = SEVERITIES


QUEUES: dict[Queue, QueueRule] = {
    Queue.URGENT: QueueRule(None, (4, 3)),
    Queue.BRAKES: QueueRule(CaseKind.BRAKE),
    Queue.CONTESTS: QueueRule(CaseKind.CONTEST),
    Queue.HARM: QueueRule(CaseKind.REPORT, (4, 3)),
    Queue.REPORTS: QueueRule(CaseKind.REPORT, (2, 1)),
    Queue.INFORMATION: QueueRule(CaseKind.ACCOUNT_INFORMATION),
    Queue.EXPIRIES: QueueRule(CaseKind.EXPIRY),
    Queue.SCHEDULED: QueueRule(CaseKind.SCHEDULED),
    Queue.DISAGREEMENTS: QueueRule(CaseKind.DISAGREEMENT),
    Queue.SECOND_LOOKS: QueueRule(CaseKind.SECOND_LOOK),
}


class Raise(enum.StrEnum):
    """What puts a case above its kind's own severity, the strongest first."""

    HARM = "harm"
    PROTECTED = "protected"
    CONTESTED = "contested"
    MANY = "many"


class Why(enum.StrEnum):
    """Why a case stands where it does, besides what raised it."""

    KIND = "kind"
    LOWERED = "lowered"
    OVERDUE = "overdue"
    SOON = "soon"


@dataclasses.dataclass(frozen=True, slots=True)
class Weight:
    """How severe a case is, and what made it so."""

    severity: int
    raised_by: tuple[Raise, ...]


def weigh(
    kind: CaseKind, *, reported: int, senders: int, protected: bool, contested: bool
) -> Weight:
    """The severity of a case: its kind's own (or, of a report, what was reported, 0 if nothing),
    one more for each thing that makes waiting worse, at most RAISED_MOST.
    """
    base = reported if kind is CaseKind.REPORT and reported else SEVERITY[kind]
    grounds = {
        Raise.PROTECTED: protected,
        Raise.CONTESTED: contested and kind is not CaseKind.CONTEST,
        Raise.MANY: senders >= MANY_SENDERS,
    }
    raised = tuple(ground for ground, holds in grounds.items() if holds)
    severity = max(base, min(base + len(raised), RAISED_MOST))
    if base > SEVERITY[kind]:
        raised = (Raise.HARM, *raised)
    return Weight(severity, raised)


def explain(
    kind: CaseKind, severity: int, raised_by: str, *, due_at: datetime, now: datetime
) -> tuple[Why | Raise, ...]:
    """Why a case stands where it does, in the order in which the queue asks: how severe, then
    how soon. `raised_by` is what was stored with the severity.
    """
    lowered = Why.LOWERED if severity < SEVERITY[kind] else Why.KIND
    found: list[Why | Raise] = [Raise(one) for one in raised_by.split(",") if one] or [lowered]
    if due_at < now:
        found.append(Why.OVERDUE)
    elif due_at < now + SOON:
        found.append(Why.SOON)
    return tuple(found)


class Fate(enum.StrEnum):
    """What becomes of a case when one sender's reports are set aside."""

    DISMISSED = "dismissed"  # it rests on them alone
    LESS = "less"  # it loses their count
    HELD = "held"  # somebody is working on it: left alone
    BARRED = "barred"  # this person may not decide it: left alone


def fate(*, reports: int, theirs: int, state: CaseState, held: bool, barred: bool) -> Fate:
    """The fate of a case with `reports` in all, `theirs` of them from the sender."""
    if barred:
        return Fate.BARRED
    if held:
        return Fate.HELD
    alone = theirs >= reports and state is CaseState.OPEN
    return Fate.DISMISSED if alone else Fate.LESS
