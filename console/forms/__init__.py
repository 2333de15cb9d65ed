"""Shapes of what people type, one module a noun. What it means is asked in the noun's rules."""

import unicodedata
from typing import Any

from flask_babel import gettext
from wtforms import Form
from wtforms.validators import ValidationError

_ALLOWED = "\n\r\t"


class ConsoleForm(Form):  # type: ignore[misc]
    """A form whose texts hold no control characters or lone surrogates, which no store takes.

    The token is not a field: console.csrf asks for it on every unsafe request.
    """

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether every field has its shape; errors are on the fields."""
        ok = bool(super().validate(extra_validators))
        for field in self:
            if isinstance(field.data, str) and not _is_text(field.data):
                field.errors = [*field.errors, gettext("This holds characters that are no text.")]
                ok = False
        return ok


class Length:
    """Between `least` and `most` characters, said in the reader's language."""

    def __init__(self, most: int, least: int = 1) -> None:
        self.least, self.most = least, most

    def __call__(self, form: Form, field: Any) -> None:
        """Raise ValidationError if not."""
        del form
        size = len((field.data or "").strip())
        if size < self.least:
            raise ValidationError(gettext("Please fill this in."))
        if size > self.most:
            raise ValidationError(gettext("At most %(most)d characters.", most=self.most))


def _is_text(value: str) -> bool:
    return all(
        letter in _ALLOWED or unicodedata.category(letter) not in ("Cc", "Cs") for letter in value
    )
