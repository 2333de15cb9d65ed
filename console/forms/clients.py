"""What is typed about the keys of programs."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _
from wtforms import IntegerField, SelectField, SelectMultipleField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional

from console.forms import ConsoleForm, Length
from shudi.clients.actions.keys import NAME_MOST
from shudi.clients.rules import MINUTE_MOST, Scope

ENDS = (30, 90, 180, 365, 730, 0)  # days; 0: never
_ENDS = [SelectChoice(one, str(one)) for one in ENDS]
OVERLAPS = (0, 1, 24, 24 * 7, 24 * 30)  # hours


class KeyForm(ConsoleForm):
    """A new key."""

    name = StringField(_("Name"), [Length(NAME_MOST)])
    scopes = SelectMultipleField(
        _("Scopes"),
        [InputRequired(_("Choose at least one."))],
        choices=[SelectChoice(one.value, one.value) for one in Scope],
    )
    site = SelectField(_("Site"), coerce=int)
    days = SelectField(_("Ends"), coerce=int, choices=[SelectChoice(one, str(one)) for one in ENDS])
    limit = IntegerField(
        _("Requests a minute"),
        [Optional(), NumberRange(1, MINUTE_MOST, _("A number from 1 to 10,000,000."))],
    )

    def offer(self, sites: Sequence[tuple[int, str]]) -> None:
        """The sites that a key may be bound to."""
        self.site.choices = [SelectChoice(0, ""), *(SelectChoice(*site) for site in sites)]


class RotateForm(ConsoleForm):
    """How long the old key works beside the new one, in hours."""

    overlap = IntegerField(validators=[InputRequired(), NumberRange(0, OVERLAPS[-1])])
