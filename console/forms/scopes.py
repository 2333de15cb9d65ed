"""What an admin chooses of how far somebody's work reaches."""

from collections.abc import Sequence

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import IntegerField, RadioField, SelectMultipleField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, ValidationError

from console.forms import ConsoleForm
from shudi.staff.rules.scopes import Scope

ALL, SOME = "all", "some"
_NEEDED = InputRequired(_("Choose one."))


class ScopeFields(ConsoleForm):
    """Sites, and regions for those who supervise: all of them, or some that are ticked."""

    reach = RadioField(_("Sites"), [_NEEDED], choices=[ALL, SOME])
    sites = SelectMultipleField(_("These sites"), coerce=int, validate_choice=False)
    everywhere = RadioField(_("Regions"), choices=[ALL, SOME], default=ALL)
    regions = SelectMultipleField(_("These regions"), validate_choice=False)

    def offer(self, mine: Scope, sites: Sequence[tuple[int, str]], regions: Sequence[str]) -> None:
        """What whoever is signed in can give: `sites` as (id, name), `regions` as codes."""
        self.reach.choices = [ALL, SOME] if mine.unlimited else [SOME]
        self.sites.choices = [SelectChoice(number, name) for number, name in sites]
        self.regions.choices = [SelectChoice(code, code) for code in regions]

    def validate_sites(self, field: SelectMultipleField) -> None:
        """At least one, if some were meant."""
        self._check(field, self.reach.data == SOME, gettext("Choose at least one site."))

    def validate_regions(self, field: SelectMultipleField) -> None:
        """At least one, if some were meant."""
        self._check(field, self.everywhere.data == SOME, gettext("Choose at least one region."))

    def scope(self) -> Scope:
        """What was chosen."""
        return Scope(
            frozenset(self.sites.data) if self.reach.data == SOME else None,
            frozenset(self.regions.data) if self.everywhere.data == SOME else None,
        )

    def fill(self, scope: Scope) -> None:
        """Show `scope` as chosen."""
        self.reach.data = ALL if scope.sites is None else SOME
        self.sites.data = sorted(scope.sites or ())
        self.everywhere.data = ALL if scope.regions is None else SOME
        self.regions.data = sorted(scope.regions or ())

    def _check(self, field: SelectMultipleField, some: bool, needed: str) -> None:
        offered = {choice.value for choice in field.choices}
        if some and not field.data:
            raise ValidationError(needed)
        if some and not offered.issuperset(field.data):
            raise ValidationError(gettext("Choose from the list."))


class ScopeForm(ScopeFields):
    """The scope, and the person's version as it was seen."""

    version = IntegerField(validators=[InputRequired()])
