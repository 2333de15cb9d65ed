"""The table of changes of the geo databases."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from shudi.db import Base, primary_key
from shudi.geo.rules import UpdateState
from shudi.staff.store import Staff


class SourceUpdate(Base):
    """One set of databases in place of another: what it was found to move, and what became of it.

    `old` and `new` list the sources with build and size; `candidate` says which kept files to
    take into use (shudi.geo.kept). `taken_at`: since when servers use it.
    """

    __tablename__ = "source_updates"

    id: Mapped[int] = mapped_column(primary_key, primary_key=True)
    state: Mapped[UpdateState]
    origin: Mapped[str] = mapped_column(sa.String(20))  # file, setting, update
    rule: Mapped[str] = mapped_column(sa.String(20), default="")  # share, region
    site_id: Mapped[int | None] = mapped_column(sa.BigInteger)  # whose labels it moves most
    opened_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(sa.ForeignKey(Staff.id))
    sampled_at: Mapped[datetime | None]
    sampled_by: Mapped[int | None] = mapped_column(sa.ForeignKey(Staff.id))
    taken_at: Mapped[datetime | None]
    old: Mapped[dict[str, Any]]
    new: Mapped[dict[str, Any]]
    diff: Mapped[dict[str, Any]]
    candidate: Mapped[dict[str, Any]]
    version: Mapped[int] = mapped_column(default=1)

    __table_args__ = (
        sa.Index(
            "uq_source_updates_held",
            "state",
            unique=True,
            sqlite_where=sa.text("state = 'held'"),
            postgresql_where=sa.text("state = 'held'"),
        ),
    )
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
