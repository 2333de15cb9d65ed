"""What a good request for an unsafe route is made of."""

import dataclasses
from collections.abc import Callable
from typing import Any

from shudi.staff.rules import Actor
from tests.architecture.doors import Doors

Asked = tuple[str, dict[str, Any]]  # path and form, or path and JSON


@dataclasses.dataclass(frozen=True, slots=True)
class Deed:
    """`prepare` makes what it needs and says what to send; `who` None is a stranger.

    `permitted`: the role matters, so that somebody without it must be refused.
    """

    who: Actor | None
    prepare: Callable[[Doors], Asked]
    method: str = "POST"
    permitted: bool = True
