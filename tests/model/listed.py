"""Batches and what became of each of their accounts: the product's rows beside the model's."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from shudi.cases.store.batches import Batch as BatchRow
from shudi.cases.store.batches import BatchItem
from tests.model.matching import Matching, number
from tests.model.state import Batch, Desk


def compare(comparison: Matching, desk: Desk, session: Session) -> None:
    """Compare every batch with its items."""
    rows = session.execute(sa.select(BatchRow.__table__).order_by("id")).all()
    pairs = comparison.matched(
        "batch",
        rows,
        desk.batches,
        lambda one: (one.by.id, one.act),
        lambda row: (row.staff_id, row.act),
    )
    items: dict[int, list[Any]] = {}
    table = BatchItem.__table__
    for item in session.execute(sa.select(table).order_by(table.c.batch_id, table.c.position)):
        items.setdefault(item.batch_id, []).append(item)
    for row, mine in pairs:
        _items(comparison, mine, items.get(row.id, []))
        _batch(comparison, row, mine)


def _items(comparison: Matching, mine: Batch, rows: list[Any]) -> None:
    said = [(row.position, row.account, row.version) for row in rows]
    known = [(at, one.name, one.seen) for at, one in enumerate(mine.items, 1)]
    comparison.same(f"{mine} lists", said, known)
    for row, one in zip(rows, mine.items, strict=False):
        outcome = (str(row.outcome), row.code)
        what = f"item {row.position} of {mine}"
        if one.may and outcome in one.may:  # any of these is right, and this is the one
            (one.outcome, one.code), one.may = outcome, set()
        comparison.same(what, outcome, one.may or (one.outcome, one.code))
        comparison.same(f"{what} did", row.correction_id, number(one.correction))


def _batch(comparison: Matching, row: Any, mine: Batch) -> None:
    comparison.same(
        f"batch {row.id}",
        (row.state, row.second, row.total, row.worked, row.done, row.ended_at),
        (mine.state, mine.second, len(mine.items), mine.worked, mine.done, mine.ended),
    )
    people = (row.answered_by, row.reverts_id)
    comparison.same(f"batch {row.id} people", people, (number(mine.agreed), number(mine.takes)))
    comparison.version(f"batch {row.id}", mine, row.version)
