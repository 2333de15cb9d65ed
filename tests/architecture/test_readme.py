"""The README's table of settings is the settings."""

import dataclasses
import re

import pytest

from shudi.settings import Settings
from tests.architecture.tree import ROOT

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
FIELDS = {f"SHUDI_{field.name.upper()}": field for field in dataclasses.fields(Settings)}
# Computed where nothing is given; the table says so in words.
WORDS = {"SHUDI_DATABASE_URL"}


def _rows() -> list[tuple[list[str], list[str]]]:
    """(variables, defaults) of each row; `…_PORT` belongs to the group that begins the row."""
    rows = []
    for line in TEXT.splitlines():
        if not line.startswith("| `SHUDI_"):
            continue
        names, defaults, said = line.split("|", 4)[1:4]
        found = re.findall(r"`(SHUDI_[A-Z_]+|…_[A-Z]+)`", names + said)
        group = found[0].rpartition("_")[0]
        rows.append(
            ([name.replace("…", group) for name in found], re.findall(r"`([^`]*)`", defaults))
        )
    return rows


def test_every_setting_is_in_the_readme_and_no_other():
    named = {name for names, _ in _rows() for name in names}
    assert FIELDS.keys() - named == set(), "say in the README what it does"
    assert named - FIELDS.keys() == set(), "the README names what there is not"


@pytest.mark.parametrize(
    ("names", "defaults"), [row for row in _rows() if len(row[0]) == len(row[1])]
)
def test_defaults_are_the_ones_said(names: list[str], defaults: list[str]):
    for name, said in zip(names, defaults, strict=True):
        value = FIELDS[name].default
        if name not in WORDS:
            assert said == (f"{value:g}" if isinstance(value, float) else str(value)), name
