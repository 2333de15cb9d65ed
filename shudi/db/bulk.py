"""Many rows at once, past the ORM: the statements of the hot paths, in both dialects.

SQL is written with `?`. Instants and dates go in as text, which both databases read as UTC.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

_CHUNK = 20_000


def instant(value: datetime) -> str:
    """A UTC instant as both databases take it; the texts sort as the instants do."""
    return value.isoformat(" ", "microseconds")[:26]


def rows(session: Session, sql: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """All rows of one SELECT, as the driver's own tuples."""
    connection = session.connection()
    cursor = connection.connection.cursor()
    try:
        cursor.execute(_spelled(connection, sql), parameters)
        return list(cursor.fetchall())
    finally:
        cursor.close()


def _spelled(connection: sa.Connection, sql: str) -> str:
    """`sql` with the driver's own parameter marks."""
    return sql.replace("?", "%s") if connection.dialect.name == "postgresql" else sql


def many(session: Session, sql: str, parameters: Sequence[tuple[Any, ...]]) -> None:
    """Run `sql` once for each of `parameters`."""
    if not parameters:
        return
    connection = session.connection()
    sql = _spelled(connection, sql)
    for start in range(0, len(parameters), _CHUNK):
        connection.exec_driver_sql(sql, list(parameters[start : start + _CHUNK]))


def listed(values: Iterable[str | int]) -> str:
    """`values` as the one parameter that `json_each` or `jsonb_array_elements_text` unfolds.

    A list of any length is one bound value: no limit on parameters, no new statement to compile.
    """
    return json.dumps(list(values), ensure_ascii=False)
