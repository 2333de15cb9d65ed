"""What is typed at the door."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import HiddenField, PasswordField, StringField

from console.forms import ConsoleForm, Length
from shudi.staff.actions import Proof
from shudi.staff.codec.passwords import MAXIMUM

# What is said at the field of a second factor.
REFUSALS = frozenset({"code-refused", "passkey-refused", "recovery-refused"})


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
    """The second factor: the app's code, a recovery code, or what a passkey signed."""

    code = StringField(
        _("Code"),
        [Length(16, least=0)],
        render_kw={
            "autocomplete": "one-time-code",
            "autofocus": True,
            "inputmode": "numeric",
            "spellcheck": "false",
        },
    )
    recovery = StringField(
        _("Recovery code"),
        [Length(64, least=0)],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )

    passkey = HiddenField(validators=[Length(16_000, least=0)])

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether one of them was given."""
        ok = super().validate(extra_validators)
        if not any((field.data or "").strip() for field in self):
            self.code.errors = [gettext("Please fill this in.")]
            ok = False
        return ok

    def proof(self) -> Proof:
        """What the acts are given."""
        return Proof(
            code=self.code.data or "",
            recovery=(self.recovery.data or "").strip(),
            passkey=self.passkey.data or "",
        )

    def refuse(self, why: str) -> None:
        """Say at the field that was used why it is not enough."""
        self.passkey.data = ""  # it was for once
        if (self.recovery.data or "").strip():
            self.recovery.errors = [why]
        else:
            self.code.errors = [why]


class PasskeyAloneForm(ConsoleForm):
    """What a passkey signed that stands for both factors."""

    passkey = HiddenField(validators=[Length(16_000)])
