"""Files and functions stay small enough to read at once."""

import ast
from pathlib import Path

from tests.architecture.tree import files, text

FILE_MOST = 300
TEST_FILE_MOST = 400  # a file of tests is a list: it is searched by name, not read from the top
FUNCTION_MOST = 50
CODE = (".py", ".js", ".mjs", ".html", ".css")

# Each with its reason. An entry that is no longer needed fails, too.
LONG_FILES = {
    "migrations/versions/0001_first_tables.py": "written by Alembic, one statement a column",
    "demo/forum/static/forum.css": "the one stylesheet of the demo forum",
    "static/shudi.css": "the one stylesheet of the console (house style: one css, one js)",
}
LONG_FUNCTIONS = {
    "tests/extension_api/test_server.py:test_the_server_as_it_is_run": "one journey, one server",
    "tests/viewer/label_server.py:running": "one server, its answers as closures",
}


def _functions(path: Path) -> list[tuple[str, int]]:
    tree = ast.parse(text(path))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        (f"{path}:{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in ast.walk(tree)
        if isinstance(node, kinds)
    ]


def _most(path: Path) -> int:
    return TEST_FILE_MOST if path.parts[0] == "tests" else FILE_MOST


def test_no_file_is_too_long():
    found = {
        str(path): count
        for path in files(*CODE)
        if (count := len(text(path).splitlines())) > _most(path)
    }
    assert found.keys() - LONG_FILES.keys() == set(), f"split at a seam: {found}"
    assert LONG_FILES.keys() - found.keys() == set(), "short enough now: remove the exception"


def test_no_function_is_too_long():
    found = {
        name: count
        for path in files(".py")
        if "versions" not in path.parts
        for name, count in _functions(path)
        if count > FUNCTION_MOST
    }
    assert found.keys() - LONG_FUNCTIONS.keys() == set(), f"split at a seam: {found}"
    assert LONG_FUNCTIONS.keys() - found.keys() == set(), "short enough now"
