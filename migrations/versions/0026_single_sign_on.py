"""Single sign-on: who somebody is at a provider, trips to it, and by what people came in."""

import sqlalchemy as sa
from alembic import op

import shudi.db

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_instant = shudi.db.UTCDateTime(timezone=True)
_PURPOSES = ("sign_in", "accept", "link", "step_up")


def upgrade() -> None:
    op.create_table(
        "staff_identities",
        sa.Column("id", _key, nullable=False),
        sa.Column("staff_id", _key, nullable=False),
        sa.Column("issuer", sa.String(255), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("linked_at", _instant, nullable=False),
        sa.Column("used_at", _instant, nullable=True),
        sa.Column("cut_at", _instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_staff_identities_staff_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_identities")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_staff_identities_issuer_subject")),
    )
    op.create_index("ix_staff_identities_staff_id", "staff_identities", ["staff_id"])
    op.create_table(
        "staff_trips",
        sa.Column("state_hash", sa.String(64), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(*_PURPOSES, name="purpose", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("holder", sa.String(80), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("link_hash", sa.String(64), nullable=False),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("kept", sa.Text(), nullable=False),
        sa.Column("asked_at", _instant, nullable=False),
        sa.Column("expires_at", _instant, nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_staff_trips")),
    )
    op.create_index("ix_staff_trips_expires_at", "staff_trips", ["expires_at"])
    for table in ("staff_sign_ins", "staff_sessions"):
        op.add_column(
            table, sa.Column("method", sa.String(24), server_default="", nullable=False)
        )
    op.add_column("staff_sessions", sa.Column("identity_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "staff_sessions",
        sa.Column("provider_hash", sa.String(64), server_default="", nullable=False),
    )
    op.create_index("ix_staff_sessions_identity_id", "staff_sessions", ["identity_id"])


def downgrade() -> None:
    op.drop_index("ix_staff_sessions_identity_id", "staff_sessions")
    for name in ("provider_hash", "identity_id", "method"):
        op.drop_column("staff_sessions", name)
    op.drop_column("staff_sign_ins", "method")
    op.drop_table("staff_trips")
    op.drop_table("staff_identities")
