"""Every table there is, so that models and migrations can be compared."""

import shudi.accounts.store
import shudi.audit.store
import shudi.cases.store
import shudi.clients.store
import shudi.labels.store
import shudi.outbox.store
import shudi.sites.store
import shudi.staff.store  # noqa: F401
from shudi.db import Base

metadata = Base.metadata
