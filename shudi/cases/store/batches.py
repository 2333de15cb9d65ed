"""Tables of batches: a list of accounts, and what became of each."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shudi.accounts.store import Account
from shudi.cases.rules.batches import BatchAct, BatchState, Outcome
from shudi.db import Base, primary_key
from shudi.labels.rules import AtExpiry, State
from shudi.labels.store import Correction
from shudi.sites.store import Site
from shudi.staff.store import Staff


class Batch(Base):
    """One act on a list of accounts. `second`: it takes two people. `worked` and `done` are
    counted by the worker as it goes, and move neither the version nor the person who reads it.
    """

    __tablename__ = "batches"

    id: Mapped[int] = mapped_column(primary_key, primary_key=True)
    # made by the form, so that a form that is sent twice makes one batch
    uid: Mapped[str] = mapped_column(sa.String(32), unique=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey(Site.id))
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey(Staff.id))
    act: Mapped[BatchAct]
    reason: Mapped[str] = mapped_column(sa.String(40), default="")
    text: Mapped[str] = mapped_column(sa.String(500), default="")
    days: Mapped[int | None]
    at_expiry: Mapped[AtExpiry]
    state: Mapped[BatchState]
    second: Mapped[bool]
    # the batch that this one takes back
    reverts_id: Mapped[int | None] = mapped_column(sa.ForeignKey("batches.id"), index=True)
    created_at: Mapped[datetime]
    touched_at: Mapped[datetime]  # when the worker went on with it: batches take turns
    # the second person's word, and why not
    answered_by: Mapped[int | None] = mapped_column(sa.ForeignKey(Staff.id))
    answered_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(sa.String(500), default="")
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    total: Mapped[int]
    worked: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)

    __table_args__ = (
        sa.Index("ix_batches_state", "state", "touched_at", "id"),
        # taken back by one at a time
        sa.Index(
            "uq_batches_reverts",
            "reverts_id",
            unique=True,
            sqlite_where=sa.text("state IN ('waiting', 'running')"),
            postgresql_where=sa.text("state IN ('waiting', 'running')"),
        ),
    )
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class BatchItem(Base):
    """One account of a batch: as it was listed, as it was seen, and what became of it.

    `correction_id` is what the item made or ended; where it takes another item back, that one's.
    """

    __tablename__ = "batch_items"

    batch_id: Mapped[int] = mapped_column(sa.ForeignKey(Batch.id), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # from 1
    account: Mapped[str] = mapped_column(sa.String(128))
    account_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Account.id), index=True)
    version: Mapped[int | None]
    # the label of that version, kept as long as the item waits or is stale
    seen_state: Mapped[State | None]
    seen_region: Mapped[str | None] = mapped_column(sa.String(6))
    outcome: Mapped[Outcome] = mapped_column(default=Outcome.WAITING)
    code: Mapped[str] = mapped_column(sa.String(40), default="")
    correction_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Correction.id), index=True)
    at: Mapped[datetime | None]

    __table_args__ = (
        sa.Index("ix_batch_items_outcome", "batch_id", "outcome", "position"),
        sa.Index(
            "ix_batch_items_seen",
            "batch_id",
            sqlite_where=sa.text("seen_state IS NOT NULL"),
            postgresql_where=sa.text("seen_state IS NOT NULL"),
        ),
        {"sqlite_with_rowid": False},
    )
