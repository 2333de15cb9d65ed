"""The engine factory keeps its promises on every connection."""

import sqlalchemy as sa

from shudi.db import Database


def test_a_store_answers(database: Database):
    with database.transaction() as session:
        assert session.scalar(sa.text("select 1")) == 1
    with database.read_session() as session:
        assert session.scalar(sa.text("select count(*) from audit")) == 0
