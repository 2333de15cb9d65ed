"""Keys that end, are replaced with an overlap, have limits of their own, and how much they ask."""

import sqlalchemy as sa
from alembic import op

import shudi.db

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_instant = shudi.db.UTCDateTime(timezone=True)
_COLUMNS = ("expires_at", "hash_before", "before_until", "minute_limit", "used_at")


def upgrade() -> None:
    op.add_column("api_keys", sa.Column("expires_at", _instant))
    op.add_column("api_keys", sa.Column("hash_before", sa.String(64)))
    op.add_column("api_keys", sa.Column("before_until", _instant))
    op.add_column("api_keys", sa.Column("minute_limit", sa.Integer()))
    op.add_column("api_keys", sa.Column("used_at", _instant))
    op.create_index("ix_api_keys_hash_before", "api_keys", ["hash_before"])
    op.create_table(
        "api_key_days",
        sa.Column("key_id", _key, nullable=False, autoincrement=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("requests", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["key_id"], ["api_keys.id"], name=op.f("fk_api_key_days_key_id")
        ),
        sa.PrimaryKeyConstraint("key_id", "day", name=op.f("pk_api_key_days")),
    )


def downgrade() -> None:
    op.drop_table("api_key_days")
    op.drop_index("ix_api_keys_hash_before", "api_keys")
    for column in _COLUMNS:
        op.drop_column("api_keys", column)
