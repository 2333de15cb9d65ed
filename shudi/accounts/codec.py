"""Reads the words that names are screened for from `screening.csv`, our own reviewed list.

A line: the term as it is after folding (case, width, separators), its rule, the article as a
reader should find it, the verdict, and the words, parted by ";", that hold the term and mean
something else. Adding a line needs a reason in the change that adds it.
"""

import csv
from functools import lru_cache
from pathlib import Path
from typing import Final

from shudi.accounts.rules import ARTICLE, PENDING, REFUSED, Rule, Screen, Term

_TABLE: Final = Path(__file__).with_name("screening.csv")


@lru_cache(maxsize=1)
def load_screen() -> Screen:
    """The screen with the words of the list; read once."""
    return Screen(load_terms(_TABLE))


def load_terms(path: Path) -> list[Term]:
    """The terms of a list; ValueError, naming the line, for one that contradicts itself."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        return [_term(row, f"{path.name}, line {reader.line_num}") for row in reader]


def _term(row: dict[str, str], where: str) -> Term:
    try:
        rule = Rule(row["rule"])
    except ValueError:
        raise ValueError(f"{where}: there is no such rule") from None
    if row["article"] != ARTICLE[rule] or row["verdict"] not in (PENDING, REFUSED):
        raise ValueError(f"{where}: the article is {ARTICLE[rule]}, the verdict one of two")
    unless = tuple(filter(None, row["unless"].split(";")))
    if not row["term"] or any(row["term"] not in word for word in unless):
        raise ValueError(f"{where}: `unless` lists words that hold the term")
    return Term(row["term"], rule, row["verdict"], unless)
