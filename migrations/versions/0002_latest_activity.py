"""The latest activity in narrow rows of its own, evidence once per distinct answer."""

import hashlib

import sqlalchemy as sa
from alembic import op

import shudi.db

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# Microseconds since 1970. SQLite keeps an instant as 'YYYY-MM-DD HH:MM:SS.ffffff'.
_MICROSECONDS = {
    "sqlite": "CAST(strftime('%s', substr(latest_at, 1, 19)) AS INTEGER) * 1000000"
    " + CAST(substr(latest_at || '.000000', 21, 6) AS INTEGER)",
    "postgresql": "CAST(extract(epoch FROM latest_at) * 1000000 AS bigint)",
}
_INSTANT = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%S', at / 1000000, 'unixepoch')"
    " || printf('.%06d', at % 1000000)",
    "postgresql": "to_timestamp(at / 1000000) + (at % 1000000) * interval '1 microsecond'",
}


def upgrade() -> None:
    op.create_table(
        "evidence",
        sa.Column("id", _key, nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sa.UniqueConstraint("digest", name=op.f("uq_evidence_digest")),
    )
    op.create_table(
        "latest_activity",
        sa.Column("account_id", _key, autoincrement=False, nullable=False),
        sa.Column("at", shudi.db.Microseconds(), nullable=False),
        sa.Column("evidence_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_latest_activity")),
    )
    _split()
    with op.batch_alter_table("labels") as labels:
        labels.add_column(
            sa.Column("deleted", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        labels.drop_column("latest_at")
        labels.drop_column("evidence")
    op.execute(
        "UPDATE labels SET deleted = true WHERE account_id IN"
        " (SELECT id FROM accounts WHERE deleted_at IS NOT NULL)"
    )
    with op.batch_alter_table("labels") as labels:
        labels.alter_column("deleted", server_default=None)


def _split() -> None:
    connection = op.get_bind()
    texts = connection.execute(
        sa.text("SELECT DISTINCT evidence FROM labels WHERE latest_at IS NOT NULL")
    ).scalars()
    rows = [
        {"digest": hashlib.sha256(text.encode()).hexdigest()[:32], "text": text} for text in texts
    ]
    if rows:
        insert = sa.text("INSERT INTO evidence (digest, text) VALUES (:digest, :text)")
        connection.execute(insert, rows)
    op.execute(
        "INSERT INTO latest_activity (account_id, at, evidence_id)"
        f" SELECT l.account_id, {_MICROSECONDS[connection.dialect.name]}, e.id"
        " FROM labels l JOIN evidence e ON e.text = l.evidence WHERE l.latest_at IS NOT NULL"
    )


def downgrade() -> None:
    with op.batch_alter_table("labels") as labels:
        labels.add_column(sa.Column("latest_at", shudi.db.UTCDateTime(timezone=True)))
        labels.add_column(sa.Column("evidence", sa.Text(), nullable=False, server_default=""))
        labels.drop_column("deleted")
    instant = _INSTANT[op.get_bind().dialect.name]
    op.execute(
        "UPDATE labels SET latest_at = (SELECT " + instant + " FROM latest_activity a"
        " WHERE a.account_id = labels.account_id), evidence = coalesce((SELECT e.text"
        " FROM latest_activity a JOIN evidence e ON e.id = a.evidence_id"
        " WHERE a.account_id = labels.account_id), '')"
    )
    with op.batch_alter_table("labels") as labels:
        labels.alter_column("evidence", server_default=None)
    op.drop_table("latest_activity")
    op.drop_table("evidence")
