"""What an admin writes down of an authority's request, and what is chosen for an export."""

from typing import Any

from flask import request
from flask_babel import lazy_gettext as _
from wtforms import DateField, IntegerField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange

from console import inspection_words
from console.forms import ConsoleForm, Length
from shudi.oversight.rules import (
    LONGEST,
    Basis,
    Format,
    Kind,
    Reach,
    Request,
    Table,
    Telling,
)

_DIGITS = 18  # what a 64-bit id has at most
_LISTED = _("Choose one from the list.")
_NEEDED = InputRequired(message=_("Please fill this in."))


def _one(codes: type[Any], words: dict[str, Any], **more: Any) -> SelectField:
    return SelectField(
        coerce=codes,
        choices=[SelectChoice(code.value, words[code]) for code in codes],
        invalid_choice_message=_LISTED,
        **more,
    )


class RequestForm(ConsoleForm):
    """An inspection as it is proposed."""

    authority = StringField(validators=[Length(120)])
    number = StringField(validators=[Length(80)])
    dated = DateField(validators=[_NEEDED])
    basis = _one(Basis, inspection_words.BASIS)
    purpose = StringField(validators=[Length(500)])
    supervisors = SelectMultipleField(coerce=int, validate_choice=False)
    sites = SelectMultipleField(coerce=int, validate_choice=False)
    reach = _one(Reach, inspection_words.REACH, default=Reach.NAMED)
    accounts = StringField(validators=[Length(30_000, 0)])
    regions = SelectMultipleField(validate_choice=False)
    since = DateField(validators=[_NEEDED])
    until = DateField(validators=[_NEEDED])
    kinds = SelectMultipleField(
        coerce=Kind, choices=[SelectChoice(one.value, one.value) for one in Kind]
    )
    days = IntegerField(
        validators=[
            InputRequired(message=_("Please fill this in.")),
            NumberRange(1, LONGEST.days, message=inspection_words.ERROR["inspection-long"]),
        ]
    )
    telling = _one(Telling, inspection_words.TELLING, default=Telling.AFTERWARDS)
    untold_because = StringField(validators=[Length(500, 0)])

    def request(self) -> Request:
        """The request; call it once the form has its shape."""
        named = self.reach.data is Reach.NAMED
        return Request(
            authority=self.authority.data,
            number=self.number.data,
            dated=self.dated.data,
            basis=self.basis.data,
            purpose=self.purpose.data,
            supervisors=frozenset(self.supervisors.data or ()),
            sites=frozenset(self.sites.data or ()),
            reach=self.reach.data,
            accounts=_lines(self.accounts.data or "") if named else (),
            regions=frozenset(() if named else self.regions.data or ()),
            since=self.since.data,
            until=self.until.data,
            kinds=frozenset(self.kinds.data or ()),
            days=self.days.data,
            telling=self.telling.data,
            untold_because=self.untold_because.data or "",
        )


def _lines(text: str) -> tuple[str, ...]:
    """Ids, one a line; one that is there twice counts once."""
    return tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


class WordForm(ConsoleForm):
    """An inspection as it was seen, and words where the act asks for them."""

    version = IntegerField(validators=[InputRequired()])
    text = StringField(validators=[Length(500, 0)])


class LongerForm(WordForm):
    """How long it is to run from the second person's word on."""

    days = IntegerField(validators=[InputRequired(), NumberRange(1, LONGEST.days)])


class ExportForm(ConsoleForm):
    """Which table, as which file."""

    table = _one(Table, inspection_words.TABLE)
    file = _one(Format, {one: one.value for one in Format})


def asked(name: str) -> int | None:
    """The number of that name in the query; None where it means nothing."""
    text = request.args.get(name, "")
    fits = text.isascii() and text.isdigit() and len(text) <= _DIGITS
    return int(text) if fits else None
