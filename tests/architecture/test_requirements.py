"""What Shudi runs on is pinned with hashes, and above what is known to be weak (acceptance test 49)."""

import configparser
import re
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]


def lines(name: str) -> list[str]:
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines() if line.strip() and line[0] not in "#- "]


def wanted() -> dict[str, Requirement]:
    found = [Requirement(line) for line in lines("runtime.in")]
    return {canonicalize_name(one.name): one for one in found}


@pytest.mark.parametrize("name", ["runtime.txt", "dev.txt", "release.txt"])
def test_every_requirement_is_pinned_with_hashes(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    blocks = re.findall(r"^\S.*\n(?:[ \t].*\n)*", text, re.MULTILINE)
    assert len(blocks) > 5
    whole = re.compile(
        r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==[^ ]+ .*--hash=sha256:[0-9a-f]{64}", re.DOTALL
    )
    assert [one for one in blocks if not whole.match(one)] == []


def test_what_is_pinned_and_what_runs_here_is_high_enough() -> None:
    pins = {}
    for line in lines("runtime.txt"):
        one = Requirement(line.removesuffix("\\").strip())
        pins[canonicalize_name(one.name)] = next(iter(one.specifier)).version
    for name, one in wanted().items():
        assert one.specifier.contains(pins[name], prereleases=True), name
        if one.marker is None or one.marker.evaluate():
            assert one.specifier.contains(version(name), prereleases=True), name


def test_tools_that_read_metadata_are_told_the_same() -> None:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    told = [Requirement(line) for line in parser["options"]["install_requires"].split("\n") if line]
    shipped = {canonicalize_name(one.name): str(one.specifier) for one in told}
    listed = {name: str(one.specifier) for name, one in wanted().items()}
    # the driver is for Linux alone, setuptools for what reads its own metadata
    assert shipped == {
        name: low for name, low in listed.items() if name not in ("pysqlite3", "setuptools")
    }
