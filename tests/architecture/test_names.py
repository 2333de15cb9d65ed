"""Names say what a thing is; and nothing in the tree names the machine it was written on."""

import re

from tests.architecture.tree import files, text

FORBIDDEN = {"base", "common", "helpers", "manager", "misc", "utils", "util", "helper"}
ALLOWED = {"templates/base.html": "what every page extends"}

# Spelled in parts, so that this file does not find itself.
MACHINE = [
    "".join(parts)
    for parts in (
        ("pypi", ".org"),
        ("pythonhosted", ".org"),
        ("registry.npm", "js.org"),
        ("proxy.go", "lang.org"),
        ("/wo", "rk/"),
        ("/ro", "ot/"),
        (".py", "env/"),
        ("/tmp", "/w/"),
    )
]


def test_no_module_is_called_by_a_word_for_everything():
    found = {
        str(path)
        for path in files(".py", ".js", ".mjs", ".html", ".css")
        if {path.stem, *path.parent.parts} & FORBIDDEN
    }
    assert found - ALLOWED.keys() == set(), "name it for what it does"


def test_nothing_names_a_registry_or_this_machine():
    found = [
        f"{path}: {word}"
        for path in files()
        for word in MACHINE
        if word in text(path).replace("github.com/npm/cli", "")
    ]
    assert found == [], "the tree must build anywhere"


def test_nothing_is_left_to_do_silently():
    mark = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    found = [
        f"{path}:{number}"
        for path in files(".py", ".js", ".html", ".css")
        for number, line in enumerate(text(path).splitlines(), 1)
        if mark.search(line)
    ]
    assert found == [], "do it, or write an issue"


def test_no_raw_address_of_a_person_is_in_the_tree():
    """Tests use documentation, special or made-up ranges; this asks that none is in the product."""
    address = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])")
    plain = re.compile(
        r"^(?:0|10|127|169\.254|172\.(?:1[6-9]|2\d|3[01])|192\.|198\.|203\.0|2[2-5])"
    )
    found = [
        f"{path}: {hit}"
        for path in files(".py", ".js", ".html", ".md")
        if path.parts[0] in ("shudi", "console", "extension_api", "viewer", "templates", "docs")
        for hit in address.findall(text(path))
        if not plain.match(hit) and hit not in ("1.2.3.4", "100.64.0.0")
    ]
    assert found == []
