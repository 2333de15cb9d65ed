"""What a brake let go to be looked at before the rest."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shudi.db import Base, Microseconds
from shudi.labels.rules import State
from shudi.labels.rules.brakes import Sampled
from shudi.labels.store import Brake


class BrakeSample(Base):
    """One account of a sample: what was shown and resolved before, and what came of it.

    `shown` is as in HeldResult. `at`, `evidence` and `before_…` are there to judge by and to go
    back to; they are emptied once the brake is decided.
    """

    __tablename__ = "brake_samples"

    brake_id: Mapped[int] = mapped_column(sa.ForeignKey(Brake.id), primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    sampled_at: Mapped[datetime]
    shown: Mapped[str] = mapped_column(sa.String(6))
    state: Mapped[State]
    region: Mapped[str | None] = mapped_column(sa.String(6))
    outcome: Mapped[Sampled]
    evidence: Mapped[str] = mapped_column(sa.Text, default="")
    before_state: Mapped[State]
    before_region: Mapped[str | None] = mapped_column(sa.String(6))
    before_at: Mapped[datetime | None] = mapped_column(Microseconds)
    before_evidence_id: Mapped[int | None] = mapped_column(sa.BigInteger)

    __table_args__ = (
        sa.Index("ix_brake_samples_sampled_at", "sampled_at"),  # retention
        sa.Index("ix_brake_samples_account_id", "account_id"),  # erasure
        {"sqlite_with_rowid": False},
    )
