"""Codes in words, for every closed set that a page shows. Tests compare keys with the enums."""

from flask_babel import LazyString, lazy_gettext

from shudi.accounts.store import Protection
from shudi.cases.rules import CaseKind, CaseState, EventKind, KeepReason, ReportKind, Verdict
from shudi.labels.rules import (
    AtExpiry,
    Basis,
    CorrectionKind,
    CorrectionState,
    Reason,
    State,
)
from shudi.staff.rules import Role

_ = lazy_gettext
Words = dict[str, LazyString]

ROLE: Words = {
    Role.MODERATOR: _("Moderator"),
    Role.SENIOR: _("Senior moderator"),
    Role.AUDITOR: _("Auditor"),
    Role.ADMIN: _("Administrator"),
    Role.SUPERVISOR: _("Supervisor"),
}
CASE_KIND: Words = {
    CaseKind.REPORT: _("Report"),
    CaseKind.DISAGREEMENT: _("Sources disagree"),
    CaseKind.BRAKE: _("Brake"),
    CaseKind.EXPIRY: _("Correction expired"),
    CaseKind.CONTEST: _("Contested by holder"),
}
CASE_KIND_MEANS: Words = {
    CaseKind.REPORT: _("A reader reported the label or somebody on the desk flagged it."),
    CaseKind.DISAGREEMENT: _("The geo databases do not agree on the place."),
    CaseKind.BRAKE: _("Too many labels would have moved at once; the change is held."),
    CaseKind.EXPIRY: _("A correction reached its end and stays in force until decided."),
    CaseKind.CONTEST: _("The account holder says that the label is wrong."),
}
CASE_STATE: Words = {
    CaseState.OPEN: _("Open"),
    CaseState.AWAITING: _("Awaiting second person"),
    CaseState.CLOSED: _("Closed"),
}
EVENT: Words = {
    EventKind.OPENED: _("Case opened"),
    EventKind.REPORTED: _("Reported again"),
    EventKind.CLAIMED: _("Claimed"),
    EventKind.RELEASED: _("Released"),
    EventKind.LAPSED: _("Lease ran out"),
    EventKind.NOTED: _("Note"),
    EventKind.DECIDED: _("Decided"),
    EventKind.PROPOSED: _("Correction proposed"),
    EventKind.APPROVED: _("Approved by a second person"),
    EventKind.REFUSED: _("Refused by a second person"),
    EventKind.WITHDRAWN: _("Proposal withdrawn"),
    EventKind.CONTESTED: _("Contested by the account holder"),
    EventKind.CLOSED: _("Case closed"),
}
VERDICT: Words = {
    Verdict.KEEP: _("Label kept"),
    Verdict.CORRECT: _("Label corrected"),
    Verdict.DISMISS: _("Case dismissed"),
    Verdict.LIFT: _("Correction lifted"),
}
KEEP_REASON: Words = {
    KeepReason.EVIDENCE_AGREES: _("The evidence supports the label"),
    KeepReason.NO_EVIDENCE: _("Nothing supports the claim"),
    KeepReason.NOT_ABOUT_LABEL: _("Not about the label"),
    KeepReason.DUPLICATE: _("Duplicate of another case"),
    KeepReason.ABUSIVE_REPORT: _("Abusive report"),
    KeepReason.STILL_RIGHT: _("Still right"),
}
REPORT_KIND: Words = {
    ReportKind.WRONG_LABEL: _("Wrong place"),
    ReportKind.OUTDATED_LABEL: _("Outdated place"),
    ReportKind.HARMFUL_LABEL: _("Puts somebody at risk"),
    ReportKind.OTHER: _("Something else"),
}
LABEL_STATE: Words = {
    State.LABELLED: _("Labelled"),
    State.UNCERTAIN: _("Uncertain"),
    State.WITHHELD: _("Withheld"),
    State.NONE: _("No label"),
    State.NOT_COVERED: _("Not covered"),
}
BASIS: Words = {
    Basis.ACTIVITY: _("Latest publishing activity"),
    Basis.CORRECTION: _("Correction in force"),
    Basis.NONE: _("No activity yet"),
}
CORRECTION_KIND: Words = {
    CorrectionKind.COARSEN: _("Coarsen"),
    CorrectionKind.WITHHOLD: _("Withhold"),
    CorrectionKind.MARK_UNCERTAIN: _("Mark uncertain"),
    CorrectionKind.REPLACE: _("Replace"),
}
CORRECTION_KIND_MEANS: Words = {
    CorrectionKind.COARSEN: _("Show the country instead of the province. In force at once."),
    CorrectionKind.WITHHOLD: _(
        "Show no place at all. In force at once; only a senior can show it again."
    ),
    CorrectionKind.MARK_UNCERTAIN: _(
        "Say that the place is uncertain and show the wider one, if any. In force at once."
    ),
    CorrectionKind.REPLACE: _(
        "Show another place. Needs evidence, and a senior other than you must approve."
    ),
}
CORRECTION_STATE: Words = {
    CorrectionState.PROPOSED: _("Proposed"),
    CorrectionState.IN_FORCE: _("In force"),
    CorrectionState.REFUSED: _("Refused"),
    CorrectionState.WITHDRAWN: _("Withdrawn"),
    CorrectionState.LIFTED: _("Lifted"),
    CorrectionState.REVERTED: _("Reverted at expiry"),
    CorrectionState.SUPERSEDED: _("Superseded"),
}
AT_EXPIRY: Words = {
    AtExpiry.REQUEUE: _("Back to the queue; stays in force until decided"),
    AtExpiry.REVERT: _("Revert to what activity shows"),
}
REASON: Words = {
    Reason.CARRIER_EGRESS: _("Mobile carrier routes traffic through another place"),
    Reason.CONTESTED: _("The holder contests it with good grounds"),
    Reason.LEGAL: _("Legal duty or order"),
    Reason.NETWORK_SHARED: _("Shared network: company, campus, proxy or VPN"),
    Reason.PROTECTION: _("Protection of the person"),
    Reason.SOURCE_STALE: _("The geo database is out of date"),
    Reason.SOURCES_DISAGREE: _("The geo databases disagree"),
    Reason.TRAVEL: _("Short trip"),
    Reason.VERIFIED_ELSEWHERE: _("Another place was verified"),
}
PROTECTION: Words = {
    Protection.NONE: _("None"),
    Protection.PROTECTED: _("Protected person: no label is shown"),
    Protection.MINOR: _("Minor: no label is shown"),
}
NETWORK: Words = {
    "hosting": _("Hosting network"),
    "vpn": _("VPN or proxy"),
}
BRAKE_STATE: Words = {
    "held": _("Held"),
    "accepted": _("Accepted"),
    "rejected": _("Rejected"),
}
BRAKE_ORIGIN: Words = {
    "sightings": _("Live sightings"),
    "import": _("Import"),
    "source": _("Geo database update"),
}
BRAKE_RULE: Words = {
    "share": _("More accounts would have moved within an hour than the site's share allows."),
    "region": _("More accounts would have arrived in one place within an hour than allowed."),
}
GEO_HEALTH: Words = {
    "ok": _("In order"),
    "missing": _("File is missing"),
    "truncated": _("File is damaged"),
    "swapped": _("File is not the expected database"),
    "outdated": _("Out of date"),
}
SEVERITY: dict[int, LazyString] = {
    4: _("Urgent"),
    3: _("High"),
    2: _("Normal"),
    1: _("Low"),
}
PERIOD: dict[int, LazyString] = {
    7: _("7 days"),
    30: _("30 days"),
    90: _("90 days"),
    180: _("180 days"),
    365: _("1 year"),
}
WAIVE: dict[int, LazyString] = {
    0: _("Not at all"),
    1: _("1 hour"),
    6: _("6 hours"),
    24: _("24 hours"),
    72: _("72 hours"),
}
