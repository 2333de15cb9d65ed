"""Every table there is, so that models and migrations can be compared."""

from collections.abc import Callable
from typing import Any

import shudi.accounts.store
import shudi.audit.store
import shudi.cases.store
import shudi.cases.store.appeals
import shudi.cases.store.batches
import shudi.cases.store.case_page
import shudi.cases.store.decisions
import shudi.cases.store.queue
import shudi.cases.store.rollup
import shudi.clients.store
import shudi.geo.store
import shudi.labels.store
import shudi.labels.store.samples
import shudi.labels.store.trials
import shudi.outbox.store
import shudi.oversight.store
import shudi.sites.store
import shudi.staff.store
import shudi.staff.store.factors
import shudi.staff.store.identities
import shudi.staff.store.scopes  # noqa: F401
from shudi.db import Base

metadata = Base.metadata


def compared_on(dialect: str) -> Callable[..., bool]:
    """Alembic's `include_object`: leaves out what the models say of other databases only."""

    def include(item: Any, *_: object) -> bool:
        return bool(getattr(item, "info", {}).get("only_on", dialect) == dialect)

    return include
