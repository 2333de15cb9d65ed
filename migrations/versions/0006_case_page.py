"""What a case's page adds: mentions, files, ready words, notices; events in order of time."""

import sqlalchemy as sa
from alembic import op

import shudi.db

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_instant = shudi.db.UTCDateTime(timezone=True)
_CANNED = ("keep", "dismiss", "lift", "coarsen", "withhold", "mark_uncertain", "replace")


def upgrade() -> None:
    op.create_table(
        "case_mentions",
        sa.Column("note_id", _key, nullable=False),
        sa.Column("staff_id", _key, nullable=False),
        sa.Column("case_id", _key, nullable=False),
        sa.Column("at", _instant, nullable=False),
        sa.Column("read_at", _instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["note_id"], ["case_events.id"], name=op.f("fk_case_mentions_note_id")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_case_mentions_staff_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_mentions_case_id")),
        sa.PrimaryKeyConstraint("note_id", "staff_id", name=op.f("pk_case_mentions")),
    )
    op.create_index(op.f("ix_case_mentions_case_id"), "case_mentions", ["case_id"])
    op.create_index(
        "ix_case_mentions_unread", "case_mentions", ["staff_id", "read_at", "note_id"]
    )
    _attachments()
    _canned_reasons()
    op.create_table(
        "case_notices",
        sa.Column("id", _key, nullable=False),
        sa.Column("case_id", _key, nullable=False),
        sa.Column("uid", sa.String(40), nullable=False),
        sa.Column("topic", sa.String(60), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("at", _instant, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_notices_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_notices")),
    )
    op.create_index("ix_case_notices_case", "case_notices", ["case_id", "at", "id"])
    # the timeline walks a case's events from the newest
    op.create_index("ix_case_events_time", "case_events", ["case_id", "at", "id"])
    op.drop_index(op.f("ix_case_events_case_id"), table_name="case_events")


def _attachments() -> None:
    op.create_table(
        "case_attachments",
        sa.Column("id", _key, nullable=False),
        sa.Column("case_id", _key, nullable=False),
        sa.Column("staff_id", _key, nullable=False),
        sa.Column("at", _instant, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("file", sa.String(64), nullable=False),
        sa.Column("gone_at", _instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_attachments_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_case_attachments_staff_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_attachments")),
        sa.UniqueConstraint("file", name=op.f("uq_case_attachments_file")),
    )
    op.create_index(op.f("ix_case_attachments_case_id"), "case_attachments", ["case_id"])
    op.create_index(op.f("ix_case_attachments_gone_at"), "case_attachments", ["gone_at"])


def _canned_reasons() -> None:
    op.create_table(
        "canned_reasons",
        sa.Column("id", _key, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(*_CANNED, name="cannedkind", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("language", sa.String(10), nullable=False),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("text", sa.String(2000), nullable=False),
        sa.Column("updated_at", _instant, nullable=False),
        sa.Column("retired_at", _instant, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_reasons")),
    )
    op.create_index(
        "uq_canned_reasons_title",
        "canned_reasons",
        ["kind", "language", "title"],
        unique=True,
        sqlite_where=sa.text("retired_at IS NULL"),
        postgresql_where=sa.text("retired_at IS NULL"),
    )


def downgrade() -> None:
    op.create_index(op.f("ix_case_events_case_id"), "case_events", ["case_id"])
    op.drop_index("ix_case_events_time", table_name="case_events")
    for table in ("case_notices", "canned_reasons", "case_attachments", "case_mentions"):
        op.drop_table(table)
