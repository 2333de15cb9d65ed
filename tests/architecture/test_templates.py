"""Templates parse, waste nothing, escape everything and bring no code of their own."""

import ast
import re
from pathlib import Path

import pytest
from jinja2 import Environment, nodes
from jinja2.exceptions import TemplateSyntaxError

from tests.architecture.tree import ROOT, files, text

TEMPLATES = [path for path in files() if path.parts[0] == "templates"]
ESCAPED = {".html"}
# Where text becomes markup without escaping; each was read by a second person.
REVIEWED_SAFE: dict[str, str] = {}
REVIEWED_MARKUP = {
    "extension_api/reference.py: Markup(_STYLE)": "a constant of the module, no input",
}
_ENVIRONMENT = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True)


def _parsed(path: Path) -> nodes.Template:
    return _ENVIRONMENT.parse(text(path), str(path))


def test_only_extensions_that_are_escaped():
    """Flask escapes by file name; a .txt or .jinja would go out raw."""
    assert {path.suffix for path in TEMPLATES} <= ESCAPED


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_it_parses(path: Path):
    try:
        _parsed(path)
    except TemplateSyntaxError as error:
        pytest.fail(f"{path}:{error.lineno}: {error.message}")


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_every_file_that_it_loads_carries_the_nonce(path: Path):
    """Without it the browser refuses the file: docs/decisions/0020-doors.md."""
    loaded = re.findall(r"<script\b[^>]*>|<link\b[^>]*stylesheet[^>]*>", text(path))
    assert [tag for tag in loaded if 'nonce="{{ csp_nonce() }}"' not in tag] == []


def test_no_macro_is_unused():
    everything = [(path, text(path)) for path in TEMPLATES]
    unused = [
        f"{path}: {macro.name}"
        for path in TEMPLATES
        for macro in _parsed(path).find_all(nodes.Macro)
        if not any(_calls(body, macro.name) for _, body in everything)
    ]
    assert unused == []


def _calls(body: str, name: str) -> bool:
    called = re.findall(rf"(?<!macro )\b{re.escape(name)}\(", body)
    return bool(called) or bool(re.search(rf"import [^%]*\b{re.escape(name)}\b", body))


def test_every_template_is_used():
    sources = "".join(text(path) for path in files(".py", ".html"))
    used = {
        str(path)
        for path in TEMPLATES
        if str(path.relative_to("templates")) in sources
        or re.search(rf"[\"'/]{re.escape(path.name)}", sources)
    }
    assert {str(path) for path in TEMPLATES} - used == set()


def test_nothing_is_marked_safe_unreviewed():
    found = {
        str(path) for path in TEMPLATES if re.search(r"\|\s*safe\b|autoescape false", text(path))
    }
    assert found == REVIEWED_SAFE.keys()


def test_no_markup_is_made_in_code_unreviewed():
    """`Markup("…").format(…)` escapes what it is given; `Markup(variable)` does not."""
    found = {
        f"{path}: {ast.unparse(node)}"
        for path in files(".py")
        if path.parts[0] in ("console", "extension_api", "shudi", "demo")
        for node in ast.walk(ast.parse(text(path)))
        if isinstance(node, ast.Call) and _makes_markup(node)
    }
    assert found == REVIEWED_MARKUP.keys()


def _makes_markup(call: ast.Call) -> bool:
    name = ast.unparse(call.func).rsplit(".", 1)[-1]
    plain = call.args and isinstance(call.args[0], ast.Constant)
    return name == "render_template_string" or (name == "Markup" and not plain)


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_no_code_or_style_of_its_own(path: Path):
    """The policy forbids it, so it would do nothing; and it is where injections live."""
    body = re.sub(r"\{#.*?#\}", "", text(path), flags=re.DOTALL)
    inline_script = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", body)
    style = re.findall(r"<style\b|\sstyle\s*=", body)
    handlers = re.findall(r"<[^>]*\s(on[a-z]+)\s*=", body)
    links = re.findall(r"(?:href|src|action)\s*=\s*[\"']?\s*(?:javascript|data|vbscript):", body)
    unquoted = re.findall(r"\s[a-z-]+=\{\{", body)
    assert (inline_script, style, handlers, links, unquoted) == ([], [], [], [], [])


@pytest.mark.parametrize("path", [path for path in TEMPLATES if "<form" in text(path)], ids=str)
def test_every_form_that_posts_carries_a_token(path: Path):
    body = text(path)
    posting = re.findall(r"<form\b[^>]*method=[\"']post[\"'][^>]*>.*?</form>", body, re.DOTALL)
    assert len(posting) == len(re.findall(r"method=[\"']post[\"']", body)), "forms do not nest"
    for form in posting:
        assert "csrf" in form or "hidden_tag" in form or "{{ caller" in form, form[:200]


def test_pictures_have_words():
    found = [
        f"{path}: {tag}"
        for path in TEMPLATES
        for tag in re.findall(r"<img\b[^>]*>", text(path))
        if not re.search(r"\balt=", tag)
    ]
    assert found == []
    assert (ROOT / "templates" / "base.html").exists()
