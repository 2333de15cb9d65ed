"""Sites that are closed, by whom, and how far what they held is erased."""

import sqlalchemy as sa
from alembic import op

import shudi.db

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_instant = shudi.db.UTCDateTime(timezone=True)
_STATES = ("open", "confirmed", "refused", "withdrawn", "dropped")


def upgrade() -> None:
    op.add_column("sites", sa.Column("closed_at", _instant))
    op.create_table(
        "site_closings",
        sa.Column("id", _key, nullable=False),
        sa.Column("site_id", _key, nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column(
            "state", sa.Enum(*_STATES, name="state", native_enum=False, length=40), nullable=False
        ),
        sa.Column("proposed_by", _key, nullable=True),
        sa.Column("proposed_at", _instant, nullable=False),
        sa.Column("expires_at", _instant, nullable=False),
        sa.Column("decided_by", _key, nullable=True),
        sa.Column("decided_at", _instant, nullable=True),
        sa.Column("erased_to", sa.BigInteger(), nullable=False),
        sa.Column("erased", sa.Integer(), nullable=False),
        sa.Column("erased_at", _instant, nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_site_closings_site_id")),
        *(
            sa.ForeignKeyConstraint([name], ["staff.id"], name=op.f(f"fk_site_closings_{name}"))
            for name in ("proposed_by", "decided_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_closings")),
    )
    is_open = sa.text("state = 'open'")
    op.create_index(
        "uq_site_closings_open",
        "site_closings",
        ["site_id"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )


def downgrade() -> None:
    op.drop_table("site_closings")
    op.drop_column("sites", "closed_at")
