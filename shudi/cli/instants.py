"""Instants as people type them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from shudi import clock

_FROM_NOW = re.compile(r"([1-9][0-9]{0,3})([dh])\Z")
_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1)}


class Instant(click.ParamType[datetime]):
    """`90d` or `12h` from now, a UTC day (its end), or an instant with its offset."""

    name = "instant"

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        """The instant; a usage error for anything else."""
        if isinstance(value, datetime):
            return value
        if match := _FROM_NOW.match(value):
            return clock.now() + int(match[1]) * _UNITS[match[2]]
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            self.fail("is like 90d, 12h, 2027-01-31 or 2027-01-31T12:00+08:00", param, ctx)
        if found.tzinfo is not None:
            return found.astimezone(UTC)
        if len(value) > len("2027-01-31"):
            self.fail("needs an offset, like 2027-01-31T12:00+08:00", param, ctx)
        return found.replace(tzinfo=UTC) + _UNITS["d"]
