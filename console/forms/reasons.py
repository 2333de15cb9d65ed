"""What is typed on the page of ready words."""

from wtforms import IntegerField, StringField
from wtforms.validators import AnyOf, InputRequired

from console.forms import ConsoleForm, Length
from shudi.cases.rules import CannedKind
from shudi.regions.rules import LANGUAGES


class WordsForm(ConsoleForm):
    """Words that are there already: a name and a text, with the version that was seen."""

    version = IntegerField(validators=[InputRequired()])
    title = StringField(validators=[Length(80)])
    text = StringField(validators=[Length(2000)])


class NewWordsForm(ConsoleForm):
    """New words, for a decision and in a language."""

    kind = StringField(validators=[AnyOf([*CannedKind])])
    language = StringField(validators=[AnyOf(LANGUAGES)])
    title = StringField(validators=[Length(80)])
    text = StringField(validators=[Length(2000)])


class RetireForm(ConsoleForm):
    """Which version is taken out of use."""

    version = IntegerField(validators=[InputRequired()])
