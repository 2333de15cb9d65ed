"""An index for the cases of a brake: each case's page looks for those that held its account."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    of_a_brake = sa.text("brake_id IS NOT NULL")
    op.create_index(
        "ix_cases_brake",
        "cases",
        ["brake_id"],
        sqlite_where=of_a_brake,
        postgresql_where=of_a_brake,
    )


def downgrade() -> None:
    op.drop_index("ix_cases_brake", "cases")
