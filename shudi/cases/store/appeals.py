"""What belongs to a contest beside its case: which label it is about, and how it was answered."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shudi.accounts.store import Account
from shudi.cases.rules.appeals import SECOND
from shudi.cases.store import Case, Decision
from shudi.db import Base
from shudi.labels.rules import State
from shudi.labels.store import Correction


class Appeal(Base):
    """One contest of one label version at one instance. `correction_id` made the label what it
    was, `first_id` is the case of the first instance, `lifts_id` the correction whose end was
    proposed as the answer. `words` are for the holder; they are read once `answered_at` is set.
    """

    __tablename__ = "appeals"

    case_id: Mapped[int] = mapped_column(
        sa.ForeignKey(Case.id), primary_key=True, autoincrement=False
    )
    account_id: Mapped[int] = mapped_column(sa.ForeignKey(Account.id))
    instance: Mapped[int]
    first_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Case.id), unique=True)
    # what is contested
    label_version: Mapped[int]
    state: Mapped[State]
    region: Mapped[str | None] = mapped_column(sa.String(6))
    correction_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Correction.id))
    evidence: Mapped[str] = mapped_column(sa.String(2000), default="")
    marked: Mapped[bool] = mapped_column(default=False)  # readers are told meanwhile
    # how it is answered
    lifts_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Correction.id), index=True)
    words: Mapped[str] = mapped_column(sa.String(2000), default="")
    answered_at: Mapped[datetime | None]
    answered_version: Mapped[int | None]
    upheld: Mapped[bool] = mapped_column(default=False)
    decision_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Decision.id))

    __table_args__ = (sa.UniqueConstraint("account_id", "label_version", "instance"),)


def second_instances() -> sa.Select[int]:
    """The cases that only a senior decides."""
    return sa.select(Appeal.case_id).where(Appeal.instance == SECOND)
