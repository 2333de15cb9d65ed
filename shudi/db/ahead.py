"""Answers that are read ahead: a question about one row, asked once for all rows of a page.

An act asks about one account at a time. A preview that asks the same of a thousand reads the
answers first, by the question's own query, and the act finds them. Only where nothing is written:
an answer does not follow what happens after it.
"""

import functools
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Generic, TypeVar

from sqlalchemy.orm import Session

READS_ONLY = "reads_only"  # in the `info` of sessions that write nothing
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Question(Generic[K, V]):
    """A question about one key: its function answers for many, and leaves out what has none."""

    def __init__(self, ask: Callable[[Session, Iterable[K]], Mapping[K, V]]) -> None:
        functools.update_wrapper(self, ask)
        self._ask = ask

    def __call__(self, session: Session, key: K) -> V | None:
        """The answer for one key: as it was read ahead, else as it is now."""
        known: dict[K, V | None] = session.info.get(self, {})
        return known[key] if key in known else self._ask(session, [key]).get(key)

    def read_ahead(self, session: Session, keys: Iterable[K]) -> Mapping[K, V]:
        """Keep the answers for `keys` as long as this session, which must not write, lives."""
        if not session.info.get(READS_ONLY):
            raise ValueError("answers are read ahead in a session that only reads")
        wanted = list(keys)
        found = self._ask(session, wanted)
        session.info.setdefault(self, {}).update({key: found.get(key) for key in wanted})
        return found
