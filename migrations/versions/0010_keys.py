"""What a person chose for their keyboard."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # the default stays: rows written by the previous release have none
    op.add_column(
        "staff", sa.Column("keyboard", sa.JSON(), nullable=False, server_default=sa.text("'{}'"))
    )


def downgrade() -> None:
    op.drop_column("staff", "keyboard")
