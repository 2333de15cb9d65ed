"""Which notices there are, what they may say, how they are signed and tried again. Pure."""

import base64
import binascii
import enum
import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from shudi.errors import Invalid


class Channel(enum.StrEnum):
    """Where a notice goes: to the platform's program, or to the desk's own address."""

    WEBHOOK = "webhook"
    MAIL = "mail"


class Topic(enum.StrEnum):
    """Every kind of notice there is; docs/notices.md says when each is sent and what it holds."""

    ACCOUNT_DECIDED = "account.decided"
    BRAKE_TRIPPED = "brake.tripped"
    CASE_DECIDED = "case.decided"
    CASE_REOPENED = "case.reopened"
    CONTEST_ANSWERED = "contest.answered"
    CONTEST_RECEIVED = "contest.received"
    CORRECTION_DUE = "correction.due"
    CORRECTION_EXPIRED = "correction.expired"
    CORRECTION_IN_FORCE = "correction.in_force"
    CORRECTION_LIFTED = "correction.lifted"
    DIGEST_EXPIRING = "digest.expiring"


CHANNELS: Final[dict[Topic, tuple[Channel, ...]]] = {
    Topic.ACCOUNT_DECIDED: (Channel.WEBHOOK,),
    Topic.BRAKE_TRIPPED: (Channel.WEBHOOK, Channel.MAIL),
    Topic.CASE_DECIDED: (Channel.WEBHOOK,),
    Topic.CASE_REOPENED: (Channel.WEBHOOK,),
    Topic.CONTEST_ANSWERED: (Channel.WEBHOOK,),
    Topic.CONTEST_RECEIVED: (Channel.WEBHOOK, Channel.MAIL),
    Topic.CORRECTION_DUE: (Channel.MAIL,),
    Topic.CORRECTION_EXPIRED: (Channel.WEBHOOK,),
    Topic.CORRECTION_IN_FORCE: (Channel.WEBHOOK,),
    Topic.CORRECTION_LIFTED: (Channel.WEBHOOK,),
    Topic.DIGEST_EXPIRING: (Channel.MAIL,),
}

# What may stand in braces. A webhook's words are for the account holder: they know the community
# and the place that the label shows, nothing of who decided or why. Mail names no account: it
# travels and is kept where Shudi has no say.
_HOLDER: Final = frozenset({"place", "site"})
_DESK: Final = frozenset({"case", "link", "site"})
WORDED: Final[dict[tuple[Topic, Channel], frozenset[str]]] = {
    (Topic.ACCOUNT_DECIDED, Channel.WEBHOOK): frozenset({"site"}),
    (Topic.CASE_DECIDED, Channel.WEBHOOK): _HOLDER,
    (Topic.CASE_REOPENED, Channel.WEBHOOK): _HOLDER,
    (Topic.CONTEST_ANSWERED, Channel.WEBHOOK): _HOLDER,
    (Topic.CONTEST_RECEIVED, Channel.WEBHOOK): _HOLDER,
    (Topic.CORRECTION_EXPIRED, Channel.WEBHOOK): _HOLDER,
    (Topic.CORRECTION_IN_FORCE, Channel.WEBHOOK): _HOLDER,
    (Topic.CORRECTION_LIFTED, Channel.WEBHOOK): _HOLDER,
    (Topic.BRAKE_TRIPPED, Channel.MAIL): _DESK,
    (Topic.CONTEST_RECEIVED, Channel.MAIL): _DESK,
    (Topic.CORRECTION_DUE, Channel.MAIL): frozenset({"link", "site"}),
    (Topic.DIGEST_EXPIRING, Channel.MAIL): frozenset({"count", "link", "site"}),
}

TITLE_MOST: Final = 120
TEXT_MOST: Final = 1000
_HOLE: Final = re.compile(r"\{([^{}]*)\}")
# Letters that turn the direction of what follows could make a notice say something else.
_TURNING: Final = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))


@dataclass(frozen=True, slots=True)
class Wording:
    """A notice's words, with {placeholders} or with what stands for them."""

    title: str
    text: str


def check_wording(topic: Topic, channel: Channel, wording: Wording) -> Wording:
    """The words without the space around them. Invalid, saying why, where they are none, are too
    many, hold what does not print, or a placeholder that this notice does not have.
    """
    known = WORDED.get((topic, channel))
    if known is None:
        raise Invalid("wording-unknown", "This notice has no words on this channel.")
    title = wording.title.strip()
    text = "\n".join(line.rstrip() for line in wording.text.strip().splitlines())
    if not 0 < len(title) <= TITLE_MOST or not 0 < len(text) <= TEXT_MOST:
        raise Invalid("wording-length", "A title of at most 120 characters, a text of 1000.")
    if not _prints(title) or not all(_prints(line) for line in text.split("\n")):
        raise Invalid("wording-letters", "The words hold characters that do not print.")
    wrong = sorted(placeholders(title + text) - known)
    rest = _HOLE.sub("", title + text)
    if wrong or "{" in rest or "}" in rest:
        raise Invalid("wording-placeholder", "A placeholder that does not exist.", known=known)
    return Wording(title, text)


def _prints(line: str) -> bool:
    return not any(
        unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") or letter in _TURNING
        for letter in line
    )


def placeholders(text: str) -> set[str]:
    """What stands in braces."""
    return set(_HOLE.findall(text))


def fill(wording: Wording, facts: Mapping[str, str]) -> Wording:
    """The words with each placeholder's fact in its place; one without a fact stays empty."""

    def put(text: str) -> str:
        return _HOLE.sub(lambda hole: facts.get(hole[1], ""), text)

    # a fact may hold a line break or braces; a title may not, and nothing is filled twice
    return Wording(" ".join(put(wording.title).split()), put(wording.text))


# -- signing --------------------------------------------------------------------------------------

SECRET_PREFIX: Final = "whsec_"  # noqa: S105 -- the layout's prefix, not a secret
_SECRET_BYTES: Final = range(24, 65)


def check_secret(secret: str) -> str:
    """A signing secret as Standard Webhooks writes it: `whsec_` and 24 to 64 bytes in base64."""
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) not in _SECRET_BYTES:
        raise Invalid("receiver-secret", "A secret is whsec_ and 24 to 64 bytes in base64.")
    return secret


def make_secret(random: bytes) -> str:
    """The secret of these random bytes."""
    return SECRET_PREFIX + base64.b64encode(random).decode()


def signature(secrets: Iterable[str], *, uid: str, timestamp: int, body: bytes) -> str:
    """The `webhook-signature` header of the Standard Webhooks layout (symmetric, `v1`): one
    signature for each secret, so that a receiver may change over while both are good.
    """
    signed = f"{uid}.{timestamp}.".encode() + body
    return " ".join("v1," + _mac(secret, signed) for secret in secrets)


def _mac(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


# -- trying again ---------------------------------------------------------------------------------

KEPT: Final = timedelta(days=30)
# Longer than any attempt may take: whoever has not said by then what became of a message is gone.
LEASE: Final = timedelta(seconds=60)
# At most so many attempts at one receiver at once: one that hangs cannot hold all lanes.
PER_RECEIVER: Final = 2
# After the last of these the message waits for a person.
RETRIES: Final = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=24),
)
JITTER: Final = 0.25  # up to so much longer, so that what failed together does not come together
# Words for an attempt that no repetition mends.
FINAL: Final = frozenset({"gone", "no-receiver"})


def retry_after(attempts: int, share: float) -> timedelta | None:
    """How long to wait after that many failed attempts; None: give up until a person replays.

    `share` is a random number from 0 to 1, which spreads the waits.
    """
    if attempts > len(RETRIES):
        return None
    return RETRIES[attempts - 1] * (1 + JITTER * share)
