"""The words of brakes, and of new geo databases that wait like them."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from console.words import Words
from shudi.geo.rules import UpdateState
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
UPDATE_STATE: Words = {
    UpdateState.HELD: _("Waits"),
    UpdateState.APPLIED: _("In use"),
    UpdateState.ACCEPTED: _("Accepted"),
    UpdateState.STOPPED: _("Stopped"),
    UpdateState.REPLACED: _("Overtaken"),
}
UPDATE_ORIGIN: Words = {
    "file": _("A configured file was replaced"),
    "setting": _("Other sources were configured"),
    "update": _("Brought by hand"),
}
UPDATE_RULE: Words = {
    "share": _("They would move more accounts of a site than its share allows within an hour."),
    "region": _("They would bring more accounts into one place than allowed within an hour."),
}
ERROR: dict[str, LazyString] = {
    "brake-case": _("A brake is decided on its own page."),
    "brake-decided": _("Somebody else has decided on this brake already."),
    "brake-sampled": _(
        "Somebody has let a sample go meanwhile: look at it before you decide on the rest."
    ),
    "brake-unknown": _("There is no such brake."),
    "own-account-held": _(
        "This brake holds back the label of an account of your own, so somebody else must decide."
    ),
    "sample-too-few": _("So few accounts are held that a sample would be most of them."),
    "waive-range": _("Choose between 0 and 72 hours."),
    "own-account-moved": _(
        "They would move the label of an account of your own, so somebody else must decide."
    ),
    "update-decided": _("This is decided already, or newer files have come."),
    "update-sampled": _("Somebody has begun a trial meanwhile: look at it before you decide."),
    "update-unknown": _("There is no such change of databases."),
}
AUDIT: dict[str, LazyString] = {
    "brake.accepted": _("Brake: change accepted"),
    "brake.rejected": _("Brake: change rejected"),
    "brake.sampled": _("Brake: sample let go"),
    "source.accepted": _("Geo databases: new ones accepted"),
    "source.applied": _("Geo databases: new ones taken into use"),
    "source.held": _("Geo databases: new ones wait for a person"),
    "source.replaced": _("Geo databases: newer files came while others waited"),
    "source.sampled": _("Geo databases: trial begun"),
    "source.stopped": _("Geo databases: new ones stopped"),
}
