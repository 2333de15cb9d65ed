"""What an account holder types."""

from wtforms import IntegerField, StringField
from wtforms.validators import InputRequired

from console.forms import ConsoleForm, Length
from shudi.cases.rules import CONTEST_TEXT_MOST


class ContestForm(ConsoleForm):
    """What is wrong with the label, as the holder sees it, and what shows that."""

    label_version = IntegerField(validators=[InputRequired()])
    text = StringField(validators=[Length(CONTEST_TEXT_MOST)])
    evidence = StringField(validators=[Length(CONTEST_TEXT_MOST, 0)])
