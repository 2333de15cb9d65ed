"""The median and the ninth decile: both databases, Python and PostgreSQL's own agree."""

from fractions import Fraction

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shudi.db.moments import percentiles

PARTS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 10**9)), min_size=1, max_size=40)


def inclusive(values: list[int], tenths: int) -> Fraction:
    """percentile_cont as the SQL standard words it, in exact numbers."""
    ordered = sorted(values)
    spot = Fraction(tenths * (len(ordered) - 1), 10)
    low = int(spot)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (spot - low) * (ordered[high] - ordered[low])


@pytest.fixture
def source(database):
    """A table of this test's own, gone with the transaction."""
    table = sa.Table(
        "measured",
        sa.MetaData(),
        sa.Column("part", sa.String(1)),
        sa.Column("value", sa.BigInteger),
        prefixes=["TEMPORARY"],
    )
    with database.write_engine.connect() as connection:
        table.create(connection)
        yield connection, table
        connection.rollback()


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(PARTS)
def test_percentiles_are_exact_and_the_same_everywhere(source, rows):
    connection, table = source
    connection.execute(sa.delete(table))
    connection.execute(sa.insert(table), [{"part": part, "value": value} for part, value in rows])
    found = {
        part: (n, median, ninth)
        for part, n, median, ninth in connection.execute(
            percentiles(table.c.part, table.c.value, sa.select(table))
        )
    }
    held = {part: [value for one, value in rows if one == part] for part, _ in rows}
    assert found == {
        part: (len(values), 10 * inclusive(values, 5), 10 * inclusive(values, 9))
        for part, values in held.items()
    }
    if connection.dialect.name == "postgresql":
        own = sa.text(
            "SELECT part, percentile_cont(0.5) WITHIN GROUP (ORDER BY value),"
            " percentile_cont(0.9) WITHIN GROUP (ORDER BY value) FROM measured GROUP BY part"
        )
        for part, median, ninth in connection.execute(own):
            assert (found[part][1] / 10, found[part][2] / 10) == pytest.approx((median, ninth))
