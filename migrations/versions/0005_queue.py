"""The queue: presence, skips, handovers, senders of reports, saved views, why a case stands high."""

import sqlalchemy as sa
from alembic import op

import shudi.db

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_instant = shudi.db.UTCDateTime(timezone=True)
_SKIPS = ("language", "expertise", "waiting", "too_close", "distressing", "other")
_REPORTS = ("wrong_label", "outdated_label", "harmful_label", "other")
_TABLES = (
    "saved_views",
    "case_reports",
    "set_aside_cases",
    "set_asides",
    "claim_handovers",
    "case_skips",
    "case_presence",
)


def _refers(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"))


def _codes(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=40)


def upgrade() -> None:
    # the default stays: rows written by the previous release have none
    op.add_column("cases", sa.Column("raised_by", sa.String(60), nullable=False, server_default=""))
    _people()
    _set_asides()
    _reports()
    op.create_table(
        "saved_views",
        sa.Column("id", _key, nullable=False),
        sa.Column("staff_id", _key, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("query", sa.String(300), nullable=False),
        sa.Column("created_at", _instant, nullable=False),
        _refers("saved_views", "staff_id", "staff.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint("staff_id", "name", name=op.f("uq_saved_views_staff_id_name")),
    )


def _people() -> None:
    op.create_table(
        "case_presence",
        sa.Column("case_id", _key, nullable=False),
        sa.Column("staff_id", _key, nullable=False),
        sa.Column("expires_at", _instant, nullable=False),
        _refers("case_presence", "case_id", "cases.id"),
        _refers("case_presence", "staff_id", "staff.id"),
        sa.PrimaryKeyConstraint("case_id", "staff_id", name=op.f("pk_case_presence")),
    )
    op.create_index(op.f("ix_case_presence_expires_at"), "case_presence", ["expires_at"])
    op.create_table(
        "case_skips",
        sa.Column("staff_id", _key, nullable=False),
        sa.Column("case_id", _key, nullable=False),
        sa.Column("reason", _codes("skipreason", _SKIPS), nullable=False),
        sa.Column("until", _instant, nullable=False),
        _refers("case_skips", "staff_id", "staff.id"),
        _refers("case_skips", "case_id", "cases.id"),
        sa.PrimaryKeyConstraint("staff_id", "case_id", name=op.f("pk_case_skips")),
    )
    op.create_index(op.f("ix_case_skips_until"), "case_skips", ["until"])
    op.create_table(
        "claim_handovers",
        sa.Column("claim_id", _key, autoincrement=False, nullable=False),
        sa.Column("given_by", _key, nullable=False),
        sa.Column("given_at", _instant, nullable=False),
        _refers("claim_handovers", "claim_id", "claims.id"),
        _refers("claim_handovers", "given_by", "staff.id"),
        sa.PrimaryKeyConstraint("claim_id", name=op.f("pk_claim_handovers")),
    )


def _set_asides() -> None:
    op.create_table(
        "set_asides",
        sa.Column("id", _key, nullable=False),
        sa.Column("at", _instant, nullable=False),
        sa.Column("staff_id", _key, nullable=False),
        sa.Column("reports", sa.Integer(), nullable=False),
        sa.Column("dismissed", sa.Integer(), nullable=False),
        sa.Column("undone_at", _instant, nullable=True),
        sa.Column("undone_by", _key, nullable=True),
        _refers("set_asides", "staff_id", "staff.id"),
        _refers("set_asides", "undone_by", "staff.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_set_asides")),
    )
    op.create_table(
        "set_aside_cases",
        sa.Column("set_aside_id", _key, nullable=False),
        sa.Column("case_id", _key, nullable=False),
        sa.Column("reports", sa.Integer(), nullable=False),
        sa.Column("dismissed", sa.Boolean(), nullable=False),
        _refers("set_aside_cases", "set_aside_id", "set_asides.id"),
        _refers("set_aside_cases", "case_id", "cases.id"),
        sa.PrimaryKeyConstraint("set_aside_id", "case_id", name=op.f("pk_set_aside_cases")),
    )


def _reports() -> None:
    op.create_table(
        "case_reports",
        sa.Column("id", _key, nullable=False),
        sa.Column("case_id", _key, nullable=False),
        sa.Column("event_id", _key, nullable=False),
        sa.Column("sender", sa.String(64), nullable=False),
        sa.Column("kind", _codes("reportkind", _REPORTS), nullable=False),
        sa.Column("at", _instant, nullable=False),
        sa.Column("set_aside_id", _key, nullable=True),
        _refers("case_reports", "case_id", "cases.id"),
        _refers("case_reports", "event_id", "case_events.id"),
        _refers("case_reports", "set_aside_id", "set_asides.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_reports")),
    )
    op.create_index(op.f("ix_case_reports_case_id"), "case_reports", ["case_id"])
    op.create_index(op.f("ix_case_reports_set_aside_id"), "case_reports", ["set_aside_id"])
    op.create_index("ix_case_reports_sender", "case_reports", ["sender", "id"])
    op.create_index("ix_case_reports_at", "case_reports", ["at", "sender"])


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
    with op.batch_alter_table("cases") as cases:
        cases.drop_column("raised_by")
