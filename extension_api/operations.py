"""What each route says of itself. A route exists only with an Operation, so that none can lack
its scope, its place in OpenAPI or its limits.
"""

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any, Literal

from flask.typing import ResponseReturnValue

from shudi.clients.rules import Scope

View = Callable[..., ResponseReturnValue]
JSON = "application/json"
NDJSON = "application/x-ndjson"


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """One documented answer: what it means, its shape (None: no JSON) and media type."""

    meaning: str
    shape: Any = None
    media: str = JSON


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one address. `rule` is Flask's, below /api/v1 unless `root`.

    `cors`: pages of any origin may read the answer, without credentials.
    """

    name: str
    method: Literal["GET", "POST", "PUT", "DELETE"]
    rule: str
    summary: str
    details: str = ""
    scope: Scope | None = None
    query: Any = None
    body: Any = None
    line: Any = None
    answers: dict[int, Answer]
    problems: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    cors: bool = False
    root: bool = False

    @property
    def address(self) -> str:
        """The full rule."""
        return self.rule if self.root else f"/api/v1{self.rule}"

    @property
    def writes(self) -> bool:
        """Whether it takes something in."""
        return self.method != "GET" and self.scope is not Scope.LABELS_READ


class Operations:
    """The operations of one view module."""

    def __init__(self) -> None:
        self._all: list[tuple[Operation, View]] = []

    def add(self, operation: Operation) -> Callable[[View], View]:
        """Register the decorated view under `operation`."""

        def register(view: View) -> View:
            self._all.append((operation, view))
            return view

        return register

    def __iter__(self) -> Iterator[tuple[Operation, View]]:
        return iter(self._all)
