"""Sending one message to the platform."""

import json
from datetime import datetime
from typing import Any

import requests

from shudi.outbox.rules import signature

TIMEOUT = (3.05, 10)  # seconds to connect, to answer
_OK = range(200, 300)


def post(
    *, url: str, secret: str, uid: str, topic: str, payload: dict[str, Any], now: datetime
) -> str:
    """POST a message; returns an empty string, or a static code of what went wrong."""
    body = json.dumps({"type": topic, "timestamp": now.isoformat(), "data": payload}).encode()
    timestamp = int(now.timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "shudi",
        "webhook-id": uid,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret, uid=uid, timestamp=timestamp, body=body),
    }
    try:
        answer = requests.post(
            url, data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False
        )
    except requests.Timeout:
        return "timeout"
    except requests.RequestException:
        return "unreachable"
    return "" if answer.status_code in _OK else f"status-{answer.status_code}"
