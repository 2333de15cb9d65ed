"""Passkeys, the challenges that they answer, and browsers that are known."""

import sqlalchemy as sa
from alembic import op

import shudi.db

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_instant = shudi.db.UTCDateTime(timezone=True)


def _of_staff(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f(f"fk_{table}_staff_id"))


def upgrade() -> None:
    op.create_table(
        "staff_passkeys",
        sa.Column("id", _key, nullable=False),
        sa.Column("staff_id", _key, nullable=False),
        sa.Column("credential_id", sa.String(1400), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("synced", sa.Boolean(), nullable=False),
        sa.Column("created_at", _instant, nullable=False),
        sa.Column("used_at", _instant),
        _of_staff("staff_passkeys"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_passkeys")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_staff_passkeys_credential_id")),
    )
    op.create_index("ix_staff_passkeys_staff_id", "staff_passkeys", ["staff_id"])
    purpose = sa.Enum("register", "prove", name="challengepurpose", native_enum=False, length=40)
    op.create_table(
        "staff_challenges",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("purpose", purpose, nullable=False),
        sa.Column("holder", sa.String(80), nullable=False),
        sa.Column("expires_at", _instant, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_staff_challenges")),
    )
    op.create_index("ix_staff_challenges_expires_at", "staff_challenges", ["expires_at"])
    op.create_table(
        "staff_devices",
        sa.Column("id", _key, nullable=False),
        sa.Column("staff_id", _key, nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("created_at", _instant, nullable=False),
        sa.Column("used_at", _instant, nullable=False),
        _of_staff("staff_devices"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_devices")),
        sa.UniqueConstraint(
            "token_hash", "staff_id", name=op.f("uq_staff_devices_token_hash_staff_id")
        ),
    )
    op.create_index("ix_staff_devices_staff_id", "staff_devices", ["staff_id"])
    op.create_index("ix_staff_devices_used_at", "staff_devices", ["used_at"])


def downgrade() -> None:
    op.drop_table("staff_devices")
    op.drop_table("staff_challenges")
    op.drop_table("staff_passkeys")
