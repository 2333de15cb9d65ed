"""What an inspection takes out: tables of rows as CSV or NDJSON.

CSV as the statistics' (console/charts/spreadsheet.py): a byte order mark, and no cell that a
spreadsheet would run.
"""

import csv
import io
import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from console.charts.spreadsheet import guarded
from shudi.oversight.queries.happened import ShownCase, ShownCorrection, Somebody
from shudi.oversight.queries.looking import Found
from shudi.oversight.rules import Format, Kind, Running, Table

_MARK = b"\xef\xbb\xbf"
_LABEL = ("state", "region", "corrected", "disputed", "since")
_INFORMATION = ("handle", "name", "avatar_url", "bio", "created_at", "updated_at")
_CORRECTION = ("account", "kind", "region", "reason", "state", "began_at", "ended_at", "expires_at")
_CASE = (
    "case_id", "site", "account", "kind", "state", "opened_at", "closed_at", "decided_at",
    "verdict", "reason", "stands", "answer",
)  # fmt: skip


def columns(inspection: Running, table: Table) -> tuple[str, ...]:
    """The names of a table's columns, in order."""
    if table is Table.CORRECTIONS:
        return (*_CORRECTION, "proposed_by", "approved_by")
    if table is Table.CASES:
        return (*_CASE, "decided_by")
    label = tuple(f"label_{name}" for name in _LABEL) if inspection.shows(Kind.LABELS) else ()
    told = _INFORMATION if inspection.shows(Kind.INFORMATION) else ()
    return ("site", "account", *label, *told)


def account_line(inspection: Running, row: Found) -> list[Any]:
    """One account; what is not shown of its label is empty."""
    line: list[Any] = [row.site, row.account]
    if inspection.shows(Kind.LABELS):
        line += [getattr(row.label, name, None) for name in _LABEL]
    if inspection.shows(Kind.INFORMATION):
        line += [getattr(row.information, name, None) for name in _INFORMATION]
    return line


def correction_line(row: ShownCorrection) -> list[Any]:
    """One correction."""
    people = (_person(row.proposed_by), _person(row.approved_by))
    return [*(getattr(row, name) for name in _CORRECTION), *people]


def case_line(row: ShownCase) -> list[Any]:
    """One case with its decision."""
    return [*(getattr(row, name) for name in _CASE), _person(row.decided_by)]


def _person(who: Somebody | None) -> str | None:
    return f"{who.role.value} {who.called}" if who else None


def written(names: Sequence[str], lines: Sequence[Sequence[Any]], file: Format) -> bytes:
    """The whole file."""
    if file is Format.NDJSON:
        rows = (dict(zip(names, map(_plain, line), strict=True)) for line in lines)
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(names)
    for line in lines:
        sheet.writerow([_cell(value) for value in line])
    return _MARK + out.getvalue().encode()


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _cell(value: Any) -> Any:
    plain = _plain(value)
    if isinstance(plain, bool):
        return "true" if plain else "false"
    return guarded(str(plain)) if isinstance(plain, str) else plain
