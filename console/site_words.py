"""Communities in words: what an act on one says no to, and what the audit log calls it."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

ERROR: dict[str, LazyString] = {
    "closing-over": _("This proposal does not wait any more."),
    "closing-reason": _("Say why the site is to be closed."),
    "closing-reason-long": _("A reason has at most 500 characters."),
    "closing-unknown": _("There is no such proposal."),
    "closing-waits": _("A proposal to close this site waits already."),
    "site-closed": _("This site is closed."),
    "site-closed-already": _("This site is closed already."),
    "site-key-differs": _("This is not the site's key."),
}
AUDIT: dict[str, LazyString] = {
    "site.closed": _("Site closed"),
    "site.closing_proposed": _("Closing of a site proposed"),
    "site.closing_refused": _("Closing of a site refused"),
    "site.closing_withdrawn": _("Proposal to close a site withdrawn"),
    "site.created": _("Site created"),
    "site.erased": _("What a closed site held is erased"),
}
