"""How the holder's own page says what happened: nothing of networks, sources or people."""

from flask_babel import lazy_gettext as _

from console.words import Words
from shudi.accounts.rules import FIELDS
from shudi.cases.rules import Verdict
from shudi.labels.rules import AtExpiry, CorrectionKind, CorrectionState, Reason

_UNSURE = _("The place was not certain enough.")

CORRECTION: Words = {
    CorrectionKind.COARSEN: _("A wider place is shown"),
    CorrectionKind.WITHHOLD: _("No place is shown"),
    CorrectionKind.MARK_UNCERTAIN: _("The place is marked as uncertain"),
    CorrectionKind.REPLACE: _("Another place is shown"),
}
# Several of the desk's reasons tell how a place was found; the holder is told one for all those.
REASON: Words = {
    Reason.CARRIER_EGRESS: _UNSURE,
    Reason.NETWORK_SHARED: _UNSURE,
    Reason.SOURCE_STALE: _UNSURE,
    Reason.SOURCES_DISAGREE: _UNSURE,
    Reason.CONTESTED: _("You objected with good grounds."),
    Reason.LEGAL: _("The law or an authority's order asks for it."),
    Reason.PROTECTION: _("It protects you."),
    Reason.TRAVEL: _("It was a short trip."),
    Reason.VERIFIED_ELSEWHERE: _("Another place was verified."),
}
ENDED: Words = {
    CorrectionState.LIFTED: _("Ended by the desk"),
    CorrectionState.REVERTED: _("Ended when its time was over"),
    CorrectionState.SUPERSEDED: _("Replaced by another correction"),
}
AT_EXPIRY: Words = {
    AtExpiry.REQUEUE: _("Then somebody looks at it again; it stays until they have decided."),
    AtExpiry.REVERT: _("Then your label follows your activity again."),
}
VERDICT: Words = {
    Verdict.KEEP: _("The label stays"),
    Verdict.CORRECT: _("The label was changed"),
    Verdict.LIFT: _("The correction was ended"),
}
FIELD: Words = {
    **dict(zip(FIELDS, (_("Name"), _("Handle"), _("Bio")), strict=True)),
    "avatar_url": _("Avatar"),
}
