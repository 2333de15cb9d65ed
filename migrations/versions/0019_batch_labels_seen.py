"""The label that was seen of an account of a batch, as long as it waits or is stale."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_STATES = ("labelled", "uncertain", "withheld", "none", "not_covered")


def upgrade() -> None:
    state = sa.Enum(*_STATES, name="state", native_enum=False, length=40)
    op.add_column("batch_items", sa.Column("seen_state", state))
    op.add_column("batch_items", sa.Column("seen_region", sa.String(6)))
    seen = sa.text("seen_state IS NOT NULL")
    op.create_index(
        "ix_batch_items_seen",
        "batch_items",
        ["batch_id"],
        sqlite_where=seen,
        postgresql_where=seen,
    )


def downgrade() -> None:
    op.drop_index("ix_batch_items_seen", "batch_items")
    with op.batch_alter_table("batch_items") as table:
        table.drop_column("seen_region")
        table.drop_column("seen_state")
