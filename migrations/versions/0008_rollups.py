"""Figures that the worker keeps, and the indexes that it counts along."""

import sqlalchemy as sa
from alembic import op

import shudi.db

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_FIGURES = (
    "open", "overdue", "in_force", "ending", "decided", "in_time", "time_median", "time_ninth",
    "overturned", "overturned_region", "overturned_source", "confirmed", "refused", "opened",
    "closed", "answered_in_time", "answered_late", "source_differs", "source_silent",
)  # fmt: skip


def _figure() -> sa.Enum:
    return sa.Enum(*_FIGURES, name="figure", native_enum=False, length=40)


def upgrade() -> None:
    op.create_table(
        "figures",
        sa.Column("days", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("figure", _figure(), nullable=False),
        sa.Column("part", sa.String(80), nullable=False),
        sa.Column("slot", sa.String(20), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("days", "figure", "part", "slot", name=op.f("pk_figures")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "figure_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("figure", _figure(), nullable=False),
        sa.Column("part", sa.String(80), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "figure", "part", name=op.f("pk_figure_days")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "figure_runs",
        sa.Column("days", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("as_of", shudi.db.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("days", name=op.f("pk_figure_runs")),
    )
    op.create_index("ix_cases_opened_at", "cases", ["opened_at"])
    op.create_index("ix_cases_closed_at", "cases", ["closed_at"])
    op.create_index("ix_decisions_at", "decisions", ["at"])


def downgrade() -> None:
    op.drop_index("ix_decisions_at", "decisions")
    op.drop_index("ix_cases_closed_at", "cases")
    op.drop_index("ix_cases_opened_at", "cases")
    for table in ("figure_runs", "figure_days", "figures"):
        op.drop_table(table)
