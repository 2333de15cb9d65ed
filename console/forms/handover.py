"""Giving a case to somebody, and passing it over."""

from wtforms import IntegerField, StringField
from wtforms.validators import InputRequired, NumberRange

from console.forms import ConsoleForm, Length

_LARGEST = 2**63 - 1  # what an id can be


class AssignForm(ConsoleForm):
    """Whom to, and who held it as the giver saw it (the claim's id, 0 for nobody)."""

    to = IntegerField(validators=[InputRequired(), NumberRange(1, _LARGEST)])
    claim = IntegerField(validators=[InputRequired()])
    text = StringField(validators=[Length(500, 0)])


class SkipForm(ConsoleForm):
    """Why a case is passed over; `then` may ask for the next one at once."""

    reason = StringField(validators=[Length(40, 0)])
    text = StringField(validators=[Length(500, 0)])
    then = StringField(validators=[Length(10, 0)])
