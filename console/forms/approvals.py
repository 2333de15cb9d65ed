"""What a second person types."""

from wtforms import IntegerField, StringField
from wtforms.validators import InputRequired, Optional

from console.forms import ConsoleForm, Length


class WordForm(ConsoleForm):
    """Yes, no or back, to what was seen as `version` and `label_version`."""

    version = IntegerField(validators=[InputRequired()])
    label_version = IntegerField(validators=[Optional()])
    text = StringField(validators=[Length(2000, 0)])  # the act asks for less, in clear words
