"""What a site's description may say. Pure."""

import re
import unicodedata
from typing import Any

from shudi.errors import Invalid

_KEY = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
# A web-extension match pattern (MDN «Match patterns»): scheme, host, path.
_MATCH = re.compile(r"(https?|\*)://(\*|(\*\.)?[a-z0-9.-]+(:\d+)?)/[^\s]*\Z")
KEY_MOST = 64
NAME_MOST = 120
CLOSING_REASON_MOST = 500
DEFAULT_ADAPTER: dict[str, Any] = {
    "version": 1,
    "account": [
        {
            "element": "[data-shudi-account]",
            "key": {"from": "attribute", "name": "data-shudi-account"},
            "place": "after",
        }
    ],
}


def is_key(key: str) -> bool:
    """Whether a site can be called `key`: kebab-case, at most 64 characters."""
    return len(key) <= KEY_MOST and _KEY.match(key) is not None


def check_key(key: str) -> str:
    """`key` if a site can be called so; Invalid otherwise."""
    if not is_key(key):
        raise Invalid("site-key", "A site's key is kebab-case, like tea-house.")
    return key


def check_name(name: str) -> str:
    """`name` as people read it: 1 to 120 characters that print; Invalid otherwise."""
    if not name.strip() or len(name) > NAME_MOST or not name.isprintable():
        raise Invalid("site-name", "A site's name has 1 to 120 characters.")
    return name


def check_match(patterns: list[str]) -> list[str]:
    """Match patterns of the pages a viewer may label; Invalid if one is none."""
    if not patterns or not all(_MATCH.match(pattern) for pattern in patterns):
        raise Invalid("site-match", "A match pattern looks like https://forum.example.org/*.")
    return patterns


def check_closing_reason(reason: str) -> str:
    """Why a site is to be closed, trimmed: 1 to 500 characters; Invalid otherwise."""
    reason = reason.strip()
    if not reason:
        raise Invalid("closing-reason", "Say why the site is to be closed.")
    if len(reason) > CLOSING_REASON_MOST:
        raise Invalid("closing-reason-long", "A reason has at most 500 characters.")
    if any(unicodedata.category(one) in {"Cc", "Cs"} and one not in "\n\r\t" for one in reason):
        raise Invalid("text-invalid", "The text has control characters.")
    return reason
