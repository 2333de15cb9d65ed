"""A world of each kind, made once for all stories."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from shudi.regions.rules import Vocabulary
from tests.model.world import World, made


@pytest.fixture(params=["sqlite", "postgresql"])
def world(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    sqlite_template: Path,
    vocabulary: Vocabulary,
    now: datetime,
) -> Iterator[World]:
    """A desk to play with, on each database in turn."""
    server = None
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres_server")
    with made(
        request.param, tmp_path, vocabulary, now, template=sqlite_template, server=server
    ) as found:
        yield found
