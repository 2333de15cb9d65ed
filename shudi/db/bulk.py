"""Many rows at once, past the ORM: the statements of the hot paths, in both dialects.

SQL is written with `?`. Instants and dates go in as text, which both databases read as UTC.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

_CHUNK = 20_000


def instant(value: datetime) -> str:
    """An aware UTC instant as both databases store it."""
    return value.strftime("%Y-%m-%d %H:%M:%S.%f")


def many(session: Session, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Run `sql` once for each of `rows`."""
    if not rows:
        return
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        sql = sql.replace("?", "%s")
    for start in range(0, len(rows), _CHUNK):
        connection.exec_driver_sql(sql, list(rows[start : start + _CHUNK]))


def listed(values: Iterable[str | int]) -> str:
    """`values` as the one parameter that `json_each` or `jsonb_array_elements_text` unfolds.

    A list of any length is one bound value: no limit on parameters, no new statement to compile.
    """
    return json.dumps(list(values), ensure_ascii=False)
