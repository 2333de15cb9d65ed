"""A list of accounts as people paste or upload it: CSV, one account a line.

The first line may be a header with `account` and, if wanted, `version` among its columns; without
one, the account stands first and the version after it. Commas or tabs divide; an id that holds
one stands in quotes.
"""

import csv
import dataclasses
import io
from collections.abc import Iterable

from shudi.accounts.rules import check_identifier
from shudi.cases.rules.batches import Listed
from shudi.errors import Invalid

_BOM = "\ufeff"
_VERSION_MOST = 2**31 - 1


@dataclasses.dataclass(frozen=True, slots=True)
class Wrong:
    """A line that names no account: its number, what it says (shortened), and why not."""

    line: int
    text: str
    code: str


@dataclasses.dataclass(frozen=True, slots=True)
class Parsed:
    """The accounts in order, once each; `repeated` lines named one again."""

    listed: list[Listed]
    wrong: list[Wrong]
    repeated: int


def read(text: str) -> Parsed:
    """Take a list apart; nothing of it is lost: each line is an account, wrong, or repeated."""
    columns: tuple[int, int] | None = None  # what a header said
    listed: dict[str, Listed] = {}
    wrong: list[Wrong] = []
    repeated, first = 0, True
    for number, line in enumerate(text.removeprefix(_BOM).splitlines(), 1):
        if not line.strip():
            continue
        try:
            cells = _cells(line)
            columns = _header(cells) if first else columns
            if not (first and columns):
                one = _listed(cells, columns)
                repeated += one.account in listed
                listed.setdefault(one.account, one)
        except Invalid as error:
            wrong.append(Wrong(number, line.strip()[:80], error.code))
        first = False
    return Parsed([*listed.values()], wrong, repeated)


def _cells(line: str) -> list[str]:
    divider = "\t" if "\t" in line else ","
    try:
        [cells] = csv.reader([line], delimiter=divider, strict=True)
    except (csv.Error, ValueError):
        raise Invalid("line-quotes", "The quotes of this line do not match.") from None
    return [cell.strip() for cell in cells]


def _header(cells: list[str]) -> tuple[int, int] | None:
    """Where account and version stand, if this line says so; -1 for no version."""
    names = [cell.casefold() for cell in cells]
    if "account" not in names:
        return None
    return names.index("account"), names.index("version") if "version" in names else -1


def _listed(cells: list[str], columns: tuple[int, int] | None) -> Listed:
    account, version = columns or (0, 1)
    if columns is None and len(cells) > len(("account", "version")):
        raise Invalid("line-columns", "This line has more than an account and a version.")
    name = check_identifier(cells[account] if account < len(cells) else "")
    said = cells[version] if 0 <= version < len(cells) else ""
    if not said:
        return Listed(name)
    if not (said.isascii() and said.isdigit()) or not 0 < int(said) <= _VERSION_MOST:
        raise Invalid("line-version", "The version is no number.")
    return Listed(name, int(said))


def write(listed: Iterable[Listed]) -> str:
    """The same list as text that `read` reads."""
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(("account", "version"))
    lines.writerows((one.account, one.version or "") for one in listed)
    return out.getvalue()
