"""What is typed on a case's page."""

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _
from wtforms import IntegerField, StringField
from wtforms.validators import AnyOf, InputRequired, NumberRange, Optional

from console.forms import ConsoleForm, Length
from shudi.cases.rules import CannedKind
from shudi.labels.actions.corrections import Wish
from shudi.labels.rules import AtExpiry, CorrectionKind

VERDICTS = ("keep", "correct", "dismiss", "lift", "restore")
_LONGEST_DAYS = 3650
_TEXT_MOST = 2000


class DecisionForm(ConsoleForm):
    """A verdict with its reason. Which fields count depends on the verdict; the act asks."""

    version = IntegerField(validators=[InputRequired()])
    label_version = IntegerField(validators=[InputRequired()])
    verdict = StringField(validators=[AnyOf(VERDICTS, message=_("Choose a decision."))])
    keep_reason = StringField(validators=[Length(40, 0)])
    text = StringField(validators=[Length(2000, 0)])
    kind = StringField(validators=[Optional(), AnyOf([*CorrectionKind])])
    region = StringField(validators=[Length(6, 0)])
    reason = StringField(validators=[Length(40, 0)])
    evidence = StringField(validators=[Length(2000, 0)])
    days = IntegerField(validators=[Optional(), NumberRange(1, _LONGEST_DAYS)])
    at_expiry = StringField(validators=[Optional(), AnyOf([*AtExpiry])])
    answer = StringField(validators=[Length(2000, 0)])
    canned = IntegerField(validators=[Optional()])

    def choose(self, ready: CannedKind) -> None:
        """Choose the decision that ready words are for, where none is chosen yet."""
        if not self.verdict.data:
            correction = ready.value in [*CorrectionKind]
            self.verdict.data = "correct" if correction else ready.value
            if correction:
                self.kind.data = ready.value

    def append(self, words: str) -> bool:
        """Put `words` behind what was typed, in the box of the chosen decision; False if the box
        cannot hold both.
        """
        box = self.evidence if self.verdict.data == "correct" else self.text
        whole = "\n".join(one for one in ((box.data or "").rstrip(), words) if one)
        if len(whole) > _TEXT_MOST:
            return False
        box.data = whole
        return True

    def wish(self, now: datetime) -> Wish:
        """The correction that was asked for; call it once a kind was chosen."""
        days = self.days.data
        return Wish(
            label_version=self.label_version.data,
            kind=CorrectionKind(self.kind.data),
            reason=self.reason.data or "",
            region=self.region.data or None,
            evidence=self.evidence.data or "",
            expires_at=now + timedelta(days=days) if days else None,
            at_expiry=AtExpiry(self.at_expiry.data or AtExpiry.REQUEUE),
        )


class NoteForm(ConsoleForm):
    """An internal note."""

    text = StringField(validators=[Length(2000)])
