"""Days, spans and exact percentiles in SQL that both databases understand alike."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

# The percentiles that are asked for, in tenths: the middle, and what nine of ten stay under.
MEDIAN, NINTH = 5, 9


class day_of(FunctionElement[str]):  # noqa: N801 -- reads as the SQL function that it is
    """The UTC day of an instant, as ISO text."""

    type = sa.String()
    inherit_cache = True


class seconds_of(FunctionElement[int]):  # noqa: N801 -- likewise
    """Whole seconds since 1970; fractions are cut off, so that both databases agree."""

    type = sa.BigInteger()
    inherit_cache = True


@compiles(day_of)
def _day(element: FunctionElement[str], compiler: SQLCompiler, **options: Any) -> str:
    inner = compiler.process(element.clauses, **options)
    if compiler.dialect.name == "sqlite":
        return f"date({inner})"
    return f"to_char({inner} AT TIME ZONE 'UTC', 'YYYY-MM-DD')"


@compiles(seconds_of)
def _seconds(element: FunctionElement[int], compiler: SQLCompiler, **options: Any) -> str:
    inner = compiler.process(element.clauses, **options)
    if compiler.dialect.name == "sqlite":
        return f"CAST(strftime('%s', {inner}) AS INTEGER)"
    return f"CAST(floor(extract(epoch FROM {inner})) AS BIGINT)"


def percentiles(part: Any, value: Any, source: Any) -> sa.Select[Any]:
    """For each `part`: how many, the median and the ninth decile, as `part, n, p50, p90`.

    The definition is PostgreSQL's percentile_cont (linear between the two nearest). Percentiles
    come times ten: with tenths of a whole number nothing is rounded, so that no database's
    floating point decides. `value` is a whole number; `source` what both columns are of.
    """
    ranked = source.with_only_columns(
        part.label("part"),
        value.label("value"),
        (sa.func.row_number().over(partition_by=part, order_by=value) - 1).label("rank"),
        sa.func.count().over(partition_by=part).label("n"),
    ).subquery()
    columns = [
        # PostgreSQL's sum of whole numbers is a decimal
        sa.cast(
            sa.func.sum(ranked.c.value * _weight(ranked.c.rank, ranked.c.n, tenths)), sa.BigInteger
        )
        for tenths in (MEDIAN, NINTH)
    ]
    return sa.select(ranked.c.part, sa.func.max(ranked.c.n).label("n"), *columns).group_by(
        ranked.c.part
    )


def _weight(rank: Any, n: Any, tenths: int) -> Any:
    """Ten for the value on the spot; two neighbours share it; nothing for all others."""
    distance = sa.func.abs(10 * rank - tenths * (n - 1))
    return sa.case((distance < 10, 10 - distance), else_=0)  # noqa: PLR2004 -- tenths
