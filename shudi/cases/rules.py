"""The life of a case. Pure."""

import enum
from datetime import timedelta

from shudi.errors import Invalid, NotAllowed, Refused, Stale


class CaseKind(enum.StrEnum):
    REPORT = "report"
    DISAGREEMENT = "disagreement"
    BRAKE = "brake"
    EXPIRY = "expiry"
    CONTEST = "contest"


class CaseState(enum.StrEnum):
    """`awaiting`: decided as *replace*, a second person has the word."""

    OPEN = "open"
    AWAITING = "awaiting"
    CLOSED = "closed"


class EventKind(enum.StrEnum):
    OPENED = "opened"
    REPORTED = "reported"
    CLAIMED = "claimed"
    RELEASED = "released"
    LAPSED = "lapsed"
    NOTED = "noted"
    DECIDED = "decided"
    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    CONTESTED = "contested"
    CLOSED = "closed"


class Verdict(enum.StrEnum):
    """`keep`: the label is right. `dismiss`: there is nothing to decide."""

    KEEP = "keep"
    CORRECT = "correct"
    DISMISS = "dismiss"
    LIFT = "lift"


class KeepReason(enum.StrEnum):
    """Why nothing was changed. Asked for on the server, for «no change» too."""

    EVIDENCE_AGREES = "evidence_agrees"
    NO_EVIDENCE = "no_evidence"
    NOT_ABOUT_LABEL = "not_about_label"
    DUPLICATE = "duplicate"
    ABUSIVE_REPORT = "abusive_report"
    STILL_RIGHT = "still_right"


class ReportKind(enum.StrEnum):
    """What a reader says is wrong."""

    WRONG_LABEL = "wrong_label"
    OUTDATED_LABEL = "outdated_label"
    HARMFUL_LABEL = "harmful_label"
    OTHER = "other"


# Severity, and how long a case may wait for its answer.
SEVERITY: dict[CaseKind, int] = {
    CaseKind.BRAKE: 4,
    CaseKind.CONTEST: 3,
    CaseKind.EXPIRY: 2,
    CaseKind.REPORT: 2,
    CaseKind.DISAGREEMENT: 1,
}
ANSWER_WITHIN: dict[CaseKind, timedelta] = {
    CaseKind.BRAKE: timedelta(hours=4),
    CaseKind.CONTEST: timedelta(days=3),
    CaseKind.EXPIRY: timedelta(days=7),
    CaseKind.REPORT: timedelta(days=7),
    CaseKind.DISAGREEMENT: timedelta(days=14),
}
# From «now» to «look when you can».
SEVERITIES = (4, 3, 2, 1)
REPORT_SEVERITY: dict[ReportKind, int] = {
    ReportKind.HARMFUL_LABEL: 3,
    ReportKind.WRONG_LABEL: 2,
    ReportKind.OUTDATED_LABEL: 2,
    ReportKind.OTHER: 1,
}
REPORT_TEXT_MOST = 500
CONTEST_TEXT_MOST = 2000


def check_open(state: CaseState) -> None:
    """Raise unless a decision is still to be taken."""
    if state is CaseState.CLOSED:
        raise Refused("case-closed", "This case is closed.")
    if state is CaseState.AWAITING:
        raise Refused("case-awaiting", "This case waits for its second person.")


def check_claimable(state: CaseState, *, excluded: bool) -> None:
    """Raise unless this person may take this case."""
    check_open(state)
    if excluded:
        raise NotAllowed("own-decision", "This case contests a decision of your own.")


def check_claimed(holder: int | None, staff_id: int) -> None:
    """Raise unless `staff_id` holds the claim. A lease that ran out and that nobody took since
    still counts: the person comes back to finish what no one else began.
    """
    if holder is None:
        raise Refused("not-claimed", "Claim the case first.")
    if holder != staff_id:
        raise Stale("claimed-by-other", "Somebody else is working on this case.")


def check_keep_reason(reason: str) -> KeepReason:
    """The reason code for no change; Invalid if it is none."""
    try:
        return KeepReason(reason)
    except ValueError:
        raise Invalid("reason-needed", "Choose a reason.") from None
