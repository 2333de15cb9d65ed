"""What is typed to end a correction, and the place to continue a list from."""

from datetime import datetime

from wtforms import IntegerField, StringField
from wtforms.validators import InputRequired

from console.forms import ConsoleForm, Length

Cursor = tuple[datetime | None, int]


class LiftForm(ConsoleForm):
    """Why a correction should end."""

    version = IntegerField(validators=[InputRequired()])
    text = StringField(validators=[Length(500)])


def read_cursor(text: str) -> Cursor | None:
    """`instant~id`, the instant empty for corrections without an end; None for anything else."""
    try:
        instant, number = text.split("~")
        at = datetime.fromisoformat(instant) if instant else None
        cursor = (at, int(number))
    except ValueError:
        return None
    fits = (at is None or at.tzinfo is not None) and 0 < cursor[1] < 2**62
    return cursor if fits else None


def write_cursor(cursor: Cursor | None) -> str:
    """The same as text for an address."""
    if cursor is None:
        return ""
    return f"{cursor[0].isoformat() if cursor[0] else ''}~{cursor[1]}"
