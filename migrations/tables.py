"""Every table there is, so that models and migrations can be compared."""

from collections.abc import Callable
from typing import Any

from shudi.db import Base

metadata = Base.metadata


def compared_on(dialect: str) -> Callable[..., bool]:
    """Alembic's `include_object`: leaves out what the models say of other databases only."""

    def include(item: Any, *_: object) -> bool:
        return bool(getattr(item, "info", {}).get("only_on", dialect) == dialect)

    return include
