"""What a brake holds as it is shown, where its changes come from, and samples of them."""

import sqlalchemy as sa
from alembic import op

import shudi.db

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_instant = shudi.db.UTCDateTime(timezone=True)
_STATES = ("labelled", "uncertain", "withheld", "none", "not_covered")
_OUTCOMES = ("changed", "quiet", "overtaken", "reverted", "kept")
_SHOWN = """
UPDATE held_results SET shown = coalesce(
    (SELECT coalesce(l.region, '-') FROM labels l
     WHERE l.account_id = held_results.account_id AND l.state <> 'none'), '')
"""


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=40)


def upgrade() -> None:
    with op.batch_alter_table("brakes") as table:
        table.add_column(sa.Column("origin_name", sa.String(120), nullable=False, server_default=""))
        table.add_column(sa.Column("sampled_at", _instant))
        table.add_column(sa.Column("sampled_by", _key))
        table.create_foreign_key(op.f("fk_brakes_sampled_by"), "staff", ["sampled_by"], ["id"])
    shown = sa.Column("shown", sa.String(6), nullable=False, server_default="")
    op.add_column("held_results", shown)
    op.execute(_SHOWN)
    op.create_index("ix_held_results_moves", "held_results", ["brake_id", "shown", "region"])
    op.create_table(
        "brake_samples",
        sa.Column("brake_id", _key, nullable=False),
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sampled_at", _instant, nullable=False),
        sa.Column("shown", sa.String(6), nullable=False),
        sa.Column("state", _enum("state", *_STATES), nullable=False),
        sa.Column("region", sa.String(6)),
        sa.Column("outcome", _enum("sampled", *_OUTCOMES), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("before_state", _enum("state", *_STATES), nullable=False),
        sa.Column("before_region", sa.String(6)),
        sa.Column("before_at", sa.BigInteger()),
        sa.Column("before_evidence_id", sa.BigInteger()),
        sa.ForeignKeyConstraint(["brake_id"], ["brakes.id"], name=op.f("fk_brake_samples_brake_id")),
        sa.PrimaryKeyConstraint("brake_id", "account_id", name=op.f("pk_brake_samples")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_brake_samples_sampled_at", "brake_samples", ["sampled_at"])
    op.create_index("ix_brake_samples_account_id", "brake_samples", ["account_id"])


def downgrade() -> None:
    op.drop_table("brake_samples")
    op.drop_index("ix_held_results_moves", "held_results")
    with op.batch_alter_table("held_results") as table:
        table.drop_column("shown")
    with op.batch_alter_table("brakes") as table:
        table.drop_constraint(op.f("fk_brakes_sampled_by"), type_="foreignkey")
        table.drop_column("sampled_by")
        table.drop_column("sampled_at")
        table.drop_column("origin_name")
