"""Changes of the geo databases, what was found of them, and the cases they open."""

import sqlalchemy as sa
from alembic import op

import shudi.db

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_instant = shudi.db.UTCDateTime(timezone=True)
_STATES = ("held", "applied", "accepted", "stopped", "replaced")


def upgrade() -> None:
    op.create_table(
        "source_updates",
        sa.Column("id", _key, nullable=False),
        sa.Column(
            "state",
            sa.Enum(*_STATES, name="updatestate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("origin", sa.String(20), nullable=False),
        sa.Column("rule", sa.String(20), nullable=False),
        sa.Column("site_id", sa.BigInteger()),
        sa.Column("opened_at", _instant, nullable=False),
        sa.Column("decided_at", _instant),
        sa.Column("decided_by", _key),
        sa.Column("sampled_at", _instant),
        sa.Column("sampled_by", _key),
        sa.Column("taken_at", _instant),
        *(
            sa.Column(name, sa.JSON(), nullable=False)
            for name in ("old", "new", "diff", "candidate")
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        *(
            sa.ForeignKeyConstraint([name], ["staff.id"], name=op.f(f"fk_source_updates_{name}"))
            for name in ("decided_by", "sampled_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_updates")),
    )
    waiting = sa.text("state = 'held'")
    op.create_index(
        "uq_source_updates_held",
        "source_updates",
        ["state"],
        unique=True,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_table(
        "source_trials",
        sa.Column("update_id", _key, nullable=False),
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("site_id", _key, nullable=False),
        sa.Column("at", _instant, nullable=False),
        sa.Column("before", sa.String(8), nullable=False),
        sa.Column("after", sa.String(8), nullable=False),
        sa.ForeignKeyConstraint(
            ["update_id"], ["source_updates.id"], name=op.f("fk_source_trials_update_id")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_source_trials_site_id")),
        sa.PrimaryKeyConstraint("update_id", "account_id", name=op.f("pk_source_trials")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_source_trials_at", "source_trials", ["at"])
    op.create_index("ix_source_trials_account_id", "source_trials", ["account_id"])
    with op.batch_alter_table("cases") as table:
        table.add_column(sa.Column("update_id", _key))
        table.create_foreign_key(
            op.f("fk_cases_update_id"), "source_updates", ["update_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("cases") as table:
        table.drop_constraint(op.f("fk_cases_update_id"), type_="foreignkey")
        table.drop_column("update_id")
    op.drop_table("source_trials")
    op.drop_table("source_updates")
