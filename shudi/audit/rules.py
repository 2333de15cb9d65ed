"""How audit rows are hashed. Pure."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any

DOMAIN = b"shudi-audit-row/1"
GENESIS = "0" * 64

# The hashed columns, in order. `row_hash` is their hash; `seq` is among them.
FIELDS = (
    "seq",
    "at",
    "actor_id",
    "actor_name",
    "action",
    "target_type",
    "target_id",
    "before",
    "after",
    "request_id",
    "text_mac",
    "prev_hash",
)


def row_hash(values: Sequence[object]) -> str:
    """SHA-256 (hex) of the domain tag and each of FIELDS, every one with its length in front.

    Length prefixes keep («ab», «c») and («a», «bc») apart.
    """
    digest = hashlib.sha256(DOMAIN)
    for value in values:
        data = str(value).encode()
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()


def text_mac(key: str, text: str) -> str:
    """HMAC-SHA-256 (hex) that binds erasable words to their row."""
    return hmac.new(bytes.fromhex(key), text.encode(), hashlib.sha256).hexdigest()


def canonical(value: dict[str, Any] | None) -> str:
    """The one JSON spelling of a before or after value; empty for none."""
    if value is None:
        return ""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)


def checkpoint_body(seq: int, head: str) -> bytes:
    """What a checkpoint signs: a signed-note body (C2SP tlog-checkpoint layout)."""
    return f"shudi/audit\n{seq}\n{head}\n".encode()
