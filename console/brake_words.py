"""The words of brakes."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from console.words import Words
from shudi.labels.rules.brakes import Sampled

STATE: Words = {
    "held": _("Held"),
    "accepted": _("Accepted"),
    "rejected": _("Rejected"),
}
ORIGIN: Words = {
    "sightings": _("Live sightings"),
    "import": _("Import"),
}
RULE: Words = {
    "share": _("More accounts would have moved within an hour than the site's share allows."),
    "region": _("More accounts would have arrived in one place within an hour than allowed."),
}
WAIVE: dict[int, LazyString] = {
    0: _("Not at all"),
    1: _("1 hour"),
    6: _("6 hours"),
    24: _("24 hours"),
    72: _("72 hours"),
}
OUTCOME: Words = {
    Sampled.CHANGED: _("Changed"),
    Sampled.QUIET: _("Changed, but a correction or protection hides it"),
    Sampled.OVERTAKEN: _("Not changed: later activity had spoken"),
    Sampled.REVERTED: _("Changed, then put back"),
    Sampled.KEPT: _("Not put back: something later had spoken"),
}
