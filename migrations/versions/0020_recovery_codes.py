"""Recovery codes, notices about one's own way in, and when a session's second factor was given."""

import sqlalchemy as sa
from alembic import op

import shudi.db

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_instant = shudi.db.UTCDateTime(timezone=True)
_KINDS = (
    "password_changed",
    "app_changed",
    "recovery_renewed",
    "recovery_used",
    "passkey_added",
    "passkey_removed",
    "new_device",
    "refusals",
)


def _of_staff(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f(f"fk_{table}_staff_id"))


def upgrade() -> None:
    op.add_column("staff_sessions", sa.Column("factor_at", _instant))
    op.create_table(
        "staff_recovery_codes",
        sa.Column("id", _key, nullable=False),
        sa.Column("staff_id", _key, nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("used_at", _instant),
        _of_staff("staff_recovery_codes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_recovery_codes")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_staff_recovery_codes_code_hash")),
    )
    op.create_index("ix_staff_recovery_codes_staff_id", "staff_recovery_codes", ["staff_id"])
    kind = sa.Enum(*_KINDS, name="noticekind", native_enum=False, length=40)
    op.create_table(
        "staff_notices",
        sa.Column("id", _key, nullable=False),
        sa.Column("staff_id", _key, nullable=False),
        sa.Column("kind", kind, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("at", _instant, nullable=False),
        sa.Column("seen_at", _instant),
        _of_staff("staff_notices"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_notices")),
    )
    op.create_index("ix_staff_notices_staff_id", "staff_notices", ["staff_id"])
    op.create_index("ix_staff_notices_at", "staff_notices", ["at"])


def downgrade() -> None:
    op.drop_table("staff_notices")
    op.drop_table("staff_recovery_codes")
    op.drop_column("staff_sessions", "factor_at")
