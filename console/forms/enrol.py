"""What is typed when a link is used."""

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import EqualTo

from console.forms import ConsoleForm, Length
from shudi.staff.codec.passwords import MAXIMUM


class EnrolForm(ConsoleForm):
    """Password twice, and a code that shows that the app has the secret.

    `sealed` carries that secret between the pages, encrypted and bound to the link.
    """

    password = PasswordField(
        _("Password"), [Length(MAXIMUM)], render_kw={"autocomplete": "new-password"}
    )
    password_again = PasswordField(
        _("Password again"),
        [EqualTo("password", _("The two passwords differ."))],
        render_kw={"autocomplete": "new-password"},
    )
    code = StringField(
        _("Code from the app"),
        [Length(16)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"},
    )
    sealed = HiddenField()
