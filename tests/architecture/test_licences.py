"""What is shipped, under which licence: docs/licences.csv names every pin, and nothing copyleft."""

import csv
import re

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.tree import ROOT

# What its metadata does not say: read in the package's own LICENSE file.
SAID_ELSEWHERE = {"pysqlite3": "zlib"}
_STRONG = re.compile(r"(?<!L)(?<!Lesser )\b(A?GPL|GNU (Affero )?General Public)", re.IGNORECASE)


def _pins(*, here: bool) -> dict[str, str]:
    """Name and version of what runtime.txt pins, or of what of it this machine needs."""
    found = {}
    text = (ROOT / "requirements" / "runtime.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if "==" in line and not line.startswith((" ", "#")):
            wanted = Requirement(line.rstrip(" \\"))
            if not here or wanted.marker is None or wanted.marker.evaluate():
                found[canonicalize_name(wanted.name)] = str(wanted.specifier).removeprefix("==")
    return found


def _listed() -> list[dict[str, str]]:
    with (ROOT / "docs" / "licences.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_list_is_what_is_installed():
    listed = {canonicalize_name(row["Name"]): row["Version"] for row in _listed()}
    pins = _pins(here=False)
    assert {name: pins.get(name) for name in listed} == listed, "run `make licences`"
    assert _pins(here=True).keys() - listed.keys() == set(), "run `make licences`"


def test_every_licence_is_known_and_none_asks_for_our_source():
    for row in _listed():
        licence = row["License"]
        if licence == "UNKNOWN":
            licence = SAID_ELSEWHERE[row["Name"]]
        assert not _STRONG.search(licence), row


def test_control_a_strong_one_is_seen_and_a_weak_one_is_not():
    for licence in ("GPL-3.0-only", "AGPL-3.0", "GNU General Public License v3 (GPLv3)"):
        assert _STRONG.search(licence), licence
    for licence in ("LGPL-3.0-only", "GNU Lesser General Public License v3 (LGPLv3)", "MPL-2.0"):
        assert not _STRONG.search(licence), licence


def test_vendored_files_are_told_of():
    text = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
    for folder in (ROOT / "static" / "vendor").iterdir():
        assert folder.name in text
