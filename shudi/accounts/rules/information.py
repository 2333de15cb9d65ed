"""What account information may look like. Pure."""

import dataclasses
import re
import unicodedata
from urllib.parse import urlsplit

from shudi.errors import Invalid

IDENTIFIER_MOST = 128
NAME_MOST = 128
BIO_MOST = 500
URL_MOST = 500
# Empty, or a host, perhaps a port, and anything behind it; no name and password before it. Means
# the same in Python and in JSON Schema.
_NO_SPACE = r"\u0000-\u0020\u007f-\u00a0\u202a-\u202e\u2066-\u2069"
URL_PATTERN = rf"^(https?://[^{_NO_SPACE}/?#@:\[\]\\]+(:[0-9]{{1,5}})?([/?#][^{_NO_SPACE}]*)?)?$"
_URL = re.compile(URL_PATTERN.removesuffix("$") + r"\Z")
# Embeddings, overrides, isolates: in a name they turn the words around it (CVE-2021-42574).
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class AccountInfo:
    """What a platform says of an account. `handle` is None where it has none."""

    handle: str | None = None
    name: str = ""
    avatar_url: str = ""
    bio: str = ""
    protection: str = "none"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`accepted`, `pending` (old values stay live) or `refused` with rule and article."""

    verdict: str
    rule: str = ""
    article: str = ""


def check_identifier(text: str) -> str:
    """An account's id or handle: NFC, 1 to 128 characters, none of them a control or surrogate."""
    plain = isinstance(text, str) and text.isascii() and text.isprintable()
    if plain and 0 < len(text) <= IDENTIFIER_MOST:
        return text  # nearly all are: a batch of sightings checks thousands
    if not isinstance(text, str) or not text or len(text) > 4 * IDENTIFIER_MOST:
        raise Invalid("account-invalid", "An account id has 1 to 128 characters.")
    text = _plain(text, "account-invalid")
    if len(text) > IDENTIFIER_MOST:
        raise Invalid("account-invalid", "An account id has 1 to 128 characters.")
    return text


def _plain(text: str, code: str, *, breaks: bool = False) -> str:
    """`text` in NFC; Invalid(code) for control characters, surrogates and direction overrides."""
    if text.isascii() and text.isprintable():
        return text
    for character in text:
        category = unicodedata.category(character)
        if character in _BIDI or category == "Cs":
            raise Invalid(code, "The text has characters that cannot be shown safely.")
        if category == "Cc" and not (breaks and character == "\n"):
            raise Invalid(code, "The text has control characters.")
    return unicodedata.normalize("NFC", text)


def check_info(info: AccountInfo) -> AccountInfo:
    """`info` in NFC; Invalid naming the first field that is over its limit, sent or kept."""
    name = _plain(info.name, "name-invalid").strip()
    bio = _plain(info.bio.replace("\r\n", "\n"), "bio-invalid", breaks=True)
    if max(len(name), len(info.name)) > NAME_MOST:
        raise Invalid("name-too-long", "A name has at most 128 characters.")
    if max(len(bio), len(info.bio)) > BIO_MOST:
        raise Invalid("bio-too-long", "A bio has at most 500 characters.")
    if info.avatar_url:
        _check_url(info.avatar_url)
    if info.protection not in ("none", "protected", "minor"):
        raise Invalid("protection-unknown", "protection is none, protected or minor.")
    handle = check_identifier(info.handle) if info.handle else None
    return dataclasses.replace(info, name=name, bio=bio, handle=handle)


def _check_url(url: str) -> None:
    _plain(url, "avatar-invalid")
    try:
        urlsplit(url)
        known = _URL.match(url) is not None
    except ValueError:  # letters that some software reads as / or @
        known = False
    if len(url) > URL_MOST or not known:
        raise Invalid("avatar-invalid", "An avatar is an http or https address.")


def fold_page_key(text: str, fold: str) -> str:
    """`text` as a site compares what its pages show: `exact` or `casefold` (both NFC)."""
    text = unicodedata.normalize("NFC", text)
    return unicodedata.normalize("NFC", text.casefold()) if fold == "casefold" else text


def search_key(text: str) -> str:
    """`text` as people search for it: compatibility forms and case folded."""
    return unicodedata.normalize("NFKC", text).casefold()[:256]
