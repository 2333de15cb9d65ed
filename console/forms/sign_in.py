"""What is typed at the door."""

from flask_babel import lazy_gettext as _
from wtforms import PasswordField, StringField

from console.forms import ConsoleForm, Length
from shudi.staff.codec.passwords import MAXIMUM


class PasswordForm(ConsoleForm):
    """The first factor."""

    name = StringField(
        _("Name"),
        [Length(64)],
        render_kw={"autocomplete": "username", "autofocus": True, "spellcheck": "false"},
    )
    password = PasswordField(
        _("Password"), [Length(MAXIMUM)], render_kw={"autocomplete": "current-password"}
    )


class CodeForm(ConsoleForm):
    """The second factor."""

    code = StringField(
        _("Code"),
        [Length(16)],
        render_kw={
            "autocomplete": "one-time-code",
            "autofocus": True,
            "inputmode": "numeric",
            "spellcheck": "false",
        },
    )
