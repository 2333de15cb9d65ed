"""Where the demo is served. Two hosts, so that no cookie of one reaches the other."""

import os

CONSOLE_PORT = int(os.environ.get("SHUDI_DEMO_PORT", "8000"))
FORUM_PORT = int(os.environ.get("SHUDI_DEMO_FORUM_PORT", "8001"))
CONSOLE_HOST, FORUM_HOST = "localhost", "127.0.0.1"
FORUM_URL = f"http://{FORUM_HOST}:{FORUM_PORT}"
KEY_FILE = "demo-key"  # in the state folder: the forum's own API key
ADAPTER = {
    "version": 1,
    "account": [
        {
            "element": "a[data-account]",
            "key": {"from": "attribute", "name": "data-account"},
            "place": "after",
        }
    ],
}
