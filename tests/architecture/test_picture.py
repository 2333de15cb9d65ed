"""The picture of the house in docs/architecture.md shows the packages there are, and their imports."""

import itertools
import re

from tests.architecture.tree import ROOT

GROUND = {"daykeys", "settings", "clock", "errors"}  # below everything, not drawn
IMPORT = re.compile(r"^\s*(?:from|import) shudi(?:\.| import )([a-z]+(?:, [a-z]+)*)", re.MULTILINE)


def _drawn() -> set[tuple[str, str]]:
    """Arrows of the first picture, chains and `a & b` taken apart."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    arrows = set()
    for line in text.partition("```mermaid")[2].partition("```")[0].splitlines():
        ends = [part.split(" & ") for part in line.strip().split(" --> ")]
        for above, below in itertools.pairwise(ends):
            arrows |= {(one.strip(), other.strip()) for one in above for other in below}
    return arrows


def _imported() -> set[tuple[str, str]]:
    found = set()
    for path in (ROOT / "shudi").rglob("*.py"):
        home = path.relative_to(ROOT / "shudi").parts[0].removesuffix(".py")
        names = IMPORT.findall(path.read_text(encoding="utf-8"))
        found |= {(home, other) for line in names for other in line.split(", ")}
    known = {one for one, _ in found} - GROUND - {"__init__"}
    return {(one, other) for one, other in found if one != other and {one, other} <= known}


def _reach(arrows: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Everything that some way of arrows leads to."""
    while more := {(a, d) for a, b in arrows for c, d in arrows if b == c} - arrows:
        arrows = arrows | more
    return arrows


def test_every_import_is_drawn_and_nothing_else():
    imported = _imported()
    packages = {name for edge in imported for name in edge}
    assert {"cases", "db", "worker"} <= packages
    drawn = {edge for edge in _drawn() if set(edge) <= packages}
    assert drawn - imported == set(), "drawn, but nobody imports it"
    assert imported - _reach(drawn) == set(), "imported, but no way of arrows says so"
