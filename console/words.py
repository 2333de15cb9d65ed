"""Codes in words, for every closed set that a page shows. Tests compare keys with the enums."""

from flask_babel import LazyString, lazy_gettext

from shudi.accounts.rules import AcceptReason, Rule
from shudi.accounts.store import Protection
from shudi.cases.rules import (
    CannedKind,
    CaseKind,
    CaseState,
    CloseReason,
    EventKind,
    KeepReason,
    ReportKind,
    Verdict,
)
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
    CaseKind.ACCOUNT_INFORMATION: _("Account information"),
    CaseKind.SECOND_LOOK: _("Second look"),
    CaseKind.SCHEDULED: _("Planned correction"),
}
CASE_KIND_MEANS: Words = {
    CaseKind.REPORT: _("A reader reported the label or somebody on the desk flagged it."),
    CaseKind.DISAGREEMENT: _("The geo databases do not agree on the place."),
    CaseKind.BRAKE: _("Too many labels would have moved at once; the change is held."),
    CaseKind.EXPIRY: _("A correction reached its end and stays in force until decided."),
    CaseKind.CONTEST: _("The account holder says that the label is wrong."),
    CaseKind.ACCOUNT_INFORMATION: _("A new name or handle needs a look before it is shown."),
    CaseKind.SECOND_LOOK: _("A decision drawn to be taken again without knowing the first one."),
    CaseKind.SCHEDULED: _("A planned correction no longer fitted the label when its day came."),
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
    EventKind.ASSIGNED: _("Handed over"),
    EventKind.SKIPPED: _("Skipped"),
    EventKind.SET_ASIDE: _("Reports of one sender set aside"),
    EventKind.RESTORED: _("Reports that were set aside count again"),
    EventKind.ATTACHED: _("File added"),
    EventKind.DETACHED: _("File removed"),
    EventKind.RESUBMITTED: _("Other values were submitted"),
    EventKind.UNDONE: _("Decision undone"),
    EventKind.REVERTED: _("Decision reverted"),
    EventKind.RETURNED: _("Open again: what was proposed is settled"),
    EventKind.CANCELLED: _("Planned correction cancelled"),
    EventKind.SAMPLED: _("Sample of the held changes let go"),
}
VERDICT: Words = {
    Verdict.KEEP: _("Label kept"),
    Verdict.CORRECT: _("Label corrected"),
    Verdict.DISMISS: _("Case dismissed"),
    Verdict.LIFT: _("Correction lifted"),
    Verdict.REVERT: _("Decision reverted"),
    Verdict.ACCEPT: _("New values accepted"),
    Verdict.REFUSE: _("New values refused"),
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
    CorrectionState.SCHEDULED: _("Planned"),
    CorrectionState.UNDONE: _("Undone"),
    CorrectionState.CANCELLED: _("Cancelled"),
    CorrectionState.RETURNED: _("Back in the queue"),
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
FIELD: Words = {
    "name": _("Name"),
    "handle": _("Handle"),
    "bio": _("Bio"),
    "avatar_url": _("Avatar"),
}
RULE: Words = {
    Rule.STRICT_WORD: _("Word that needs stricter checks"),
    Rule.NEWS_NAME: _("Reads like a news organisation"),
    Rule.STATE_ORGAN: _("Reads like a state organ"),
    Rule.STATE_NAME: _("Reads like a state or an international organisation"),
    Rule.REGION_OFFICE: _("Reads like the office of a region"),
    Rule.OFFICIAL_CLAIM: _("Claims to be official"),
    Rule.LINK: _("Web address inside"),
    Rule.EMAIL: _("E-mail address inside"),
    Rule.PHONE: _("Telephone number inside"),
    Rule.CONTACT: _("Contact id inside"),
    Rule.HIDDEN_TEXT: _("Hidden text"),
    Rule.MISMATCH: _("Not who or what the account is"),
    Rule.MISLEADING: _("Untrue or misleading"),
}
RULE_MEANS: Words = {
    Rule.STRICT_WORD: _(
        "Names with words such as 中国 or 国家 are checked more strictly before they are shown."
    ),
    Rule.NEWS_NAME: _(
        "Names must not imitate news media, nor use such words without authorisation."
    ),
    Rule.STATE_ORGAN: _(
        "Names must not imitate or invent the party, government, armed forces or another body."
    ),
    Rule.STATE_NAME: _("Names must not imitate states, regions or international organisations."),
    Rule.REGION_OFFICE: _(
        "Names must not imitate an administrative region, or link themselves to its offices."
    ),
    Rule.OFFICIAL_CLAIM: _("Names must not claim to speak for a body that they do not speak for."),
    Rule.LINK: _("Account information must not smuggle in web addresses."),
    Rule.EMAIL: _("Account information must not smuggle in e-mail addresses."),
    Rule.PHONE: _("Account information must not smuggle in telephone numbers."),
    Rule.CONTACT: _("Account information must not smuggle in ways to be contacted."),
    Rule.HIDDEN_TEXT: _("Names must not hide text by means of characters that nobody sees."),
    Rule.MISMATCH: _("An occupation must be real, and an institution's name must be its own."),
    Rule.MISLEADING: _("Account information must not be untrue, exaggerated or misleading."),
}
ACCEPT_REASON: Words = {
    AcceptReason.AUTHORISED: _("Authorisation or proof was shown"),
    AcceptReason.NO_CLAIM: _("Nobody could take it for a claim"),
    AcceptReason.PART_OF_WORD: _("Only part of another word"),
    AcceptReason.HARMLESS_CONTACT: _("A contact that serves no harm or improper gain"),
    AcceptReason.REVERTED: _("The refusal was wrong"),
}
CLOSE_REASON: Words = {
    CloseReason.NEWER_ACCEPTED: _("Newer values were accepted, so these were withdrawn"),
    CloseReason.SITE_CLOSED: _("Its site was closed"),
}
# What a line of a timeline may give as its reason; no code stands in two of them.
SAID_REASON: Words = KEEP_REASON | REASON | ACCEPT_REASON | RULE | CLOSE_REASON
NETWORK: Words = {
    "hosting": _("Hosting network"),
    "vpn": _("VPN or proxy"),
}
GEO_HEALTH: Words = {
    "ok": _("In order"),
    "missing": _("File is missing"),
    "truncated": _("File is damaged"),
    "swapped": _("File is not the expected database"),
    "outdated": _("Out of date"),
    "silent": _("New file says nothing"),
    "waiting": _("New file waits for a word"),
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
FILE_TYPE: Words = {
    "image/png": _("PNG picture"),
    "image/jpeg": _("JPEG picture"),
    "image/webp": _("WebP picture"),
    "application/pdf": _("PDF document"),
    "text/plain": _("Plain text"),
}
# What the timeline can be narrowed to (shudi.cases.queries.timeline).
SHOW: Words = {
    "all": _("Everything"),
    "said": _("Said"),
    "decisions": _("Decisions"),
    "label": _("Label"),
    "notes": _("Notes and files"),
    "notices": _("Notices"),
    "handling": _("Handling"),
}
CANNED_KIND: Words = {
    CannedKind.KEEP: _("Keep"),
    CannedKind.DISMISS: _("Dismiss"),
    CannedKind.LIFT: _("Lift"),
    CannedKind.COARSEN: _("Coarsen"),
    CannedKind.WITHHOLD: _("Withhold"),
    CannedKind.MARK_UNCERTAIN: _("Mark uncertain"),
    CannedKind.REPLACE: _("Replace"),
}
# Languages by the name their readers give them.
LANGUAGE: dict[str, str] = {"en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文"}
