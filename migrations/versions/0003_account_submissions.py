"""Account information that waits for a person."""

import sqlalchemy as sa
from alembic import op
import shudi.db

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

_RULES = (
    'strict_word', 'news_name', 'state_organ', 'state_name', 'region_office', 'official_claim',
    'embedded_link', 'embedded_email', 'embedded_phone', 'embedded_contact', 'hidden_text',
    'identity_mismatch', 'misleading',
)


def upgrade() -> None:
    op.create_table('account_submissions',
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('state', sa.Enum('waiting', 'refused', name='submissionstate', native_enum=False, length=40), nullable=False),
    sa.Column('handle', sa.String(length=128), nullable=True),
    sa.Column('name', sa.String(length=128), nullable=False),
    sa.Column('avatar_url', sa.String(length=500), nullable=False),
    sa.Column('bio', sa.String(length=500), nullable=False),
    sa.Column('field', sa.String(length=20), nullable=False),
    sa.Column('rule', sa.Enum(*_RULES, name='rule', native_enum=False, length=40), nullable=False),
    sa.Column('refused_for', sa.Enum(*_RULES, name='rule', native_enum=False, length=40), nullable=True),
    sa.Column('submitted_at', shudi.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('refused_at', shudi.db.UTCDateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_account_submissions_account_id')),
    sa.PrimaryKeyConstraint('account_id', name=op.f('pk_account_submissions'))
    )
    with op.batch_alter_table('account_submissions', schema=None) as batch_op:
        batch_op.create_index('ix_account_submissions_refused_at', ['refused_at'], unique=False)


def downgrade() -> None:
    op.drop_table('account_submissions')
