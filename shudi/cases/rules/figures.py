"""Which figures the desk keeps of its work, and which are too small to show. Pure.

Every figure is about the work, none about a person: there is no key that names one.
"""

import dataclasses
import enum
import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from shudi.cases.rules import CaseKind

# Days that a page may look back on. The long one is counted every hour, the others every 5 minutes.
SHORT = (7, 28)
LONG = (90,)
WINDOWS = SHORT + LONG
USUAL = 28
HISTORY = timedelta(days=max(WINDOWS))

# A share of fewer accounts says more about one of them than about the work.
FEWEST = 20

# Figures by place are released once for each period, when it is over and its decisions can be
# undone no more. Periods follow each other without overlapping and are never counted anew, so no
# two releases differ by what a few accounts did.
PERIOD = timedelta(days=28)
SETTLED = timedelta(days=1)
PLACES = -28  # their place among windows
_FIRST = datetime(2026, 1, 5, tzinfo=UTC)

# Kinds of case in which the label that activity gave is judged. At an expiry it is a correction.
JUDGED = (CaseKind.REPORT, CaseKind.DISAGREEMENT, CaseKind.CONTEST)

# Ages of open cases: each up to so many days, the last without end.
AGES: tuple[tuple[str, int | None], ...] = (
    ("1", 1),
    ("3", 3),
    ("7", 7),
    ("14", 14),
    ("30", 30),
    ("more", None),
)
WEEKS_AHEAD = 8
PAST, LATER, ENDLESS = "past", "later", "endless"


class Figure(enum.StrEnum):
    """What a number is of. `part` is in brackets."""

    # now
    OPEN = "open"  # (kind of case), by age
    OVERDUE = "overdue"  # (kind of case)
    NOBODY = "nobody"  # open contests that nobody here may answer
    IN_FORCE = "in_force"  # (kind of correction)
    ENDING = "ending"  # (week ahead)
    # in a window
    DECIDED = "decided"  # (kind of case)
    IN_TIME = "in_time"  # (kind of case)
    TIME_MEDIAN = "time_median"  # (kind of case), seconds
    TIME_NINTH = "time_ninth"  # (kind of case), seconds
    OVERTURNED = "overturned"  # per cent, of all judged
    OVERTURNED_REGION = "overturned_region"  # (region), per cent
    OVERTURNED_SOURCE = "overturned_source"  # (geo source), per cent; None: too few
    CONFIRMED = "confirmed"  # (kind of correction)
    REFUSED = "refused"  # (kind of correction)
    # second looks, by the kind of case that the first decision was on
    LOOKED_ALIKE = "looked_alike"
    LOOKED_FIRST = "looked_first"  # a senior found the first verdict right
    LOOKED_SECOND = "looked_second"
    LOOKED_OPEN = "looked_open"  # they differ and nobody has settled it
    # on a day
    OPENED = "opened"  # (kind of case)
    CLOSED = "closed"  # (kind of case)
    ANSWERED_IN_TIME = "answered_in_time"  # (kind of case)
    ANSWERED_LATE = "answered_late"  # (kind of case)
    SOURCE_DIFFERS = "source_differs"  # (geo source), per mille
    SOURCE_SILENT = "source_silent"  # (geo source), per mille


@dataclasses.dataclass(frozen=True, slots=True)
class Counted:
    """One figure. `days` 0: as things stand now."""

    figure: Figure
    days: int
    part: str
    slot: str
    value: int | None


@dataclasses.dataclass(frozen=True, slots=True)
class CountedDay:
    """One figure of one UTC day."""

    figure: Figure
    day: date
    part: str
    value: int


def last_period(now: datetime) -> tuple[datetime, datetime]:
    """When the last period that may be released began, and when it ended."""
    end = _FIRST + (now - SETTLED - _FIRST) // PERIOD * PERIOD
    return end - PERIOD, end


def nameable(accounts: Mapping[str, int], turn: str, least: int = FEWEST) -> set[str]:
    """The parts that may stand beside their sum, by how many accounts each has: none that is too
    small, and none by which one that is could be found.

    What is left out has two parts at least and twice `least` accounts in all. What goes for that
    goes by lot, another at each `turn`: were it the smallest, its size would be known to lie
    between two others', and by that what it hides.
    """
    named = {part for part, n in accounts.items() if n >= least}
    hidden = [n for part, n in accounts.items() if n and part not in named]
    for part in sorted(named, key=lambda part: hashlib.sha256(f"{turn}/{part}".encode()).digest()):
        if not hidden or (len(hidden) > 1 and sum(hidden) >= 2 * least):
            break
        named.remove(part)
        hidden.append(accounts[part])
    return named


def share(some: int, of: int) -> int | None:
    """Whole per cent, half rounded up; None where `of` is too few to say it."""
    return None if of < FEWEST else (200 * some + of) // (2 * of)


def per_mille(some: int, of: int) -> int:
    """Whole per mille, half rounded up."""
    return (2000 * some + of) // (2 * of)


def rounded(tenths: int) -> int:
    """A percentile that comes times ten, as a whole number; half rounded up."""
    return (tenths + 5) // 10


def stands_alone(answers: Sequence[str | None], at: int) -> bool:
    """Whether a source's answer is no other's, while others gave one."""
    mine = answers[at]
    others = [one for number, one in enumerate(answers) if number != at and one is not None]
    return mine is not None and bool(others) and mine not in others
