"""When a label may be contested, the first and the second time, and how it is answered. Pure.

docs/decisions/0011-appeals.md says why it is so.
"""

import dataclasses
import enum
import re
import unicodedata
from collections.abc import Iterable
from datetime import date

from shudi.cases.rules import CONTEST_TEXT_MOST
from shudi.errors import Invalid, NotAllowed, Refused, Stale
from shudi.labels.rules import check_words
from shudi.staff.rules import Actor, Permission

FIRST, SECOND = 1, 2
_OLD_DAYS = 1


class Marks(enum.StrEnum):
    """When readers are told that a contested label is disputed. Never at the second instance:
    a person has looked at it by then.
    """

    ALWAYS = "always"
    CORRECTED_OR_OLD = "corrected_or_old"
    NEVER = "never"


@dataclasses.dataclass(frozen=True, slots=True)
class Former:
    """An account's latest contest. `answered_version` is the label's version once it was
    answered: while that is the version, nothing has changed since.
    """

    case_id: int
    instance: int
    is_open: bool
    answered_version: int | None
    upheld: bool


def instance_of(former: Former | None, label_version: int) -> int:
    """Which instance a contest of this version would be for. Stale where one is open, Refused
    where both have been.
    """
    if former is None:
        return FIRST
    if former.is_open:
        raise Stale("contest-open", "You have contested this already; the answer is on its way.")
    if former.upheld or former.answered_version != label_version:
        return FIRST
    if former.instance == SECOND:
        raise Refused("contest-over", "This label has been looked at twice.")
    return SECOND


def is_late(*, since: date, today: date, days: int) -> bool:
    """Whether the time to contest is over: `days` after the label changed last; 0 is no end."""
    return days > 0 and (today - since).days > days


def check_in_time(*, since: date, today: date, days: int) -> None:
    """Raise Refused where the time to contest is over."""
    if is_late(since=since, today=today, days=days):
        raise Refused("contest-late", "The time to contest this label is over.")


def shows_disputed(
    marks: Marks, *, instance: int, corrected: bool, since: date, today: date
) -> bool:
    """Whether readers see from now on that the label is disputed."""
    if instance == SECOND or marks is Marks.NEVER:
        return False
    return marks is Marks.ALWAYS or corrected or (today - since).days >= _OLD_DAYS


def check_statement(text: str, evidence: str) -> tuple[str, str]:
    """What the holder says and what shows it; Invalid where it says nothing, or too much."""
    if not text.strip():
        raise Invalid("text-needed", "Say what is wrong.")
    if max(len(text), len(evidence)) > CONTEST_TEXT_MOST:
        raise Invalid("text-too-long", "At most 2000 characters.")
    return check_words(text), check_words(evidence)


def check_answer(words: str, names: Iterable[str]) -> str:
    """The words for the holder; Invalid where there are none, or where they hold one of `names`,
    those of people who work here.
    """
    words = check_words(words)
    if not words:
        raise Invalid("answer-words", "Write what the account holder is told.")
    folded = _folded(words)
    if any(_named(folded, _folded(name)) for name in names):
        raise Invalid("answer-names", "The words for the holder name somebody of the desk.")
    return words


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _named(words: str, name: str) -> bool:
    """Whether `name` stands in `words`; a Latin one as a word of its own, not within another."""
    if not name.isascii():
        return name in words
    return (
        bool(name) and re.search(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])", words) is not None
    )


def may_answer(actor: Actor, instance: int) -> bool:
    """Whether this person's role decides at that instance."""
    return instance != SECOND or actor.may(Permission.CORRECTION_APPROVE)


def check_instance(actor: Actor, instance: int) -> None:
    """Raise NotAllowed unless this person's role decides at that instance."""
    if not may_answer(actor, instance):
        raise NotAllowed("instance-senior", "The second instance is decided by a senior.")
