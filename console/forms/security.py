"""What is typed to change one's own ways in."""

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import EqualTo

from console.forms import ConsoleForm, Length
from shudi.staff.codec.passwords import MAXIMUM


class NewPasswordForm(ConsoleForm):
    """The present password, and another one twice."""

    present = PasswordField(
        _("Present password"), [Length(MAXIMUM)], render_kw={"autocomplete": "current-password"}
    )
    password = PasswordField(
        _("New password"), [Length(MAXIMUM)], render_kw={"autocomplete": "new-password"}
    )
    password_again = PasswordField(
        _("New password again"),
        [EqualTo("password", _("The two passwords differ."))],
        render_kw={"autocomplete": "new-password"},
    )


class AppForm(ConsoleForm):
    """A code that shows that the app has the secret, which `sealed` carries."""

    code = StringField(
        _("Code from the app"),
        [Length(16)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"},
    )
    sealed = HiddenField()


class PasskeyForm(ConsoleForm):
    """What the device made, and what its owner calls it."""

    name = StringField(_("Name of the passkey"), [Length(64)], render_kw={"required": True})
    passkey = HiddenField(validators=[Length(16_000)])
