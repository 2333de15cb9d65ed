"""What a person says about themselves."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _
from wtforms import SelectField, StringField

from console.forms import ConsoleForm, Length
from console.language import NAMES


class PreferencesForm(ConsoleForm):
    """How the console speaks and looks. Empty means as the browser says."""

    language = SelectField(
        _("Language"),
        choices=[("", _("As the browser asks")), *NAMES.items()],
        render_kw={"autocomplete": "off"},
    )
    timezone = SelectField(_("Time zone"), render_kw={"autocomplete": "off"})
    scheme = SelectField(
        _("Colours"),
        choices=[("", _("As the system does")), ("light", _("Light")), ("dark", _("Dark"))],
        render_kw={"autocomplete": "off"},
    )

    def offer_timezones(self, names: Iterable[str]) -> None:
        """Set the time zones to choose from."""
        self.timezone.choices = [("", "UTC"), *((name, name) for name in names)]


class OwnAccountForm(ConsoleForm):
    """An account that is the person's own."""

    site = SelectField(_("Community"))
    account = StringField(
        _("Account id"), [Length(128)], render_kw={"autocomplete": "off", "spellcheck": "false"}
    )

    def offer_sites(self, sites: Iterable[tuple[str, str]]) -> None:
        """Set the communities (key, name) to choose from."""
        self.site.choices = list(sites)
