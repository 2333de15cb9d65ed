"""Inspections in words. Tests compare keys with the closed sets."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from console.words import Words
from shudi.oversight.rules import Basis, InspectionState, Kind, Reach, Table, Telling

BASIS: Words = {
    Basis.R20: _("Article 20 of the account-information regulation (joint enforcement)"),
    Basis.R21: _("Article 21 of the account-information regulation (inspection)"),
    Basis.PIPL63: _("Article 63 of the Personal Information Protection Law"),
}
KIND: Words = {
    Kind.LABELS: _("Labels and their corrections"),
    Kind.CASES: _("Cases and decisions"),
    Kind.INFORMATION: _("Account information"),
}
KIND_MEANS: Words = {
    Kind.LABELS: _(
        "The label that readers see, and what the desk corrected on it. No places by day."
    ),
    Kind.CASES: _(
        "What was asked, what was decided and by which role. No notes, no reports' words."
    ),
    Kind.INFORMATION: _("Handle, name, avatar and bio, as the platform sent them."),
}
REACH: Words = {
    Reach.NAMED: _("Accounts named one by one"),
    Reach.REGIONS: _("All accounts labelled in some regions"),
}
TELLING: Words = {
    Telling.AT_ONCE: _("At once"),
    Telling.AFTERWARDS: _("When the inspection is over"),
    Telling.NEVER: _("They are not told"),
}
TELLING_MEANS: Words = {
    Telling.AT_ONCE: _("Their own page says so from the first look on."),
    Telling.AFTERWARDS: _("Their own page says so from its end on."),
    Telling.NEVER: _("Only where a law or an order forbids it. It can be allowed later."),
}
STATE: Words = {
    InspectionState.PROPOSED: _("Waits for a second person"),
    InspectionState.APPROVED: _("Runs"),
    InspectionState.REFUSED: _("Refused"),
    InspectionState.WITHDRAWN: _("Withdrawn"),
    InspectionState.LAPSED: _("Lapsed undecided"),
    InspectionState.ENDED: _("Over"),
}
TABLE: Words = {
    Table.ACCOUNTS: _("Accounts"),
    Table.CORRECTIONS: _("Corrections"),
    Table.CASES: _("Cases and decisions"),
}
# What was seen: a page, or a table taken out as a file.
SIGHT: dict[str, LazyString] = {
    "accounts": _("List of accounts"),
    "account": _("An account's page"),
    "cases": _("List of cases"),
    "corrections": _("List of corrections"),
}
AUDIT: dict[str, LazyString] = {
    "inspection.approved": _("Inspection approved"),
    "inspection.ended": _("Inspection over"),
    "inspection.exported": _("Exported in an inspection"),
    "inspection.lapsed": _("Inspection lapsed undecided"),
    "inspection.longer_approved": _("Later end of an inspection approved"),
    "inspection.longer_dropped": _("Later end of an inspection dropped"),
    "inspection.longer_proposed": _("Later end of an inspection proposed"),
    "inspection.looked": _("Looked at in an inspection"),
    "inspection.proposed": _("Inspection proposed"),
    "inspection.refused": _("Inspection refused"),
    "inspection.stopped": _("Inspection stopped"),
    "inspection.told": _("Holders may be told of an inspection"),
    "inspection.withdrawn": _("Inspection withdrawn"),
}
ERROR: dict[str, LazyString] = {
    "accounts-needed": _("Name between 1 and 200 accounts."),
    "accounts-unknown": _("The site has no such accounts."),
    "authority-needed": _("Say which authority asks."),
    "beyond-regions": _(
        "This reaches beyond the regions that a supervisor may inspect. Narrow it, or have their"
        " regions widened first."
    ),
    "beyond-sites": _(
        "This reaches beyond the sites that a supervisor may inspect. Narrow it, or have their"
        " sites widened first."
    ),
    "export-kind": _("This inspection does not show that."),
    "export-large": _("A file holds at most 10,000 rows. A narrower inspection would fit."),
    "inspection-decided": _("This proposal does not wait any more."),
    "inspection-long": _("An inspection runs for 1 to 30 days."),
    "inspection-moved": _("This inspection changed meanwhile. Look at it again."),
    "inspection-over": _("This inspection does not run any more."),
    "inspection-own": _("Nobody decides on an inspection that names them."),
    "inspection-proposer": _("Only the proposer can take this back."),
    "inspection-second": _("Another administrator has to decide on what you proposed."),
    "inspection-unknown": _("There is no such inspection."),
    "inspection-words": _("Say why."),
    "kinds-needed": _("Choose what may be seen."),
    "not-longer": _("It runs as long as that already."),
    "not-supervisor": _("Everybody named must be an active supervisor."),
    "one-site": _("Accounts are named on one site. Choose one."),
    "period-wrong": _("The period ends after it begins, and not after today."),
    "purpose-needed": _("Say what the inspection is for."),
    "regions-are-labels": _(
        "Whoever asks by region sees the labels: being on the list tells the place. Choose labels,"
        " too."
    ),
    "regions-needed": _("Choose at least one region."),
    "request-ahead": _("The request cannot be dated after today."),
    "request-needed": _("Without the number of a request there is no inspection."),
    "sites-needed": _("Choose at least one site."),
    "supervisors-needed": _("Name between 1 and 10 supervisors."),
    "untold-why": _("Say which law or order forbids telling the holders."),
}
