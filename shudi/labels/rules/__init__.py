"""What is displayed, and which corrections are right. Pure."""

import dataclasses
import enum
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from shudi.clock import microseconds
from shudi.errors import Invalid, Refused
from shudi.regions.rules import Granularity, Vocabulary

FUTURE_TOLERANCE = timedelta(minutes=5)
EVIDENCE_LEAST = 10  # characters; a link or a sentence, not «ok»
WORDS_MOST = 2000
REASON_MOST = 500  # why a correction ends
SCHEDULE_MOST = timedelta(days=90)  # how far ahead a correction may begin


class State(enum.StrEnum):
    """What an answer says about an account's label."""

    LABELLED = "labelled"
    UNCERTAIN = "uncertain"
    WITHHELD = "withheld"
    NONE = "none"
    NOT_COVERED = "not_covered"


class Basis(enum.StrEnum):
    ACTIVITY = "activity"
    CORRECTION = "correction"
    NONE = "none"


class ActivityKind(enum.StrEnum):
    """What an account did. Signing in publishes nothing, so it decides no label (R 12)."""

    POST = "post"
    COMMENT = "comment"
    REPLY = "reply"
    VOTE = "vote"
    SIGN_IN = "sign_in"


PUBLISHING = frozenset(
    {ActivityKind.POST, ActivityKind.COMMENT, ActivityKind.REPLY, ActivityKind.VOTE}
)


class CorrectionKind(enum.StrEnum):
    COARSEN = "coarsen"
    WITHHOLD = "withhold"
    MARK_UNCERTAIN = "mark_uncertain"
    REPLACE = "replace"


class CorrectionState(enum.StrEnum):
    """`returned`: planned, but at its start it no longer fitted the label."""

    PROPOSED = "proposed"
    SCHEDULED = "scheduled"
    IN_FORCE = "in_force"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LIFTED = "lifted"
    REVERTED = "reverted"
    SUPERSEDED = "superseded"
    UNDONE = "undone"
    CANCELLED = "cancelled"
    RETURNED = "returned"


class AtExpiry(enum.StrEnum):
    """`requeue`: a person decides, and it stays in force until then."""

    REQUEUE = "requeue"
    REVERT = "revert"


class Reason(enum.StrEnum):
    """Why a label was changed or kept. The words for each are in the console's catalogue."""

    CARRIER_EGRESS = "carrier_egress"
    CONTESTED = "contested"
    LEGAL = "legal"
    NETWORK_SHARED = "network_shared"
    PROTECTION = "protection"
    SOURCE_STALE = "source_stale"
    SOURCES_DISAGREE = "sources_disagree"
    TRAVEL = "travel"
    VERIFIED_ELSEWHERE = "verified_elsewhere"


@dataclasses.dataclass(frozen=True, slots=True)
class Resolved:
    """What activity says."""

    state: State
    region: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class InForce:
    """The part of a correction that decides what is displayed."""

    kind: CorrectionKind
    region: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class Displayed:
    """What readers see."""

    state: State
    region: str | None
    basis: Basis
    corrected: bool


NOTHING = Displayed(State.NONE, None, Basis.NONE, corrected=False)


def displayed(resolved: Resolved, correction: InForce | None, *, hidden: bool) -> Displayed:
    """The label that results; a hidden account looks like one without activity."""
    if hidden:
        return NOTHING
    if correction is None:
        basis = Basis.NONE if resolved.state is State.NONE else Basis.ACTIVITY
        return Displayed(resolved.state, resolved.region, basis, corrected=False)
    state = {
        CorrectionKind.WITHHOLD: State.WITHHELD,
        CorrectionKind.MARK_UNCERTAIN: State.UNCERTAIN,
    }.get(correction.kind, State.LABELLED)
    return Displayed(state, correction.region, Basis.CORRECTION, corrected=True)


def corrected_region(
    kind: CorrectionKind,
    *,
    shown: str | None,
    wanted: str | None,
    vocabulary: Vocabulary,
    granularity: Granularity,
) -> str | None:
    """The region that a correction of `kind` puts in place of `shown`.

    Raises Refused where the kind does not apply to what is shown, Invalid for a place that is
    none of ours or finer than the granularity.
    """
    if kind is CorrectionKind.WITHHOLD:
        return None
    if kind is CorrectionKind.REPLACE:
        return _replacement(shown, wanted, vocabulary, granularity)
    parent = vocabulary.parent(shown) if shown else None
    if kind is CorrectionKind.COARSEN and parent is None:
        raise Refused("nothing-coarser", "There is no coarser place to show.")
    return parent


def _replacement(
    shown: str | None, wanted: str | None, vocabulary: Vocabulary, granularity: Granularity
) -> str:
    if not wanted or wanted not in vocabulary:
        raise Invalid("region-unknown", "Choose a place from the list.")
    if vocabulary.coarsen(wanted, granularity) != wanted:
        raise Invalid("region-too-fine", "This place is finer than labels may be here.")
    if wanted == shown:
        raise Refused("no-change", "This is what is shown already.")
    return wanted


def check_correction(
    kind: CorrectionKind, *, shown: Displayed, region: str | None, evidence: str
) -> None:
    """Raise unless the correction changes something and brings what its kind needs."""
    result = displayed(Resolved(shown.state, shown.region), InForce(kind, region), hidden=False)
    if (result.state, result.region) == (shown.state, shown.region):
        raise Refused("no-change", "This is what is shown already.")
    if kind is CorrectionKind.REPLACE and len(evidence.strip()) < EVIDENCE_LEAST:
        raise Invalid("evidence-needed", "Another place needs evidence: say what shows it.")


def needs_second_person(kind: CorrectionKind) -> bool:
    """Whether a senior other than the proposer must approve (making it, and lifting it early)."""
    return kind is CorrectionKind.REPLACE


def lifting_needs_senior(kind: CorrectionKind) -> bool:
    """A withheld label protects somebody: showing it again is a senior's decision."""
    return kind is CorrectionKind.WITHHOLD


def may_revert_by_itself(kind: CorrectionKind) -> bool:
    """*Withhold* never ends by a clock alone."""
    return kind is not CorrectionKind.WITHHOLD


def check_reason(text: str) -> str:
    """Why a correction ends, in words; Invalid where there are none or too many."""
    text = check_words(text)
    if not text:
        raise Invalid("reason-needed", "Say why.")
    if len(text) > REASON_MOST:
        raise Invalid("reason-too-long", "A reason has at most 500 characters.")
    return text


def check_words(text: str) -> str:
    """Free words without the space around them; Invalid where they are too many, or hold
    control characters or lone surrogates, which no store keeps alike.
    """
    for character in text:
        category = unicodedata.category(character)
        if category == "Cs" or (category == "Cc" and character not in "\n\r\t"):
            raise Invalid("text-invalid", "The text has control characters.")
    text = text.strip()
    if len(text) > WORDS_MOST:
        raise Invalid("text-too-long", "At most 2000 characters.")
    return text


def rank(at: int, state: str, region: str | None) -> tuple[int, str, str]:
    """By what activity outranks other activity: its instant (in microseconds). At the same
    instant the place decides, so that the order of arrival never does.
    """
    return at, region or "", state


def stable(
    days_seen: Mapping[date, frozenset[str]], region: str, *, today: date, days: int, mixed: int
) -> bool:
    """Whether `region` was seen on each of the last `days` days of activity, on at most `mixed`
    of them beside another (after osu-web's CountryChangeTarget).
    """
    recent = sorted((day for day in days_seen if day <= today), reverse=True)[:days]
    if len(recent) < days or any(region not in days_seen[day] for day in recent):
        return False
    return sum(len(days_seen[day]) > 1 for day in recent) <= mixed


@dataclasses.dataclass(frozen=True, slots=True)
class Window:
    """Which instants of activity are taken, both ends included; microseconds since 1970."""

    earliest: int
    latest: int

    def wrong(self, at: int) -> str | None:
        """The code of what is wrong with an instant, or None."""
        if at > self.latest:
            return "at-future"
        return "at-too-old" if at < self.earliest else None


def window(now: datetime, retention_days: int) -> Window:
    """From the retention window's start to a little after `now`, for clocks that are ahead."""
    return Window(
        microseconds(now - timedelta(days=retention_days)), microseconds(now + FUTURE_TOLERANCE)
    )
