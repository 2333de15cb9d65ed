"""What belongs to a contest: which label it is about, at which instance, and how it is answered."""

import sqlalchemy as sa
from alembic import op

import shudi.db

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_LINKS = {
    "case_id": "cases",
    "account_id": "accounts",
    "first_id": "cases",
    "correction_id": "corrections",
    "lifts_id": "corrections",
    "decision_id": "decisions",
}
_STATES = ("labelled", "uncertain", "withheld", "none", "not_covered")


def upgrade() -> None:
    op.create_table(
        "appeals",
        sa.Column("case_id", _key, autoincrement=False, nullable=False),
        sa.Column("account_id", _key, nullable=False),
        sa.Column("instance", sa.Integer(), nullable=False),
        sa.Column("first_id", _key),
        sa.Column("label_version", sa.Integer(), nullable=False),
        sa.Column(
            "state", sa.Enum(*_STATES, name="state", native_enum=False, length=40), nullable=False
        ),
        sa.Column("region", sa.String(6)),
        sa.Column("correction_id", _key),
        sa.Column("evidence", sa.String(2000), nullable=False),
        sa.Column("marked", sa.Boolean(), nullable=False),
        sa.Column("lifts_id", _key),
        sa.Column("words", sa.String(2000), nullable=False),
        sa.Column("answered_at", shudi.db.UTCDateTime(timezone=True)),
        sa.Column("answered_version", sa.Integer()),
        sa.Column("upheld", sa.Boolean(), nullable=False),
        sa.Column("decision_id", _key),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_appeals_{name}"))
            for name, table in _LINKS.items()
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_appeals")),
        sa.UniqueConstraint(
            "account_id", "label_version", "instance", name=op.f("uq_appeals_account_id_label_version_instance")
        ),
        sa.UniqueConstraint("first_id", name=op.f("uq_appeals_first_id")),
    )
    op.create_index("ix_appeals_lifts_id", "appeals", ["lifts_id"])


def downgrade() -> None:
    op.drop_table("appeals")
