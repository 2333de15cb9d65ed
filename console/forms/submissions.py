"""What is typed to decide on account information."""

from flask_babel import lazy_gettext as _
from wtforms import IntegerField, StringField
from wtforms.validators import AnyOf, InputRequired

from console.forms import ConsoleForm, Length


class SubmissionForm(ConsoleForm):
    """A verdict with its reason: a reason to accept, or the rule for which it is refused."""

    version = IntegerField(validators=[InputRequired()])
    verdict = StringField(validators=[AnyOf(("accept", "refuse"), message=_("Choose a decision."))])
    accept_reason = StringField(validators=[Length(40, 0)])
    rule = StringField(validators=[Length(40, 0)])
    text = StringField(validators=[Length(2000, 0)])
