"""The tables as a file for spreadsheets.

UTF-8 with a byte order mark: without it, spreadsheets on Chinese systems read the file as GBK and
show other characters. A cell that a spreadsheet would take for a formula is made text by an
apostrophe; that can only be the name of a geo source, which comes from the settings.
"""

import csv
import io
from collections.abc import Iterable
from datetime import datetime

from console.charts import Cell, Chart

HEAD = ("figure", "code", "name", "series", "value", "shown", "days", "as_of")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def spreadsheet(charts: Iterable[Chart], *, days: int, as_of: datetime) -> bytes:
    """One line a cell: raw value and what people read; a suppressed value is empty."""
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(HEAD)
    for chart in charts:
        for row in chart.rows:
            for series, cell in zip(chart.columns, row.cells, strict=True):
                texts = (chart.key, row.code, row.name, series, _number(cell), cell.text)
                lines.writerow([*map(guarded, texts), days, as_of.isoformat(timespec="seconds")])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _number(cell: Cell) -> str:
    return (
        "" if cell.value is None else f"{cell.value:g}" if cell.value % 1 else f"{cell.value:.0f}"
    )


def guarded(text: str) -> str:
    """`text`, made plain text where a spreadsheet would run it as a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
