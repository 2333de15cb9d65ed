"""Sign-ins, who made a link, and proposals of admins."""

import sqlalchemy as sa
from alembic import op

import shudi.db

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_instant = shudi.db.UTCDateTime(timezone=True)
_ROLES = ("moderator", "senior", "auditor", "admin", "supervisor")
_STATES = ("open", "confirmed", "refused", "withdrawn", "dropped")


def upgrade() -> None:
    op.create_table(
        "staff_sign_ins",
        sa.Column("id", _key, nullable=False),
        sa.Column("staff_id", _key, nullable=False),
        sa.Column("at", _instant, nullable=False),
        sa.Column("region", sa.String(6), nullable=True),
        sa.Column("browser", sa.String(20), nullable=False),
        sa.Column("system", sa.String(20), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_staff_sign_ins_staff_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_sign_ins")),
    )
    op.create_index("ix_staff_sign_ins_staff_id", "staff_sign_ins", ["staff_id", "at"])
    op.create_index("ix_staff_sign_ins_at", "staff_sign_ins", ["at"])
    op.add_column("staff_sessions", sa.Column("sign_in_id", sa.BigInteger(), nullable=True))
    op.create_index("ix_staff_sessions_sign_in_id", "staff_sessions", ["sign_in_id"])
    with op.batch_alter_table("staff_links") as table:
        table.add_column(sa.Column("made_by", _key, nullable=True))
        table.create_foreign_key(op.f("fk_staff_links_made_by"), "staff", ["made_by"], ["id"])
    _proposals()


def _proposals() -> None:
    op.create_table(
        "staff_proposals",
        sa.Column("id", _key, nullable=False),
        sa.Column("staff_id", _key, nullable=False),
        sa.Column("role", sa.Enum(*_ROLES, name="role", native_enum=False, length=40), nullable=False),
        sa.Column(
            "state", sa.Enum(*_STATES, name="state", native_enum=False, length=40), nullable=False
        ),
        sa.Column("proposed_by", _key, nullable=False),
        sa.Column("proposed_at", _instant, nullable=False),
        sa.Column("expires_at", _instant, nullable=False),
        sa.Column("decided_by", _key, nullable=True),
        sa.Column("decided_at", _instant, nullable=True),
        *(
            sa.ForeignKeyConstraint([name], ["staff.id"], name=op.f(f"fk_staff_proposals_{name}"))
            for name in ("staff_id", "proposed_by", "decided_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_proposals")),
    )
    is_open = sa.text("state = 'open'")
    op.create_index(
        "uq_staff_proposals_open",
        "staff_proposals",
        ["staff_id"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_index("ix_staff_proposals_expires_at", "staff_proposals", ["expires_at"])


def downgrade() -> None:
    op.drop_table("staff_proposals")
    with op.batch_alter_table("staff_links") as table:
        table.drop_constraint(op.f("fk_staff_links_made_by"), type_="foreignkey")
        table.drop_column("made_by")
    op.drop_index("ix_staff_sessions_sign_in_id", "staff_sessions")
    op.drop_column("staff_sessions", "sign_in_id")
    op.drop_table("staff_sign_ins")
