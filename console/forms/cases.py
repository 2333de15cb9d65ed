"""What is typed on a case's page."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import Form, IntegerField, StringField
from wtforms.validators import AnyOf, InputRequired, NumberRange, Optional, ValidationError

from console.forms import ConsoleForm, Length
from shudi.cases.rules import CannedKind
from shudi.labels.actions.corrections import Wish
from shudi.labels.rules import AtExpiry, CorrectionKind

VERDICTS = ("keep", "correct", "dismiss", "lift", "restore")
_LONGEST_DAYS = 3650
_TEXT_MOST = 2000
_MINUTE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")


def moment(form: Form, field: Any) -> None:
    """Raise ValidationError unless it is empty, or a minute as a browser writes it."""
    del form
    if field.data and not _MINUTE.fullmatch(field.data):
        raise ValidationError(gettext("Give a day and a time."))


def starting(text: str | None, zone: str) -> datetime | None:
    """The instant of a minute on somebody's clock. One that a change of clocks skips is moved as
    the zone's rules say; of one that comes twice it is the first.
    """
    try:
        local = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


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
    starts = StringField(validators=[Length(16, 0), moment])
    confirmed = StringField(validators=[Length(1, 0)])
    shown = StringField(validators=[Length(200, 0)])  # the risks that stood beside the form

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

    def wish(self, now: datetime, zone: str = "UTC") -> Wish:
        """The correction that was asked for; call it once a kind was chosen. `zone` is the clock
        of whoever typed when it begins.
        """
        days, starts = self.days.data, starting(self.starts.data, zone)
        return Wish(
            label_version=self.label_version.data,
            kind=CorrectionKind(self.kind.data),
            reason=self.reason.data or "",
            region=self.region.data or None,
            evidence=self.evidence.data or "",
            expires_at=(starts or now) + timedelta(days=days) if days else None,
            starts_at=starts,
            at_expiry=AtExpiry(self.at_expiry.data or AtExpiry.REQUEUE),
        )


class NoteForm(ConsoleForm):
    """An internal note."""

    text = StringField(validators=[Length(2000)])
