"""What the style sheets must know of the pages: they hide what belongs to no choice made."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STYLES = "".join(
    path.read_text(encoding="utf-8") for path in sorted((ROOT / "static").glob("*.css"))
)
PAGES = [
    path
    for path in sorted((ROOT / "templates" / "console").rglob("*.html"))
    if re.search(r' data-(for|kind)="', path.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("page", PAGES, ids=[path.stem for path in PAGES])
def test_whatever_a_choice_asks_for_is_shown_when_it_is_made(page: Path):
    """A verdict or kind without its rule would hide the fields that it needs."""
    text = page.read_text(encoding="utf-8")
    for kind in ("for", "kind"):
        named = {
            word
            for found in re.findall(rf' data-{kind}="([a-z_ ]+)"', text)
            for word in found.split()
        }
        rule = rf'\.decide:has\(\[value="([a-z_]+)"\]:checked\) \[data-{kind}~="\1"\]'
        assert named <= set(re.findall(rule, STYLES)), "static/shudi.css has no rule for it"


def test_there_are_such_pages():
    assert "_decide" in {path.stem for path in PAGES}
