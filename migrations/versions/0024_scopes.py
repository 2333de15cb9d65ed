"""The sites and regions that people are limited to."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for table, column in (
        ("staff_sites", sa.Column("site_id", sa.BigInteger(), nullable=False)),
        ("staff_regions", sa.Column("region", sa.String(6), nullable=False)),
    ):
        op.create_table(
            table,
            sa.Column("staff_id", _key, nullable=False),
            column,
            sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f(f"fk_{table}_staff_id")),
            sa.PrimaryKeyConstraint("staff_id", column.name, name=op.f(f"pk_{table}")),
        )


def downgrade() -> None:
    op.drop_table("staff_regions")
    op.drop_table("staff_sites")
