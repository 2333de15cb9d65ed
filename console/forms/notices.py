"""What the list of notices may be asked for, and what is typed about receivers and words."""

import enum
from typing import TypeVar

from werkzeug.datastructures import MultiDict
from wtforms import IntegerField, StringField
from wtforms.validators import InputRequired

from console.forms import ConsoleForm, Length
from shudi.outbox.codec import LANGUAGES
from shudi.outbox.gateway.addresses import URL_MOST
from shudi.outbox.queries import Filter
from shudi.outbox.rules import WORDED, Channel, Topic, Wording
from shudi.outbox.store import MessageState
from shudi.sites.actions.wordings import Which
from shudi.sites.queries import SiteRow

_DIGITS = 18  # what a 64-bit id has at most
# More than the rules take: they say in clear words what is too much.
_MUCH = 4000
Member = TypeVar("Member", bound=enum.StrEnum)


def read_filter(args: MultiDict[str, str], sites: list[SiteRow]) -> Filter:
    """The filter of an address; what means nothing is ignored."""
    topic = _member(Topic, args.get("topic"))
    before = args.get("before", "")
    return Filter(
        state=_member(MessageState, args.get("state")),
        topic=topic.value if topic else None,
        channel=_member(Channel, args.get("channel")),
        site_id=next((site.id for site in sites if site.key == args.get("site")), None),
        before=int(before)
        if before.isascii() and before.isdigit() and len(before) <= _DIGITS
        else None,
    )


def read_which(args: MultiDict[str, str], site_id: int) -> Which | None:
    """Which words an address or a form means; None for none that there are."""
    topic, channel = _member(Topic, args.get("topic")), _member(Channel, args.get("channel"))
    language = args.get("language", "")
    if topic is None or channel is None or language not in LANGUAGES:
        return None
    return Which(site_id, topic, channel, language) if (topic, channel) in WORDED else None


def _member(kind: type[Member], text: str | None) -> Member | None:
    return next((one for one in kind if one.value == text), None)


class ReceiverForm(ConsoleForm):
    """Where a site's webhooks go."""

    version = IntegerField(validators=[InputRequired()])
    url = StringField(validators=[Length(URL_MOST, 0)])


class VersionForm(ConsoleForm):
    """A button, and what its page showed."""

    version = IntegerField(validators=[InputRequired()])


class WordingForm(ConsoleForm):
    """A notice's words."""

    version = IntegerField(validators=[InputRequired()])
    title = StringField(validators=[Length(_MUCH, 0)])
    text = StringField(validators=[Length(_MUCH, 0)])

    def wording(self) -> Wording:
        """As typed, with the line ends that we keep."""
        text = (self.text.data or "").replace("\r\n", "\n").replace("\r", "\n")
        return Wording(self.title.data or "", text)
