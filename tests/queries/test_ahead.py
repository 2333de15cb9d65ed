"""Answers that are read ahead: the same as asked one by one, and only where nothing is written."""

import pytest

from shudi.cases.actions import ruling
from shudi.labels.actions.display import in_force
from tests import factories
from tests.conftest import NOW
from tests.console.desk import counted
from tests.people import ALICE

KEYS = [1, 2, 3]


def test_what_was_read_ahead_is_not_asked_again(database, site):
    with database.transaction() as session:
        for name in ("ann", "ben", "cat"):
            factories.make_account(session, site_id=site, account=name, now=NOW)
    with database.read_session() as session:
        one_by_one = [in_force(session, key) for key in KEYS]
        with counted(database) as queries:
            ahead = in_force.read_ahead(session, KEYS)
            assert [in_force(session, key) for key in KEYS] == one_by_one
            assert dict(ahead) == {}
        assert queries() == 1
        with counted(database) as queries:
            assert in_force(session, 4) is None  # of another account nothing was read
            assert ruling.last_word(session, (ALICE.staff_id, 1)) is None
        assert queries() == 2


def test_nobody_who_writes_reads_ahead(database, site):
    with database.transaction() as session, pytest.raises(ValueError, match="only reads"):
        in_force.read_ahead(session, KEYS)
