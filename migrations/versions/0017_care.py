"""Breaks and the count of what one reads: for oneself alone."""

import sqlalchemy as sa
from alembic import op

import shudi.db

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # the defaults stay: the previous release writes rows without them
    minutes = sa.Column("break_minutes", sa.Integer(), nullable=False, server_default=sa.text("0"))
    op.add_column("staff", minutes)
    op.add_column(
        "staff", sa.Column("counts", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_table(
        "staff_exposures",
        sa.Column("staff_id", _key, nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("until", shudi.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_staff_exposures_staff_id")
        ),
        sa.PrimaryKeyConstraint("staff_id", "case_id", name=op.f("pk_staff_exposures")),
    )
    op.create_index("ix_staff_exposures_until", "staff_exposures", ["until"])


def downgrade() -> None:
    op.drop_table("staff_exposures")
    op.drop_column("staff", "counts")
    op.drop_column("staff", "break_minutes")
