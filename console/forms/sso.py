"""What a provider sends along when somebody comes back from it."""

from wtforms import HiddenField

from console.forms import ConsoleForm, Length


class ReturnForm(ConsoleForm):
    """`code` or `error`; `state` says of which trip, `iss` by whom (RFC 9207)."""

    code = HiddenField(validators=[Length(2048, least=0)])
    state = HiddenField(validators=[Length(128)])
    iss = HiddenField(validators=[Length(255, least=0)])
    error = HiddenField(validators=[Length(128, least=0)])
