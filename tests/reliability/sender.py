"""A worker's senders as a process of their own, in a hurry: `python -m tests.reliability.sender
DATABASE_URL WEBHOOK_URL VAR LEASE_SECONDS`; runs until it is killed.
"""

import sys
import time
from datetime import timedelta
from pathlib import Path

from shudi import clock
from shudi.db import connect
from shudi.outbox import rules
from shudi.outbox.gateway import webhook
from shudi.regions.codec import load_vocabulary
from shudi.settings import Settings
from shudi.worker import Worker
from tests.receivers import SECRET


def main(url: str, platform: str, var: str, lease: str) -> None:
    # the same rules, but for their clock: hours of waiting prove nothing here
    rules.LEASE = timedelta(seconds=float(lease))  # type: ignore[misc]
    rules.RETRIES = (timedelta(milliseconds=50),) * 30  # type: ignore[misc]
    webhook.DEADLINE = 1.5  # type: ignore[misc]
    settings = Settings(
        var=Path(var),
        database_url=url,
        secret_key="not-a-secret-" * 4,
        webhook_url=platform,
        webhook_secret=SECRET,
    )
    working = Worker(settings, connect(url), load_vocabulary())
    print("ready", flush=True)
    while True:
        for sender in working.senders:
            sender.run(clock.now())
        time.sleep(0.02)


if __name__ == "__main__":
    main(*sys.argv[1:])
