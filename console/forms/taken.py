"""What is typed to take a decision back, to cancel a plan, to look a second time."""

from wtforms import IntegerField, StringField
from wtforms.validators import AnyOf, InputRequired, Optional

from console.forms import ConsoleForm, Length
from shudi.cases.rules.decisions import Settled
from shudi.labels.rules import CorrectionKind


class BackForm(ConsoleForm):
    """A decision as it was seen, and why it does not stand."""

    version = IntegerField(validators=[InputRequired()])
    label_version = IntegerField(validators=[Optional()])
    text = StringField(validators=[Length(500, 0)])  # the act asks for one where it needs it


class LookForm(ConsoleForm):
    """A second verdict."""

    version = IntegerField(validators=[InputRequired()])
    verdict = StringField(validators=[AnyOf(("keep", "correct", "dismiss", "lift"))])
    keep_reason = StringField(validators=[Length(40, 0)])
    kind = StringField(validators=[Optional(), AnyOf([*CorrectionKind])])
    region = StringField(validators=[Length(6, 0)])
    reason = StringField(validators=[Length(40, 0)])
    text = StringField(validators=[Length(2000, 0)])


class SettleForm(ConsoleForm):
    """Whose verdict is right, and why."""

    version = IntegerField(validators=[InputRequired()])
    settled = StringField(validators=[AnyOf([*Settled])])
    text = StringField(validators=[Length(500)])
