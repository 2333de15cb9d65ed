"""Whether a decision stands, and when two people have decided alike. Pure."""

import dataclasses
import enum
from collections.abc import Mapping
from typing import Any

from shudi.cases.rules import CaseKind, Verdict
from shudi.errors import Invalid, Refused
from shudi.labels.rules import CorrectionKind, Reason

# What nobody is asked to decide a second time without knowing the first: a holder's appeal has a
# second person by policy, a brake is no decision on one label, account information is screened.
NOT_SAMPLED = frozenset(
    {
        CaseKind.CONTEST,
        CaseKind.BRAKE,
        CaseKind.ACCOUNT_INFORMATION,
        CaseKind.SECOND_LOOK,
    }
)
# Decisions on a label: the others cannot be reverted as a label can.
ON_LABELS = frozenset(
    {Verdict.KEEP, Verdict.CORRECT, Verdict.DISMISS, Verdict.LIFT, Verdict.REVERT}
)

# In a standing's `before`: the decision is older than standings, so nothing to bring back is known,
# nor whether two people took it.
UNKEPT = "unkept"
# Decisions on account information.
ON_VALUES = frozenset({Verdict.ACCEPT, Verdict.REFUSE})


class Stands(enum.StrEnum):
    STANDS = "stands"
    UNDONE = "undone"
    REVERTED = "reverted"


class Settled(enum.StrEnum):
    """Whose verdict a senior finds right where two disagree."""

    FIRST = "first"
    SECOND = "second"


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """A verdict as far as two of them are compared: reasons and words may differ."""

    verdict: Verdict
    kind: CorrectionKind | None = None
    region: str | None = None


def agree(first: Finding, second: Finding) -> bool:
    """Whether readers would see the same. To keep and to dismiss both leave the label alone."""
    return _seen(first) == _seen(second)


def _seen(finding: Finding) -> tuple[Verdict, CorrectionKind | None, str | None]:
    if finding.verdict in (Verdict.KEEP, Verdict.DISMISS):
        return Verdict.KEEP, None, None
    replaces = finding.kind is CorrectionKind.REPLACE
    return finding.verdict, finding.kind, finding.region if replaces else None


def check_correction_reason(reason: str) -> Reason:
    """The reason code for a correction; Invalid if it is none."""
    try:
        return Reason(reason)
    except ValueError:
        raise Invalid("reason-needed", "Choose a reason.") from None


def check_kept(before: Mapping[str, Any]) -> None:
    """Raise Refused where what undoing would bring back was not kept yet."""
    if before.get(UNKEPT):
        raise Refused("undo-unkept", "What stood before this decision was not kept.")


def check_revertible(verdict: Verdict) -> None:
    """Raise Refused where a decision changed nothing that could be changed back."""
    if verdict not in (Verdict.CORRECT, Verdict.LIFT, Verdict.REVERT):
        raise Refused("nothing-to-revert", "This decision changed nothing on the label.")


def check_on_values(verdict: Verdict) -> None:
    """Raise Refused where a decision is not on account information."""
    if verdict not in ON_VALUES:
        raise Refused("label-case", "This case is about a label.")
