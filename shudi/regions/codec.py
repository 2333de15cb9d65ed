"""Reads the vocabulary from `names.csv`, and a deployment's override file over it.

`names.csv` is our own reviewed table; at run time no library's display names are used. Hong Kong,
Macao and Taiwan carry the form that the law of an operator in mainland China needs (中国香港,
"Hong Kong, China"). An operator elsewhere words them, or any other place, in an override file:
a UTF-8 CSV with the column `code` and any of `en`, `en_short`, `zh_hans`, `zh_hans_short`,
`zh_hant`, `zh_hant_short`, for instance::

    code,en,en_short,zh_hant,zh_hant_short
    HK,Hong Kong,Hong Kong,香港,香港

An empty cell keeps the name of the table. An override changes names only: it can add no code,
alias or hierarchy.
"""

import csv
from functools import lru_cache
from pathlib import Path
from typing import Final

from shudi.regions.rules import LANGUAGES, Region, Vocabulary

_TABLE: Final = Path(__file__).with_name("names.csv")
_LONG: Final = {"en": "en", "zh_hans": "zh-Hans", "zh_hant": "zh-Hant"}
_NAMES: Final = (*_LONG, *(f"{column}_short" for column in _LONG))
_LONGEST_NAME: Final = 80

_Row = dict[str, str]


def load_vocabulary(override: Path | None = None) -> Vocabulary:
    """The vocabulary, worded by `override` where it gives names; cached while that is unchanged.

    ValueError, naming the line, for an override that is unreadable or says more than names.
    """
    if override is None:
        return _build(None, 0, 0)
    try:
        facts = override.stat()
    except OSError as error:
        raise ValueError(f"region names override cannot be read: {error.strerror}") from None
    return _build(override, facts.st_mtime_ns, facts.st_size)


@lru_cache(maxsize=4)
def _build(override: Path | None, _changed_at: int, _size: int) -> Vocabulary:
    with _TABLE.open(encoding="utf-8", newline="") as file:
        rows = {row["code"]: row for row in csv.DictReader(file)}
    # Sources go on using the table's own names, however a deployment words them.
    aliases = {code: _spellings(row) for code, row in rows.items()}
    if override is not None:
        _apply(override, rows)
    return Vocabulary([_region(row) for row in rows.values()], aliases)


def _spellings(row: _Row) -> list[str]:
    return [*(row[column] for column in _NAMES), *filter(None, row["aliases"].split(";"))]


def _region(row: _Row) -> Region:
    names = {language: row[column] for column, language in _LONG.items()}
    short = {language: row[f"{column}_short"] for column, language in _LONG.items()}
    assert set(names) == set(LANGUAGES)  # noqa: S101 - a column for each public language
    return Region(row["code"], row["parent"] or None, names, short)


def _apply(override: Path, rows: dict[str, _Row]) -> None:
    seen: set[str] = set()
    try:
        with override.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            _check_header(reader.fieldnames)
            for row in reader:
                where = f"region names override, line {reader.line_num}"
                code = _check_row(row, rows, seen, where)
                names = {column: value.strip() for column, value in row.items() if column != "code"}
                rows[code] = rows[code] | {column: name for column, name in names.items() if name}
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError("region names override is not a UTF-8 CSV file") from error


def _check_header(columns: object) -> None:
    names = list(columns) if isinstance(columns, list) else []
    unknown = [name for name in names if name != "code" and name not in _NAMES]
    if "code" not in names or unknown or len(set(names)) != len(names):
        raise ValueError(f"region names override, line 1: columns are code, {', '.join(_NAMES)}")


def _check_row(row: _Row, rows: dict[str, _Row], seen: set[str], where: str) -> str:
    """The row's code; ValueError where its shape, code or a name is not acceptable."""
    if None in row or None in row.values():
        raise ValueError(f"{where}: as many cells as columns, please")
    code = row["code"].strip()
    if code not in rows:
        raise ValueError(f"{where}: no region has the code {code!r}")
    if code in seen:
        raise ValueError(f"{where}: {code} was already given")
    seen.add(code)
    for column, name in row.items():
        if len(name) > _LONGEST_NAME or not name.isprintable():
            raise ValueError(f"{where}: {column} is longer than {_LONGEST_NAME} or not printable")
    return code
