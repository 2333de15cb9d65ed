"""When the worker last ran, in the state folder, for the console's system page."""

import json
import threading
from collections.abc import Mapping
from datetime import datetime

from shudi.settings import Settings

_NAME = "worker.json"


def write(settings: Settings, *, now: datetime, jobs: Mapping[str, Mapping[str, int]]) -> None:
    """Say that the worker runs, and how often each job did something or failed."""
    path = settings.var / _NAME
    draft = path.with_name(f"{path.name}.{threading.get_ident()}")
    draft.write_text(json.dumps({"at": now.isoformat(), "jobs": jobs}), encoding="utf-8")
    draft.replace(path)


def last_run(settings: Settings) -> datetime | None:
    """When a worker of this state folder last did something; None if none ever has."""
    try:
        beat = json.loads((settings.var / _NAME).read_text(encoding="utf-8"))
        return datetime.fromisoformat(beat["at"])
    except (OSError, ValueError, KeyError):
        return None
