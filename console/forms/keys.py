"""A person's own shortcuts, and what comes chosen with them."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import BooleanField, SelectField
from wtforms.fields.choices import SelectChoice

from console import words
from console.forms import ConsoleForm
from console.keys import COMMANDS, Command, changed, conflicts
from shudi.staff.rules import Keyboard

_KEY = re.compile(r"\S( \S)?\Z")
_LISTED = _("Choose one from the list.")


def _choices(table: Mapping[str, object]) -> list[SelectChoice]:
    none = SelectChoice("", _("None: I choose each time"))
    return [none, *(SelectChoice(str(code), text) for code, text in table.items())]


class KeyboardForm(ConsoleForm):
    """Everything but the keys themselves, whose fields are as many as there are commands."""

    single = BooleanField(_("Shortcuts of one or two plain keys"))
    onward = BooleanField(_("After a decision, open the next case"))
    keep = SelectField(
        _("Reason that comes with “Keep”"),
        choices=_choices(words.KEEP_REASON),
        invalid_choice_message=_LISTED,
    )
    withhold = SelectField(
        _("Reason that comes with “Withhold”"),
        choices=_choices(words.REASON),
        invalid_choice_message=_LISTED,
    )

    def keyboard(self, keys: Mapping[str, str]) -> Keyboard:
        """What was chosen, with these keys."""
        return Keyboard(
            single=self.single.data,
            keys=changed(keys),
            keep=self.keep.data,
            withhold=self.withhold.data,
            onward=self.onward.data,
        )


def typed_keys(form: Mapping[str, str]) -> dict[str, str]:
    """What stands in the fields: full-width letters as the keys they are, an empty field as the
    shipped key, letters without a space between them (`gq`) as one after the other.
    """
    found = {}
    for one in COMMANDS:
        text = " ".join(unicodedata.normalize("NFKC", form.get(f"key-{one.id}", "")).split())
        if len(text) == 2:  # noqa: PLR2004 -- two keys
            text = f"{text[0]} {text[1]}"
        found[one.id] = text or one.key
    return found


def problems(keys: Mapping[str, str], among: Sequence[Command]) -> dict[str, str]:
    """What is wrong with these keys, by command, in words."""
    found = {}
    for command, other in conflicts(keys, among).items():
        if other is None:
            found[command] = gettext("Digits choose by place and cannot be given away.")
        else:
            text = gettext("“%(words)s” has this key already.", words=other.words)
            found[command] = text
    for command, key in keys.items():
        if not _KEY.match(key):
            found[command] = gettext("A shortcut is one key, or two one after the other.")
    return found
