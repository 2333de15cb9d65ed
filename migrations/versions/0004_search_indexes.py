"""Indexes for what people look up: lifts that wait, and beginnings of names on PostgreSQL."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_SEARCHED = {"ix_accounts_handle": "handle", "ix_accounts_name_folded": "name_folded"}


def upgrade() -> None:
    waiting = sa.text("lift_proposed_at IS NOT NULL")
    op.create_index(
        "ix_corrections_lift_proposed",
        "corrections",
        ["state", "lift_proposed_at"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    if op.get_bind().dialect.name != "postgresql":
        return  # SQLite compares byte by byte: its indexes find beginnings as they are
    _index("ix_accounts_account_prefix", "account", "varchar_pattern_ops")
    for name, column in _SEARCHED.items():
        op.drop_index(name, "accounts")
        _index(name, column, "varchar_pattern_ops")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for name, column in _SEARCHED.items():
            op.drop_index(name, "accounts")
            _index(name, column, "varchar_ops")
        op.drop_index("ix_accounts_account_prefix", "accounts")
    op.drop_index("ix_corrections_lift_proposed", "corrections")


def _index(name: str, column: str, order: str) -> None:
    op.create_index(name, "accounts", ["site_id", column], postgresql_ops={column: order})
