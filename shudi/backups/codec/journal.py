"""The journal in the state folder: a line of JSON for each act that a restored copy must repeat.

Copy it to another machine as often as the checkpoints: without it a restore cannot know what was
deleted since.
"""

import dataclasses
import json
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from shudi.backups.rules import End, Line
from shudi.errors import Refused
from shudi.settings import Settings


def path_of(settings: Settings) -> Path:
    """Where it lies."""
    return settings.var / "ended.jsonl"


def read(path: Path) -> list[Line]:
    """Its lines, oldest first; none without a file. Refused if it was spoilt.

    A last line without its end was cut by a crash: it is written again, and left out here.
    """
    if not path.exists():
        return []
    whole = path.read_text(encoding="utf-8").split("\n")[:-1]
    try:
        return [_line(json.loads(text)) for text in whole]
    except (ValueError, KeyError, TypeError) as error:
        raise Refused("journal-spoilt", f"{path} is not what was written there.") from error


def write(path: Path, lines: Iterable[Line]) -> None:
    """Put `lines` in the place of all that was there, at once."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.writelines(_text(line) for line in lines)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _line(found: dict[str, str]) -> Line:
    return Line(
        End(found["end"]),
        int(found["seq"]),
        datetime.fromisoformat(found["at"]),
        found["key"],
        found["mac"],
    )


def _text(line: Line) -> str:
    return json.dumps(dataclasses.asdict(line), default=datetime.isoformat) + "\n"
