"""What an admin types about the people who work here."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _
from wtforms import IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from console import words
from console.forms import ConsoleForm, Length
from console.forms.scopes import ScopeFields
from shudi.staff.rules import Role

_LISTED = _("Choose one from the list.")


class _OfferingRoles(ConsoleForm):
    role = SelectField(_("Role"), coerce=Role, invalid_choice_message=_LISTED)

    def offer_roles(self, roles: Iterable[Role]) -> None:
        """Set the roles to choose from."""
        self.role.choices = [SelectChoice(role.value, words.ROLE[role]) for role in roles]


class InviteForm(_OfferingRoles, ScopeFields):
    """Who is to work here, as what, and on which sites."""

    name = StringField(
        _("Name"), [Length(64)], render_kw={"autocomplete": "off", "spellcheck": "false"}
    )


class RoleForm(_OfferingRoles):
    """Another role, and the person's version as it was seen."""

    version = IntegerField(validators=[InputRequired()])
