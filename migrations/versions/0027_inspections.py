"""Inspections: what an authority may see, who looks, and what was seen."""

import sqlalchemy as sa
from alembic import op

import shudi.db

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_instant = shudi.db.UTCDateTime(timezone=True)
_BASES = ("r20", "r21", "pipl63")
_REACHES = ("named", "regions")
_TELLINGS = ("at_once", "afterwards", "never")
_STATES = ("proposed", "approved", "refused", "withdrawn", "lapsed", "ended")
_PEOPLE = ("proposed_by", "decided_by", "ended_by", "more_by")


def _one_of(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=40)


def upgrade() -> None:
    op.create_table(
        "inspections",
        sa.Column("id", _key, nullable=False),
        sa.Column("authority", sa.String(120), nullable=False),
        sa.Column("request_number", sa.String(80), nullable=False),
        sa.Column("request_date", sa.Date(), nullable=False),
        sa.Column("basis", _one_of("basis", _BASES), nullable=False),
        sa.Column("purpose", sa.String(500), nullable=False),
        sa.Column("reach", _one_of("reach", _REACHES), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        *(
            sa.Column(name, sa.Boolean(), nullable=False)
            for name in ("labels", "cases", "information")
        ),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("telling", _one_of("telling", _TELLINGS), nullable=False),
        sa.Column("untold_because", sa.String(500), nullable=False),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("state", _one_of("inspectionstate", _STATES), nullable=False),
        sa.Column("proposed_by", _key, nullable=False),
        sa.Column("proposed_at", _instant, nullable=False),
        sa.Column("decided_by", _key, nullable=True),
        sa.Column("decided_at", _instant, nullable=True),
        sa.Column("decided_because", sa.String(500), nullable=False),
        sa.Column("ends_at", _instant, nullable=True),
        sa.Column("ended_by", _key, nullable=True),
        sa.Column("ended_because", sa.String(500), nullable=False),
        sa.Column("more_days", sa.Integer(), nullable=True),
        sa.Column("more_because", sa.String(500), nullable=False),
        sa.Column("more_by", _key, nullable=True),
        sa.Column("more_at", _instant, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *(
            sa.ForeignKeyConstraint([name], ["staff.id"], name=op.f(f"fk_inspections_{name}"))
            for name in _PEOPLE
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspections")),
    )
    op.create_index("ix_inspections_state", "inspections", ["state", "ends_at"])
    _part("inspection_supervisors", "staff_id", "staff")
    op.create_index("ix_inspection_supervisors_staff_id", "inspection_supervisors", ["staff_id"])
    _part("inspection_sites", "site_id", "sites")
    _part("inspection_accounts", "account_id", "accounts")
    op.create_table(
        "inspection_regions",
        sa.Column("inspection_id", _key, nullable=False),
        sa.Column("region", sa.String(6), nullable=False),
        _of_one("inspection_regions"),
        sa.PrimaryKeyConstraint("inspection_id", "region", name=op.f("pk_inspection_regions")),
    )
    _seen()


def _seen() -> None:
    op.create_table(
        "inspection_seen",
        sa.Column("account_id", _key, nullable=False),
        sa.Column("inspection_id", _key, nullable=False),
        sa.Column("first_at", _instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_inspection_seen_account_id")
        ),
        _of_one("inspection_seen"),
        sa.PrimaryKeyConstraint("account_id", "inspection_id", name=op.f("pk_inspection_seen")),
    )
    op.create_index("ix_inspection_seen_inspection_id", "inspection_seen", ["inspection_id"])


def _part(table: str, column: str, of: str) -> None:
    """What an inspection names: rows of `of`."""
    op.create_table(
        table,
        sa.Column("inspection_id", _key, nullable=False),
        sa.Column(column, _key, nullable=False),
        _of_one(table),
        sa.ForeignKeyConstraint([column], [f"{of}.id"], name=op.f(f"fk_{table}_{column}")),
        sa.PrimaryKeyConstraint("inspection_id", column, name=op.f(f"pk_{table}")),
    )


def _of_one(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["inspection_id"], ["inspections.id"], name=op.f(f"fk_{table}_inspection_id")
    )


def downgrade() -> None:
    for part in ("seen", "regions", "accounts", "sites", "supervisors"):
        op.drop_table(f"inspection_{part}")
    op.drop_table("inspections")
