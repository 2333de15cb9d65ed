"""The desk's figures as tables, one behind each picture. The table is what is true: the page
draws its picture from the table's cells, and the export writes the same cells.
"""

import dataclasses
from collections.abc import Sequence
from datetime import date, timedelta

from flask_babel import format_date, format_decimal, gettext

from shudi.cases.rules.figures import FEWEST

HOUR = 3600
DAY = 24 * HOUR
_HOURS_MOST = 72  # longer times read better in days
_POINTS_MOST = 31  # on a line; more days are taken together by week


@dataclasses.dataclass(frozen=True, slots=True)
class Cell:
    """A value as the picture and the export take it, and as people read it."""

    value: float | None
    text: str


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """A line of the table. `code` is what does not change with the language."""

    code: str
    name: str
    cells: tuple[Cell, ...]
    short: str = ""  # the name where room is scarce


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A table and how to draw its first `drawn` columns (0: all): `lines`, `bars` that lie,
    `columns` that stand; `…-stacked`: on top of each other.
    """

    key: str
    title: str
    finding: str  # what the picture shows, in a sentence
    drawing: str
    head: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    drawn: int = 0
    percent: bool = False
    ordered: bool = False  # the columns are steps of one order
    note: str = ""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        drawn = self.drawn or len(self.columns)
        return not any(cell.value for row in self.rows for cell in row.cells[:drawn])


def count(value: int) -> Cell:
    """A number of things; below a thousand there is nothing to group."""
    return Cell(value, str(value) if value < 1000 else format_decimal(value))  # noqa: PLR2004


def per_cent(value: int | None) -> Cell:
    """A share; none where too few are behind it."""
    if value is None:
        return Cell(None, gettext("fewer than %(least)d decisions", least=FEWEST))
    return Cell(value, f"{value} %")


def from_per_mille(value: int | None) -> Cell:
    """A share that was kept to a tenth of a per cent; none where nothing was kept."""
    if value is None:
        return Cell(None, "–")
    return Cell(value / 10, f"{format_decimal(value / 10, '0.0')} %")


def nothing() -> Cell:
    """No value."""
    return Cell(None, "–")


def in_days(seconds: Sequence[int]) -> bool:
    """Whether these times read better in days than in hours."""
    return max(seconds, default=0) > _HOURS_MOST * HOUR


def duration(seconds: int, *, days: bool) -> Cell:
    """A time in hours or days, to a tenth."""
    value = round(seconds / (DAY if days else HOUR), 1)
    return Cell(value, format_decimal(value, "#,##0.0"))


def spans(calendar: Sequence[date]) -> list[list[date]]:
    """The days one by one, or by week, counted back from the last, where there are many."""
    size = 1 if len(calendar) <= _POINTS_MOST else 7
    first = len(calendar) % size
    parts = [list(calendar[at : at + size]) for at in range(first, len(calendar), size)]
    return ([list(calendar[:first])] if first else []) + parts


def span_row(span: Sequence[date], cells: tuple[Cell, ...]) -> Row:
    """A row of a day or of a week, named by its days."""
    start, end = span[0], span[-1]
    name = format_date(start, "medium")
    if end != start:
        name = gettext("%(start)s to %(end)s", start=name, end=format_date(end, "medium"))
    return Row(start.isoformat(), name, cells, format_date(start, "d MMM" if _latin() else "M/d"))


def week_row(code: str, start: date, cells: tuple[Cell, ...]) -> Row:
    """A row of seven days that lie ahead."""
    days = [start + timedelta(days=ahead) for ahead in range(7)]
    row = span_row(days, cells)
    return dataclasses.replace(row, code=code)


def _latin() -> bool:
    return not str(format_date(date(2026, 1, 1), "MMMM")).endswith("月")
