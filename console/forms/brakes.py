"""What is typed to decide on a brake."""

from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange, Optional

from console.forms import ConsoleForm


class BrakeForm(ConsoleForm):
    """Accept (and let more pass for a while) or reject."""

    version = IntegerField(validators=[InputRequired()])
    waive_hours = IntegerField(validators=[Optional(), NumberRange(0, 72)])
