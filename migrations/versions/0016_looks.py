"""What somebody was shown within the last day, as their audit rows say."""

import sqlalchemy as sa
from alembic import op

import shudi.db

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff_looks",
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("thing", sa.String(30), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("at", shudi.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_looks_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", "thing", "name", name=op.f("pk_staff_looks")),
    )
    op.create_index("ix_staff_looks_at", "staff_looks", ["at"])


def downgrade() -> None:
    op.drop_table("staff_looks")
