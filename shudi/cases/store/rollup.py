"""Figures of the desk's work that the worker keeps, so that a page need not count the tables.

Nothing here can be led back to an account: shares by place are kept only once twenty accounts are
behind them, and without their counts (docs/decisions/0012-numbers-per-region.md).
"""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shudi.cases.rules.figures import Figure
from shudi.db import Base


class FigureRow(Base):
    """One figure over the last `days` days (0: as things stand). Replaced at each run."""

    __tablename__ = "figures"

    days: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    figure: Mapped[Figure] = mapped_column(primary_key=True)
    part: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    slot: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    value: Mapped[int | None] = mapped_column(sa.BigInteger)

    __table_args__ = ({"sqlite_with_rowid": False},)


class FigureDay(Base):
    """One figure of one UTC day."""

    __tablename__ = "figure_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    figure: Mapped[Figure] = mapped_column(primary_key=True)
    part: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    value: Mapped[int] = mapped_column(sa.BigInteger)

    __table_args__ = ({"sqlite_with_rowid": False},)


class FigureRun(Base):
    """As of when the figures of a window were counted."""

    __tablename__ = "figure_runs"

    days: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    as_of: Mapped[datetime]
