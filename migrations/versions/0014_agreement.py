"""The agreement on personal data that a person accepted."""

import sqlalchemy as sa
from alembic import op

import shudi.db

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # the default stays: the previous release writes rows without it
    agreement = sa.Column("agreement", sa.String(16), nullable=False, server_default="")
    op.add_column("staff", agreement)
    op.add_column("staff", sa.Column("agreed_at", shudi.db.UTCDateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("staff", "agreed_at")
    op.drop_column("staff", "agreement")
