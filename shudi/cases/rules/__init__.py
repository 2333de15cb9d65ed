"""The life of a case. Pure."""

import enum
import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from shudi.errors import Invalid, NotAllowed, Refused, Stale


class CaseKind(enum.StrEnum):
    REPORT = "report"
    DISAGREEMENT = "disagreement"
    BRAKE = "brake"
    EXPIRY = "expiry"
    CONTEST = "contest"
    ACCOUNT_INFORMATION = "account_information"
    SECOND_LOOK = "second_look"
    SCHEDULED = "scheduled"


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
    RESUBMITTED = "resubmitted"
    ATTACHED = "attached"
    DETACHED = "detached"
    ASSIGNED = "assigned"
    SKIPPED = "skipped"
    SET_ASIDE = "set_aside"
    RESTORED = "restored"
    UNDONE = "undone"
    REVERTED = "reverted"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    SAMPLED = "sampled"


class Verdict(enum.StrEnum):
    """`keep`: the label is right. `dismiss`: there is nothing to decide. `revert`: another
    decision on the label counts no longer. `accept` and `refuse` are on account information.
    """

    KEEP = "keep"
    CORRECT = "correct"
    DISMISS = "dismiss"
    LIFT = "lift"
    REVERT = "revert"
    ACCEPT = "accept"
    REFUSE = "refuse"


class CloseReason(enum.StrEnum):
    """Why a case closed without a decision."""

    NEWER_ACCEPTED = "newer_accepted"
    SITE_CLOSED = "site_closed"


class KeepReason(enum.StrEnum):
    """Why nothing was changed. Asked for on the server, for «no change» too."""

    EVIDENCE_AGREES = "evidence_agrees"
    NO_EVIDENCE = "no_evidence"
    NOT_ABOUT_LABEL = "not_about_label"
    DUPLICATE = "duplicate"
    ABUSIVE_REPORT = "abusive_report"
    STILL_RIGHT = "still_right"


class CannedKind(enum.StrEnum):
    """The decisions that ready words exist for: what is decided, not who decides."""

    KEEP = "keep"
    DISMISS = "dismiss"
    LIFT = "lift"
    COARSEN = "coarsen"
    WITHHOLD = "withhold"
    MARK_UNCERTAIN = "mark_uncertain"
    REPLACE = "replace"


class SkipReason(enum.StrEnum):
    """Why somebody passes a case over. `other` needs words."""

    LANGUAGE = "language"
    EXPERTISE = "expertise"
    WAITING = "waiting"
    TOO_CLOSE = "too_close"
    DISTRESSING = "distressing"
    OTHER = "other"


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
    CaseKind.ACCOUNT_INFORMATION: 2,
    CaseKind.EXPIRY: 2,
    CaseKind.REPORT: 2,
    CaseKind.SCHEDULED: 2,
    CaseKind.SECOND_LOOK: 1,
    CaseKind.DISAGREEMENT: 1,
}
ANSWER_WITHIN: dict[CaseKind, timedelta] = {
    CaseKind.BRAKE: timedelta(hours=4),
    CaseKind.CONTEST: timedelta(days=3),
    CaseKind.ACCOUNT_INFORMATION: timedelta(days=7),
    CaseKind.EXPIRY: timedelta(days=7),
    CaseKind.REPORT: timedelta(days=7),
    CaseKind.DISAGREEMENT: timedelta(days=14),
    CaseKind.SCHEDULED: timedelta(days=7),
    CaseKind.SECOND_LOOK: timedelta(days=14),
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
NOTE_MOST = 2000
# Long enough to see what was pasted by mistake, too short to rewrite what others read.
NOTE_TAKE_BACK = timedelta(minutes=15)
HANDOVER_TEXT_MOST = 500
SKIP_TEXT_MOST = 500
SKIPPED_FOR = timedelta(hours=24)
# Whoever is given a case need not be at the desk; their own lease begins when they take it up.
HANDED_FOR = timedelta(hours=12)
PRESENT_FOR = timedelta(seconds=75)  # three beats of an open page
VIEWS_MOST = 30  # a person
SENDER_KEPT = timedelta(days=30)
SET_ASIDE_MOST = 100  # cases in one act: as many as somebody looks through
ATTACHMENTS_MOST = 5  # a case
ATTACHMENT_BYTES = 5 * 1024 * 1024


def check_open(state: CaseState) -> None:
    """Raise unless a decision is still to be taken."""
    if state is CaseState.CLOSED:
        raise Refused("case-closed", "This case is closed.")
    if state is CaseState.AWAITING:
        raise Refused("case-awaiting", "This case waits for its second person.")


def check_receiver(*, decides: bool, barred: bool, holds: bool) -> None:
    """Raise unless a case may be given to this person. Why somebody is barred (an account of
    their own, a decision that is contested) is theirs to know.
    """
    if not decides:
        raise Refused("receiver-role", "This person does not decide cases.")
    if barred:
        raise Refused("receiver-barred", "This person may not decide this case.")
    if holds:
        raise Refused("receiver-holds", "This person holds the case already.")


def check_skip(reason: str, text: str) -> SkipReason:
    """The reason code for passing a case over; Invalid if it is none, or lacks its words."""
    if reason not in [*SkipReason]:
        raise Invalid("reason-needed", "Choose a reason.")
    if reason == SkipReason.OTHER and not text.strip():
        raise Invalid("text-needed", "Write something first.")
    if len(text) > SKIP_TEXT_MOST:
        raise Invalid("text-too-long", "A reason has at most 500 characters.")
    return SkipReason(reason)


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


def mentioned(text: str, names: Iterable[str]) -> list[str]:
    """Which of `names` are called in `text` as `@name`, in the order of the text.

    The longest name wins where one begins another; letters and digits after it make it another
    word, as the at sign of an e-mail address does before it.
    """
    found: list[str] = []
    known = sorted(names, key=len, reverse=True)
    lowered = {name.casefold(): name for name in known}
    for called in re.finditer(r"(?<![\w@.])@", text):
        rest = text[called.end() :].casefold()
        for lower, name in lowered.items():
            after = rest[len(lower) : len(lower) + 1]
            if rest.startswith(lower) and not (
                after.isascii() and (after.isalnum() or after == "_")
            ):
                found += [name] if name not in found else []
                break
    return found


def check_take_back(
    *, author: int | None, staff_id: int | None, at: datetime, now: datetime
) -> None:
    """Raise unless this person may take back a note that `author` wrote at `at`."""
    if author is None or author != staff_id:
        raise NotAllowed("not-author", "Only the author can take a note back.")
    if now - at > NOTE_TAKE_BACK:
        raise Refused("note-stands", "A note can be taken back for a quarter of an hour.")
