"""Where an account was seen, month by month, as a picture: the geometry of an SVG.

The server draws it, so that it needs no script and no inline style; the table behind it says the
same in words. Lengths are CSS pixels: the picture keeps its size and scrolls where it is wide.
"""

import dataclasses
from collections.abc import Sequence
from datetime import date

from flask import Flask
from flask_babel import format_date, ngettext

from console.present import place
from shudi.labels.queries.desk import MonthSeen

_ROWS_MOST = 6  # places by name; the rest is one row
_BAR_HIGH, _GAP = 30, 8
_NARROWEST, _WIDEST, _WHOLE = 46, 120, 480  # of a column, and of them together while they fit
_NAME_HIGH, _DAYS_HIGH, _ROW_GAP = 18, 15, 8
_FOOT = 34
_LEAST_FULL = 7  # days of a full bar: one day a month is not drawn as if it were many


@dataclasses.dataclass(frozen=True, slots=True)
class Bar:
    """One month of one place. `high`: of the busiest month's full height, at least a visible
    line.
    """

    x: int
    high: float
    days: int


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One place. `nowhere`: activity that gave no place."""

    name: str
    y: int
    bars: list[Bar]
    nowhere: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Month:
    """A column's name; the year stands under the first and under each January."""

    x: int
    name: str
    year: str


@dataclasses.dataclass(frozen=True, slots=True)
class Picture:
    """What the template draws, and `words` for those who do not see it."""

    width: int
    height: int
    rows: list[Row]
    months: list[Month]
    words: str
    bar_wide: int

    bar_high = _BAR_HIGH
    name_high = _NAME_HIGH


def register(app: Flask) -> None:
    """Let templates draw."""
    app.jinja_env.globals["months_picture"] = draw


def draw(seen: Sequence[MonthSeen]) -> Picture | None:
    """The picture of these months, or None where nothing was seen."""
    if not seen:
        return None
    months = _months(min(one.month for one in seen), max(one.month for one in seen))
    places = _by_place(seen)
    column = max(_NARROWEST, min(_WIDEST, _WHOLE // len(months)))
    full = max(_LEAST_FULL, *(count for _, days, _ in places for count in days.values()))
    high = _NAME_HIGH + _BAR_HIGH + _DAYS_HIGH + _ROW_GAP
    rows = [
        Row(name, at * high, _bars(days, months, column, full), nowhere)
        for at, (name, days, nowhere) in enumerate(places)
    ]
    columns = [
        Month(
            at * column,
            format_date(month, "LLL"),
            format_date(month, "y") if at == 0 or month.month == 1 else "",
        )
        for at, month in enumerate(months)
    ]
    words = "; ".join(_told(name, sum(days.values())) for name, days, _ in places)
    width = max(len(months) * column, 3 * _NARROWEST)
    return Picture(width, len(rows) * high + _FOOT, rows, columns, words, column - _GAP)


def _told(name: str, days: int) -> str:
    return f"{name}: {ngettext('%(num)d day', '%(num)d days', days)}"


def _months(first: date, last: date) -> list[date]:
    """Every month between the two, so that a gap looks like one."""
    months = [first]
    while months[-1] < last:
        year, month = divmod(months[-1].year * 12 + months[-1].month, 12)
        months.append(date(year, month + 1, 1))
    return months


def _by_place(seen: Sequence[MonthSeen]) -> list[tuple[str, dict[date, int], bool]]:
    """Days a month of each place, most days first; what is too many is one place «others»."""
    found: dict[str, dict[date, int]] = {}
    for one in seen:
        found.setdefault(one.region, {})[one.month] = one.days
    ranked = sorted(found.items(), key=lambda item: (-sum(item[1].values()), item[0]))
    kept = ranked if len(ranked) <= _ROWS_MOST else ranked[: _ROWS_MOST - 1]
    rows = [(place(code), days, not code) for code, days in kept]
    rest = ranked[len(kept) :]
    if rest:
        others: dict[date, int] = {}
        for _, days in rest:
            for month, count in days.items():
                others[month] = others.get(month, 0) + count
        name = ngettext("%(num)d other place", "%(num)d other places", len(rest))
        rows.append((name, others, False))
    return rows


def _bars(days: dict[date, int], months: list[date], column: int, full: int) -> list[Bar]:
    counts = [days.get(month, 0) for month in months]
    return [Bar(at * column, _high(count, full), count) for at, count in enumerate(counts)]


def _high(count: int, full: int) -> float:
    return round(max(2.0, count * _BAR_HIGH / full), 1) if count else 0.0
