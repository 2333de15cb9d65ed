"""What Shudi says while it runs: one event, one line.

Words that came from outside may hold line ends and terminal codes: written as they are, a stranger
could put lines into the log that nobody wrote (ASVS 16.4.1), or move the reader's cursor.
"""

import logging
import re
from typing import Any

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class OneLine(logging.Formatter):
    """A record and its traceback on one line; whatever steers a terminal is spelled out."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, as in `ERROR shudi.api unexpected error (line end, spelled out) Traceback`."""
        return _CONTROL.sub(_spelled, super().format(record))


def _spelled(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")


def configuration() -> dict[str, Any]:
    """For `logging.config.dictConfig`: everything to standard error, from INFO on."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "one-line": {"()": OneLine, "fmt": "%(levelname)s %(name)s %(message)s"},
        },
        "handlers": {"err": {"class": "logging.StreamHandler", "formatter": "one-line"}},
        "root": {"level": "INFO", "handlers": ["err"]},
        "loggers": {
            "alembic": {"level": "WARNING"},
            "_granian": {"level": "INFO", "propagate": True},
            "granian.access": {"level": "CRITICAL", "propagate": False},
        },
    }
