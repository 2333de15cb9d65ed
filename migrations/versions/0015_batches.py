"""Batches: one act on a list of accounts, and what became of each."""

import sqlalchemy as sa
from alembic import op

import shudi.db

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_instant = shudi.db.UTCDateTime(timezone=True)
_ACTS = ("coarsen", "withhold", "mark_uncertain", "lift", "undo", "revert")
_STATES = ("waiting", "running", "done", "refused", "cancelled")
_OUTCOMES = ("waiting", "done", "nothing_to_do", "stale", "refused", "failed")


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=40)


def _foreign(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [other], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.create_table(
        "batches",
        sa.Column("id", _key, nullable=False),
        sa.Column("uid", sa.String(32), nullable=False),
        sa.Column("site_id", _key, nullable=False),
        sa.Column("staff_id", _key, nullable=False),
        sa.Column("act", _enum("batchact", *_ACTS), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("text", sa.String(500), nullable=False),
        sa.Column("days", sa.Integer()),
        sa.Column("at_expiry", _enum("atexpiry", "requeue", "revert"), nullable=False),
        sa.Column("state", _enum("batchstate", *_STATES), nullable=False),
        sa.Column("second", sa.Boolean(), nullable=False),
        sa.Column("reverts_id", _key),
        sa.Column("created_at", _instant, nullable=False),
        sa.Column("touched_at", _instant, nullable=False),
        sa.Column("answered_by", _key),
        sa.Column("answered_at", _instant),
        sa.Column("answer", sa.String(500), nullable=False),
        sa.Column("started_at", _instant),
        sa.Column("ended_at", _instant),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("worked", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _foreign("batches", "site_id", "sites.id"),
        _foreign("batches", "staff_id", "staff.id"),
        _foreign("batches", "reverts_id", "batches.id"),
        _foreign("batches", "answered_by", "staff.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
        sa.UniqueConstraint("uid", name=op.f("uq_batches_uid")),
    )
    op.create_index("ix_batches_reverts_id", "batches", ["reverts_id"])
    op.create_index("ix_batches_state", "batches", ["state", "touched_at", "id"])
    op.create_index(
        "uq_batches_reverts",
        "batches",
        ["reverts_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('waiting', 'running')"),
        postgresql_where=sa.text("state IN ('waiting', 'running')"),
    )
    op.create_table(
        "batch_items",
        sa.Column("batch_id", _key, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account", sa.String(128), nullable=False),
        sa.Column("account_id", _key),
        sa.Column("version", sa.Integer()),
        sa.Column("outcome", _enum("outcome", *_OUTCOMES), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("correction_id", _key),
        sa.Column("at", _instant),
        _foreign("batch_items", "batch_id", "batches.id"),
        _foreign("batch_items", "account_id", "accounts.id"),
        _foreign("batch_items", "correction_id", "corrections.id"),
        sa.PrimaryKeyConstraint("batch_id", "position", name=op.f("pk_batch_items")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_batch_items_account_id", "batch_items", ["account_id"])
    op.create_index("ix_batch_items_correction_id", "batch_items", ["correction_id"])
    op.create_index(
        "ix_batch_items_outcome", "batch_items", ["batch_id", "outcome", "position"]
    )


def downgrade() -> None:
    op.drop_table("batch_items")
    op.drop_table("batches")
