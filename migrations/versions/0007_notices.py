"""Notices by channel and site, their attempts, each site's own receiver and words."""

import sqlalchemy as sa
from alembic import op

import shudi.db

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_instant = shudi.db.UTCDateTime(timezone=True)
# Until now the payload named the site by its number.
_SITE = {
    "sqlite": "json_extract(payload, '$.site')",
    "postgresql": "(payload->>'site')::bigint",
}
_INDEXES = {
    "ix_outbox_created_at": ["created_at"],
    "ix_outbox_leased_until": ["leased_until"],
    "ix_outbox_site_id": ["site_id", "id"],
    "ix_outbox_state": ["state", "id"],
    "ix_outbox_topic": ["topic", "id"],
}


def upgrade() -> None:
    with op.batch_alter_table("outbox") as outbox:
        outbox.add_column(
            sa.Column(
                "channel",
                sa.Enum("webhook", "mail", name="channel", native_enum=False, length=40),
                nullable=False,
                server_default="webhook",
            )
        )
        outbox.add_column(
            sa.Column("site_id", sa.BigInteger(), nullable=False, server_default="0")
        )
        outbox.add_column(sa.Column("lease", sa.String(32), nullable=False, server_default=""))
        outbox.add_column(sa.Column("leased_until", _instant))
    site = _SITE[op.get_bind().dialect.name]
    op.execute(f"UPDATE outbox SET site_id = coalesce({site}, 0)")
    with op.batch_alter_table("outbox") as outbox:
        for column in ("channel", "site_id", "lease"):
            outbox.alter_column(column, server_default=None)
        for name, columns in _INDEXES.items():
            outbox.create_index(name, columns)
    op.create_table(
        "outbox_attempts",
        sa.Column("id", _key, nullable=False),
        sa.Column("message_id", _key, nullable=False),
        sa.Column("at", _instant, nullable=False),
        sa.Column("outcome", sa.String(60), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["outbox.id"],
            name=op.f("fk_outbox_attempts_message_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_attempts")),
    )
    op.create_index("ix_outbox_attempts_message_id", "outbox_attempts", ["message_id"])
    _receivers()
    _wordings()


def _receivers() -> None:
    op.create_table(
        "site_receivers",
        sa.Column("site_id", _key, autoincrement=False, nullable=False),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("sealed", sa.String(500), nullable=False),
        sa.Column("sealed_before", sa.String(500), nullable=False),
        sa.Column("before_until", _instant),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_site_receivers_site_id")),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_site_receivers")),
    )


def _wordings() -> None:
    op.create_table(
        "site_wordings",
        sa.Column("id", _key, nullable=False),
        sa.Column("site_id", _key, nullable=False),
        sa.Column("topic", sa.String(60), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("language", sa.String(10), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("text", sa.String(1000), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_site_wordings_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_wordings")),
        sa.UniqueConstraint(
            "site_id",
            "topic",
            "channel",
            "language",
            name=op.f("uq_site_wordings_site_id_topic_channel_language"),
        ),
    )


def downgrade() -> None:
    op.drop_table("site_wordings")
    op.drop_table("site_receivers")
    op.drop_table("outbox_attempts")
    op.execute("DELETE FROM outbox WHERE channel <> 'webhook'")
    with op.batch_alter_table("outbox") as outbox:
        for name in reversed(_INDEXES):
            outbox.drop_index(name)
        for column in ("leased_until", "lease", "site_id", "channel"):
            outbox.drop_column(column)
