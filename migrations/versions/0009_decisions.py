"""Risks, plans and reversals of corrections; whether decisions stand; second looks."""

import sqlalchemy as sa
from alembic import op

import shudi.db

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_instant = shudi.db.UTCDateTime(timezone=True)
_PARTIAL = {
    "uq_corrections_scheduled": (["account_id"], True, "state = 'scheduled'"),
    "ix_corrections_starts_at": (["starts_at"], False, "state = 'scheduled'"),
    "ix_corrections_unconfirmed": (["id"], False, "unconfirmed"),
}
_COLUMNS = (
    ("lift_risks", sa.String(120), ""),
    ("lift_restores", sa.Boolean(), sa.false()),
    ("risks", sa.String(120), ""),
    ("unconfirmed", sa.Boolean(), sa.false()),
    ("starts_at", _instant, None),
    ("replaced_id", sa.BigInteger(), None),
    ("reverts_id", sa.BigInteger(), None),
)


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=40)


def upgrade() -> None:
    for name, kind, default in _COLUMNS:
        column = sa.Column(name, kind, nullable=default is None, server_default=default)
        op.add_column("corrections", column)
    for name, (columns, unique, where) in _PARTIAL.items():
        op.create_index(
            name,
            "corrections",
            columns,
            unique=unique,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )
    op.create_index("ix_decisions_staff", "decisions", ["staff_id", "id"])
    _standings()
    _second_looks()


def _standings() -> None:
    op.create_table(
        "decision_standings",
        sa.Column("decision_id", _key, autoincrement=False, nullable=False),
        sa.Column("at", _instant, nullable=False),
        sa.Column("state", _enum("stands", "stands", "undone", "reverted"), nullable=False),
        sa.Column("two", sa.Boolean(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("changed_at", _instant),
        sa.Column("changed_by", _key),
        sa.Column("reverted_by", _key),
        sa.Column("sampled", sa.Boolean()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name=op.f("fk_decision_standings_decision_id")
        ),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["staff.id"], name=op.f("fk_decision_standings_changed_by")
        ),
        sa.ForeignKeyConstraint(
            ["reverted_by"], ["decisions.id"], name=op.f("fk_decision_standings_reverted_by")
        ),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_decision_standings")),
    )
    undrawn = sa.text("sampled IS NULL")
    op.create_index(
        "ix_decision_standings_undrawn",
        "decision_standings",
        ["at", "decision_id"],
        sqlite_where=undrawn,
        postgresql_where=undrawn,
    )


def _second_looks() -> None:
    verdicts = ("keep", "correct", "dismiss", "lift", "revert", "accept", "refuse")
    kinds = ("coarsen", "withhold", "mark_uncertain", "replace")
    op.create_table(
        "second_looks",
        sa.Column("case_id", _key, autoincrement=False, nullable=False),
        sa.Column("decision_id", _key, nullable=False),
        sa.Column("opened_at", _instant, nullable=False),
        sa.Column("looked_by", _key),
        sa.Column("looked_at", _instant),
        sa.Column("verdict", _enum("verdict", *verdicts)),
        sa.Column("kind", _enum("correctionkind", *kinds)),
        sa.Column("region", sa.String(6)),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("text", sa.String(2000), nullable=False),
        sa.Column("agreed", sa.Boolean()),
        sa.Column("settled_by", _key),
        sa.Column("settled_at", _instant),
        sa.Column("settled", _enum("settled", "first", "second")),
        sa.Column("settled_text", sa.String(2000), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_second_looks_case_id")),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name=op.f("fk_second_looks_decision_id")
        ),
        sa.ForeignKeyConstraint(["looked_by"], ["staff.id"], name=op.f("fk_second_looks_looked_by")),
        sa.ForeignKeyConstraint(
            ["settled_by"], ["staff.id"], name=op.f("fk_second_looks_settled_by")
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_second_looks")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_second_looks_decision_id")),
    )
    op.create_index("ix_second_looks_looked_at", "second_looks", ["looked_at"])


def downgrade() -> None:
    op.drop_table("second_looks")
    op.drop_table("decision_standings")
    op.drop_index("ix_decisions_staff", "decisions")
    for name in reversed(_PARTIAL):
        op.drop_index(name, "corrections")
    op.execute(
        "UPDATE corrections SET state = 'withdrawn'"
        " WHERE state IN ('scheduled', 'undone', 'cancelled', 'returned')"
    )
    # the cases that only this release knows are closed and called reports
    op.execute(
        "UPDATE cases SET kind = 'report', state = 'closed', closed_at = coalesce(closed_at,"
        " updated_at) WHERE kind IN ('second_look', 'scheduled')"
    )
    with op.batch_alter_table("corrections") as corrections:
        for name, _, _ in reversed(_COLUMNS):
            corrections.drop_column(name)
