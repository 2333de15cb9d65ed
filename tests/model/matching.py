"""Rows of the product beside what the model has in their place."""

from collections.abc import Iterable, Sequence
from typing import Any


class Matching:
    """Notes what differs."""

    def __init__(self) -> None:
        self.differences: list[str] = []
        self._seen: dict[Any, tuple[int, int]] = {}  # (version, moves) at the last look

    def same(self, what: str, product: Any, model: Any) -> None:
        """Note a difference."""
        if product != model:
            self.differences.append(f"{what}: product {product!r}, model {model!r}")

    def matched(
        self, what: str, rows: Sequence[Any], known: Iterable[Any], key: Any, row_key: Any
    ) -> list[tuple[Any, Any]]:
        """Rows with their counterparts; a row without one, or the reverse, is a difference."""
        by_id = {one.id: one for one in known if one.id}
        new = {key(one): one for one in known if not one.id}
        pairs = []
        for row in rows:
            mine = by_id.pop(row.id, None) or new.pop(row_key(row), None)
            if mine is None:
                self.differences.append(f"{what} {row.id} {row_key(row)} is the product's alone")
                continue
            mine.id = row.id
            pairs.append((row, mine))
        for mine in [*by_id.values(), *new.values()]:
            self.differences.append(f"{what} {mine.id} {key(mine)} is the model's alone")
        return pairs

    def version(self, what: str, mine: Any, version: int) -> None:
        """A version rises where the model moved, and only there."""
        before, moves = self._seen.get(mine, (None, None))
        if before is not None:
            self.same(f"{what} moved", version > before, mine.moves != moves)
        self._seen[mine] = (version, mine.moves)
        mine.version = version


def number(one: Any) -> int | None:
    """Its id; None of nothing."""
    return one.id if one is not None else None
