"""Which cases lose one sender's reports."""

from flask import request
from wtforms import IntegerField, StringField
from wtforms.validators import InputRequired, NumberRange

from console.forms import ConsoleForm, Length

_LARGEST = 2**62


class SetAsideForm(ConsoleForm):
    """The newest report that was looked at, and words for the record."""

    seen = IntegerField(validators=[InputRequired(), NumberRange(0, _LARGEST)])
    text = StringField(validators=[Length(500, 0)])


def chosen_cases() -> list[int]:
    """The cases that are ticked; what is no number is none."""
    ticked = request.form.getlist("case", type=int)
    return sorted({case_id for case_id in ticked if 0 < case_id < _LARGEST})
