"""What the style sheet must know of the pages: it hides what belongs to no choice made."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STYLES = (ROOT / "static" / "shudi.css").read_text(encoding="utf-8")
FORM = (ROOT / "templates" / "console" / "cases" / "_decide.html").read_text(encoding="utf-8")


def test_whatever_a_choice_asks_for_is_shown_when_it_is_made():
    """A verdict or kind without its rule would hide the fields that it needs."""
    for kind in ("for", "kind"):
        named = {
            word for text in re.findall(rf'data-{kind}="([a-z_ ]+)"', FORM) for word in text.split()
        }
        rule = rf'\.decide:has\(\[value="([a-z_]+)"\]:checked\) \[data-{kind}~="\1"\]'
        assert named == set(re.findall(rule, STYLES))
    assert set(re.findall(r'name="verdict" value="([a-z]+)"', FORM)) == set(
        re.findall(r'\[data-for~="([a-z]+)"\]', STYLES)
    )
