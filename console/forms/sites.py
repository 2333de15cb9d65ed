"""What an admin types about a community."""

from flask_babel import lazy_gettext as _
from wtforms import StringField, TextAreaField

from console.forms import ConsoleForm, Length
from shudi.sites.rules import CLOSING_REASON_MOST, KEY_MOST


class ClosingForm(ConsoleForm):
    """The site's key once more, and why it is to be closed."""

    key = StringField(
        _("The site's key"),
        [Length(KEY_MOST)],
        render_kw={"autocomplete": "off", "spellcheck": "false", "class": "mono"},
    )
    reason = TextAreaField(_("Why"), [Length(CLOSING_REASON_MOST)], render_kw={"rows": 3})
