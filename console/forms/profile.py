"""What a person says about themselves."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, SelectField, StringField
from wtforms.fields.choices import SelectChoice

from console.forms import ConsoleForm, Length
from console.language import NAMES
from shudi.staff.rules import BREAKS

_LISTED = _("Choose one from the list.")


class PreferencesForm(ConsoleForm):
    """How the console speaks and looks. Empty means as the browser says."""

    language = SelectField(
        _("Language"),
        choices=[
            SelectChoice("", _("As the browser asks")),
            *(SelectChoice(code, name) for code, name in NAMES.items()),
        ],
        invalid_choice_message=_LISTED,
    )
    timezone = SelectField(_("Time zone"), invalid_choice_message=_LISTED)
    scheme = SelectField(
        _("Colours"),
        choices=[
            SelectChoice("", _("As the system does")),
            SelectChoice("light", _("Light")),
            SelectChoice("dark", _("Dark")),
        ],
        invalid_choice_message=_LISTED,
    )

    def offer_timezones(self, names: Iterable[str]) -> None:
        """Set the time zones to choose from."""
        self.timezone.choices = [SelectChoice("", "UTC"), *(SelectChoice(name) for name in names)]


class CareForm(ConsoleForm):
    """One's own pace; for oneself alone."""

    break_minutes = SelectField(
        _("Remind me of a break"),
        coerce=int,
        choices=[
            SelectChoice(0, _("Never")),
            *(SelectChoice(one, _("After %(num)d minutes", num=one)) for one in BREAKS),
        ],
        invalid_choice_message=_LISTED,
    )
    counts = BooleanField(_("Count what I have read today"))


class OwnAccountForm(ConsoleForm):
    """An account that is the person's own."""

    site = SelectField(_("Community"), invalid_choice_message=_LISTED)
    account = StringField(
        _("Account id"), [Length(128)], render_kw={"autocomplete": "off", "spellcheck": "false"}
    )

    def offer_sites(self, sites: Iterable[tuple[str, str]]) -> None:
        """Set the communities (key, name) to choose from."""
        self.site.choices = [SelectChoice(key, name) for key, name in sites]
