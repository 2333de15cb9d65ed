"""What a new geo database would say of accounts that are seen while it is tried."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shudi.db import Base
from shudi.geo.store import SourceUpdate
from shudi.sites.store import Site


class SourceTrial(Base):
    """One account, looked up in the databases in use and in the new ones (`before`, `after`: as
    shudi.geo's Place.code).
    """

    __tablename__ = "source_trials"

    update_id: Mapped[int] = mapped_column(sa.ForeignKey(SourceUpdate.id), primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey(Site.id))
    at: Mapped[datetime]
    before: Mapped[str] = mapped_column(sa.String(8))
    after: Mapped[str] = mapped_column(sa.String(8))

    __table_args__ = (
        sa.Index("ix_source_trials_at", "at"),  # retention
        sa.Index("ix_source_trials_account_id", "account_id"),  # erasure
        {"sqlite_with_rowid": False},
    )
