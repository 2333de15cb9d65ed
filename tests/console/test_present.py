"""Codes as words: complete for every closed set, in both languages, and as the viewer says them."""

import ast
import enum
import json
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from flask import Flask

from console import log_words, messages, present, words
from shudi.accounts.rules import AcceptReason, Rule
from shudi.accounts.store import Protection
from shudi.cases import rules as cases
from shudi.errors import ShudiError
from shudi.labels import rules as labels
from shudi.regions.rules import LANGUAGES
from shudi.staff.rules import Role

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "console/translations/zh_Hans/LC_MESSAGES/messages.po"
TABLES = [
    (words.ROLE, Role),
    (words.CASE_KIND, cases.CaseKind),
    (words.CASE_KIND_MEANS, cases.CaseKind),
    (words.CASE_STATE, cases.CaseState),
    (words.EVENT, cases.EventKind),
    (words.VERDICT, cases.Verdict),
    (words.KEEP_REASON, cases.KeepReason),
    (words.REPORT_KIND, cases.ReportKind),
    (words.LABEL_STATE, labels.State),
    (words.BASIS, labels.Basis),
    (words.CORRECTION_KIND, labels.CorrectionKind),
    (words.CORRECTION_KIND_MEANS, labels.CorrectionKind),
    (words.CORRECTION_STATE, labels.CorrectionState),
    (words.AT_EXPIRY, labels.AtExpiry),
    (words.REASON, labels.Reason),
    (words.PROTECTION, Protection),
    (words.RULE, Rule),
    (words.RULE_MEANS, Rule),
    (words.ACCEPT_REASON, AcceptReason),
    (words.CLOSE_REASON, cases.CloseReason),
]
# Codes that only programs or terminals meet.
NOT_FOR_PEOPLE = re.compile(
    r"^(at|body|client|cursor|dataset|export|file|idempotency|import|ip|json|key|limit|line|media"
    r"|region-names|scope|secret|sites?|sightings|store-(locked|full)|text-kind)(-|$)"
)


@pytest.mark.parametrize(("table", "kind"), TABLES, ids=[kind.__name__ for _, kind in TABLES])
def test_every_member_has_words(table: words.Words, kind: type[enum.StrEnum]) -> None:
    assert set(table) == set(kind)


def test_no_reason_means_two_things() -> None:
    parts = (
        words.KEEP_REASON,
        words.REASON,
        words.ACCEPT_REASON,
        words.RULE,
        words.CLOSE_REASON,
    )
    assert len(words.SAID_REASON) == sum(map(len, parts))


def _calls(*folders: str) -> list[ast.Call]:
    found: list[ast.Call] = []
    for folder in folders:
        for path in (ROOT / folder).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            found += [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return found


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def test_every_refusal_of_acts_for_people_has_words() -> None:
    refusals = {kind.__name__ for kind in ShudiError.__subclasses__()}
    nouns = ("shudi/cases", "shudi/labels", "shudi/accounts", "shudi/staff", "shudi/regions")
    codes = {
        _text(call.args[0])
        for call in _calls(*nouns)
        if isinstance(call.func, ast.Name) and call.func.id in refusals and call.args
    } - {""}
    missing = {
        code for code in codes if code not in messages.ERROR and not NOT_FOR_PEOPLE.match(code)
    }
    assert missing <= KNOWN_TO_TERMINALS, f"add words for {missing} to console/messages.py"


KNOWN_TO_TERMINALS = {
    "avatar-invalid",
    "bio-invalid",
    "bio-too-long",
    "granularity",
    "language-unknown",
    "name-invalid",
    "name-too-long",
    "protection-unknown",
    "staff",
    "staff-exists",
    "staff-name",
    "unreadable",
}


# Columns and modules that look like actions.
NAMES = {"cases.id", "accounts.id", "sites.id", "staff.id", "demo.seed"}


def test_every_audit_action_has_words() -> None:
    shape = re.compile(
        r"^(access|account|brake|case|correction|demo|holder|key|reason|site|staff|statistics)\.[a-z_]+$"
    )
    actions = set()
    for call in _calls("shudi"):
        named = [word.value for word in call.keywords if word.arg == "action"]
        for node in [*call.args, *named]:
            for part in ast.walk(node):
                if isinstance(part, ast.expr) and shape.match(_text(part)):
                    actions.add(_text(part))
    missing = {one for one in actions if one not in log_words.AUDIT and one not in NAMES}
    assert not missing, f"add words for {missing} to console/log_words.py"


def _locale(folder: str) -> dict[str, str]:
    path = ROOT / "viewer/_locales" / folder / "messages.json"
    raw = json.loads(path.read_text(encoding="utf-8"))
    return {key: entry["message"] for key, entry in raw.items()}


@pytest.mark.parametrize(
    ("language", "folder"), [("en", "en"), ("zh-Hans", "zh_CN"), ("zh-Hant", "zh_TW")]
)
def test_a_preview_uses_the_viewers_own_words(language: str, folder: str) -> None:
    theirs, ours = _locale(folder), present.BADGE[language]
    for name in ("labelled", "uncertain_place", "uncertain", "withheld"):
        assert ours[name] == theirs[f"badge_{name}"].replace("$PLACE$", "{place}")
    for name in ("corrected", "disputed"):
        assert ours[name] == theirs[f"mark_{name}"]


def test_badges(app: Flask) -> None:
    assert set(present.BADGE) == set(LANGUAGES)
    with app.test_request_context():
        assert present.badge("labelled", "CN-GD", "en") == "IP location: Guangdong"
        assert present.badge("uncertain", None, "zh-Hans") == "IP属地：不确定"
        assert present.badge("withheld", None, "zh-Hant") == "IP屬地：不展示"
        assert present.badge("none", None, "en") is None


def test_instants_carry_the_machines_and_the_readers_form(app: Flask, time) -> None:
    with app.test_request_context(headers={"Accept-Language": "zh-CN"}):
        text = present.when(time.now - timedelta(hours=2))
        assert "2小时前" in text
        assert 'datetime="2026-03-14T07:26:53.589793+00:00"' in text
        assert 'title="2026年3月14日' in text
        assert present.place(None) == "无地点"
        assert present.place("XX-unknown") == "XX-unknown"
    with app.test_request_context():
        assert present.capped(999) == "999"
        assert present.capped(1000) == "999+"
        assert present.left(time.now - timedelta(minutes=1)) == "0 minutes left"


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh_Hans")


def test_the_catalogue_is_whole(catalogue: Catalog) -> None:
    for message in catalogue:
        if not message.id:
            continue
        texts = [message.string] if isinstance(message.string, str) else list(message.string)
        assert all(texts), f"not translated: {message.id}"
        assert not message.fuzzy, message.id
        given = message.id if isinstance(message.id, str) else message.id[-1]
        for text in texts:
            assert _holes(text) == _holes(given), message.id


def _holes(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)[sd]|#", text))


def test_the_catalogue_has_every_message_of_the_sources(catalogue: Catalog, tmp_path) -> None:
    found = tmp_path / "messages.pot"
    command = ["extract", "-F", "console/translations/babel.cfg", "-k", "lazy_gettext", "-k", "_"]
    subprocess.run(
        [sys.executable, "-m", "babel.messages.frontend", "-q", *command, "-o", str(found), "."],
        cwd=ROOT,
        check=True,
    )
    with found.open("rb") as file:
        sources = {message.id for message in read_po(file) if message.id}
    assert sources == {message.id for message in catalogue if message.id}


def test_no_page_of_the_console_asks_for_places_in_bulk() -> None:
    names = ("region", "place", "country")
    for path in (ROOT / "console/forms").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(rf'args(\.get\(|\[)"({"|".join(names)})', text), path
