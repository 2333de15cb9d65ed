"""What is typed, pasted, uploaded or ticked to make a batch, and to decide on one."""

import re
import secrets
from collections.abc import Iterable

from flask import request
from flask_babel import lazy_gettext as _
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import AnyOf, InputRequired, NumberRange, Optional

from console.forms import ConsoleForm, Length
from shudi.cases.actions.batches.preview import Foreseen
from shudi.cases.codec.batch_list import Parsed, read
from shudi.cases.rules.batches import CHOSEN, BatchAct, Terms
from shudi.errors import Invalid
from shudi.labels.rules import AtExpiry

_DAYS_MOST = 3650
_PICK = re.compile(r"(\d{1,18}):(\d{1,9})?")
_SEEN = re.compile(r"(\d{1,6}):(\d{1,9})")


class BatchForm(ConsoleForm):
    """An act on a list. `uid` tells a form that is sent twice from two forms."""

    uid = StringField(default=lambda: secrets.token_hex(16), validators=[Length(32, 32)])
    site = StringField(validators=[Length(64, 1)])
    act = StringField(validators=[AnyOf([*CHOSEN], message=_("Choose what is to be done."))])
    reason = StringField(validators=[Length(40, 0)])
    text = TextAreaField(validators=[Length(500, 0)])
    days = IntegerField(validators=[Optional(), NumberRange(1, _DAYS_MOST)])
    at_expiry = StringField(validators=[Optional(), AnyOf([*AtExpiry])])
    accounts = TextAreaField()

    def terms(self) -> Terms:
        """What is to be done; call it once the form has its shape."""
        act = BatchAct(self.act.data)
        if act is BatchAct.LIFT:
            return Terms(act=act, text=self.text.data or "")
        ends = AtExpiry(self.at_expiry.data or AtExpiry.REQUEUE)
        if act is BatchAct.WITHHOLD:
            ends = AtExpiry.REQUEUE  # the page does not ask
        return Terms(
            act=act,
            reason=self.reason.data or "",
            text=self.text.data or "",
            days=self.days.data,
            at_expiry=ends,
        )

    def take_file(self) -> None:
        """Put an uploaded list behind what was typed; Invalid where it is no text."""
        upload = request.files.get("file")
        if upload is None or not upload.filename:
            return
        try:
            text = upload.stream.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise Invalid("list-encoding", "The file is no UTF-8 text.") from None
        typed = (self.accounts.data or "").strip()
        # a header counts in the first line only
        self.accounts.data = "\n".join(part for part in (text.strip("\n"), typed) if part)

    def parsed(self) -> Parsed:
        """The list, taken apart."""
        return read(self.accounts.data or "")


class WordForm(ConsoleForm):
    """A batch as it was seen, and words where the act asks for them."""

    version = IntegerField(validators=[InputRequired()])
    text = StringField(validators=[Length(500, 0)])


class BackForm(WordForm):
    """How a batch is taken back."""

    uid = StringField(default=lambda: secrets.token_hex(16), validators=[Length(32, 32)])
    act = StringField(validators=[AnyOf([BatchAct.UNDO, BatchAct.REVERT])])


def ticked() -> dict[int, int | None]:
    """Accounts that were ticked on a list, with the label version that it showed."""
    found = (_PICK.fullmatch(one) for one in request.form.getlist("pick"))
    return {int(one[1]): int(one[2]) if one[2] else None for one in found if one}


def shown(text: str) -> dict[int, int]:
    """Label versions by position, as a preview showed them: `1:4 2:7`."""
    return {int(one[1]): int(one[2]) for one in map(_SEEN.fullmatch, text.split()) if one}


def write_shown(items: Iterable[Foreseen]) -> str:
    """The same as text for a hidden field."""
    return " ".join(f"{one.position}:{one.seen}" for one in items if one.seen)
