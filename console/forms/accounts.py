"""What is typed to find an account, and to look closer at one."""

from wtforms import StringField

from console.forms import ConsoleForm, Length


class LookForm(ConsoleForm):
    """Why somebody on the desk wants a case."""

    text = StringField(validators=[Length(500)])
