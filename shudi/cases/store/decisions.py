"""Tables beside decisions: whether they stand, and how they are looked at a second time."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shudi.cases.rules import Verdict
from shudi.cases.rules.decisions import Settled, Stands
from shudi.cases.store import Case, Decision
from shudi.db import Base
from shudi.labels.rules import CorrectionKind
from shudi.staff.store import Staff


class Standing(Base):
    """Whether a decision stands, one row each. `before` is what undoing brings back (who held the
    case, an expiry that was moved); `changed_by` took it back, `reverted_by` is the decision that
    reverts it. `sampled` is empty until the worker has drawn.
    """

    __tablename__ = "decision_standings"

    decision_id: Mapped[int] = mapped_column(
        sa.ForeignKey(Decision.id), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime]
    state: Mapped[Stands]
    two: Mapped[bool]
    before: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime | None]
    changed_by: Mapped[int | None] = mapped_column(sa.ForeignKey(Staff.id))
    reverted_by: Mapped[int | None] = mapped_column(sa.ForeignKey(Decision.id))
    sampled: Mapped[bool | None]
    version: Mapped[int] = mapped_column(default=1)

    __table_args__ = (
        sa.Index(
            "ix_decision_standings_undrawn",
            "at",
            "decision_id",
            sqlite_where=sa.text("sampled IS NULL"),
            postgresql_where=sa.text("sampled IS NULL"),
        ),
    )
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class SecondLook(Base):
    """A decision that another moderator takes again without knowing the first. Nothing of it is
    shown to readers: it says how far two people agree.
    """

    __tablename__ = "second_looks"

    case_id: Mapped[int] = mapped_column(
        sa.ForeignKey(Case.id), primary_key=True, autoincrement=False
    )
    decision_id: Mapped[int] = mapped_column(sa.ForeignKey(Decision.id), unique=True)
    opened_at: Mapped[datetime]
    # the second verdict
    looked_by: Mapped[int | None] = mapped_column(sa.ForeignKey(Staff.id))
    looked_at: Mapped[datetime | None] = mapped_column(index=True)
    verdict: Mapped[Verdict | None]
    kind: Mapped[CorrectionKind | None]
    region: Mapped[str | None] = mapped_column(sa.String(6))
    reason: Mapped[str] = mapped_column(sa.String(40), default="")
    text: Mapped[str] = mapped_column(sa.String(2000), default="")
    agreed: Mapped[bool | None]
    # where they disagree, a senior's word
    settled_by: Mapped[int | None] = mapped_column(sa.ForeignKey(Staff.id))
    settled_at: Mapped[datetime | None]
    settled: Mapped[Settled | None]
    settled_text: Mapped[str] = mapped_column(sa.String(2000), default="")
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
