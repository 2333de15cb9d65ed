"""The first tables."""

import sqlalchemy as sa
from alembic import op
import shudi.db

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('allowances',
    sa.Column('subject', sa.String(length=64), nullable=False),
    sa.Column('window', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('spent', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('subject', 'window', name=op.f('pk_allowances'))
    )
    op.create_table('audit',
    sa.Column('seq', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('at', sa.String(length=32), nullable=False),
    sa.Column('actor_id', sa.String(length=80), nullable=False),
    sa.Column('actor_name', sa.String(length=120), nullable=False),
    sa.Column('action', sa.String(length=60), nullable=False),
    sa.Column('target_type', sa.String(length=30), nullable=False),
    sa.Column('target_id', sa.String(length=80), nullable=False),
    sa.Column('before', sa.Text(), nullable=False),
    sa.Column('after', sa.Text(), nullable=False),
    sa.Column('request_id', sa.String(length=40), nullable=False),
    sa.Column('text_mac', sa.String(length=64), nullable=False),
    sa.Column('prev_hash', sa.String(length=64), nullable=False),
    sa.Column('row_hash', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_audit')),
    sa.UniqueConstraint('prev_hash', name=op.f('uq_audit_prev_hash'))
    )
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.create_index('ix_audit_action', ['action'], unique=False)
        batch_op.create_index('ix_audit_actor_id', ['actor_id'], unique=False)
        batch_op.create_index('ix_audit_target', ['target_type', 'target_id'], unique=False)

    op.create_table('audit_checkpoints',
    sa.Column('seq', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('at', shudi.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('row_hash', sa.String(length=64), nullable=False),
    sa.Column('signature', sa.String(length=128), nullable=False),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_audit_checkpoints'))
    )
    op.create_table('audit_texts',
    sa.Column('seq', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_audit_texts'))
    )
    op.create_table('idempotent_answers',
    sa.Column('client_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('route', sa.String(length=60), nullable=False),
    sa.Column('key_hash', sa.String(length=64), nullable=False),
    sa.Column('body_mac', sa.String(length=64), nullable=False),
    sa.Column('status', sa.Integer(), nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('created_at', shudi.db.UTCDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('client_id', 'route', 'key_hash', name=op.f('pk_idempotent_answers'))
    )
    with op.batch_alter_table('idempotent_answers', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_idempotent_answers_created_at'), ['created_at'], unique=False)

    op.create_table('outbox',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('uid', sa.String(length=40), nullable=False),
    sa.Column('topic', sa.String(length=60), nullable=False),
    sa.Column('payload', sa.JSON(), nullable=False),
    sa.Column('state', sa.Enum('waiting', 'sent', 'failed', name='messagestate', native_enum=False, length=40), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('next_at', shudi.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('created_at', shudi.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('sent_at', shudi.db.UTCDateTime(timezone=True), nullable=True),
    sa.Column('last_error', sa.String(length=60), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox')),
    sa.UniqueConstraint('uid', name=op.f('uq_outbox_uid'))
    )
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.create_index('ix_outbox_due', ['state', 'next_at'], unique=False)

    op.create_table('sites',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('match', sa.JSON(), nullable=False),
    sa.Column('page_key', sa.Enum('id', 'handle', name='pagekeykind', native_enum=False, length=40), nullable=False),
    sa.Column('fold', sa.Enum('exact', 'casefold', name='fold', native_enum=False, length=40), nullable=False),
    sa.Column('adapter', sa.JSON(), nullable=False),
    sa.Column('created_at', shudi.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('seq', sa.BigInteger(), nullable=False),
    sa.Column('as_of', shudi.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('account_count', sa.Integer(), nullable=False),
    sa.Column('brake_waived_until', shudi.db.UTCDateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sites')),
    sa.UniqueConstraint('key', name=op.f('uq_sites_key'))
    )
    op.create_table('staff',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('role', sa.Enum('moderator', 'senior', 'auditor', 'admin', 'supervisor', name='role', native_enum=False, length=40), nullable=False),
    sa.Column('state', sa.Enum('invited', 'active', 'disabled', name='staffstate', native_enum=False, length=40), nullable=False),
    sa.Column('password_hash', sa.String(length=255), nullable=False),
    sa.Column('totp_secret', sa.String(length=255), nullable=False),
    sa.Column('totp_last_step', sa.BigInteger(), nullable=False),
    sa.Column('language', sa.String(length=16), nullable=False),
    sa.Column('timezone', sa.String(length=64), nullable=False),
    sa.Column('scheme', sa.String(length=8), nullable=False),
    sa.Column('created_at', shudi.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff')),
    sa.UniqueConstraint('name', name=op.f('uq_staff_name'))
    )
    op.create_table('staff_attempts',
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('window', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('key', 'window', name=op.f('pk_staff_attempts'))
    )
    op.create_table('tallies',
    sa.Column('account_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('region', sa.String(length=6), nullable=False),
    sa.PrimaryKeyConstraint('account_id', 'day', 'region', name=op.f('pk_tallies')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('tallies', schema=None) as batch_op:
        batch_op.create_index('ix_tallies_day', ['day'], unique=False)

    op.create_table('accounts',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('site_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('account', sa.String(length=128), nullable=False),
    sa.Column('handle', sa.String(length=128), nullable=True),
    sa.Column('page_key', sa.String(length=256), nullable=True),
    sa.Column('name', sa.String(length=128), nullable=False),
    sa.Column('name_folded', sa.String(length=256), nullable=False),
    sa.Column('avatar_url', sa.String(length=500), nullable=False),
    sa.Column('bio', sa.String(length=500), nullable=False),
    sa.Column('protection', sa.Enum('none', 'protected', 'minor', name='protection', native_enum=False, length=40), nullable=False),
    sa.Column('created_at', shudi.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', shudi.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('deleted_at', shudi.db.UTCDateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['site_id'], ['sites.id'], name=op.f('fk_accounts_site_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_accounts')),
    sa.UniqueConstraint('site_id', 'account', name=op.f('uq_accounts_site_id_account')),
    sa.UniqueConstraint('site_id', 'page_key', name=op.f('uq_accounts_site_id_page_key'))
    )
    with op.batch_alter_table('accounts', schema=None) as batch_op:
        batch_op.create_index('ix_accounts_handle', ['site_id', 'handle'], unique=False)
        batch_op.create_index('ix_accounts_name_folded', ['site_id', 'name_folded'], unique=False)

    op.create_table('api_keys',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('key_hash', sa.String(length=64), nullable=False),
    sa.Column('hint', sa.String(length=16), nullable=False),
    sa.Column('scopes', sa.JSON(), nullable=False),
    sa.Column('site_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', shudi.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', shudi.db.UTCDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['site_id'], ['sites.id'], name=op.f('fk_api_keys_site_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_keys')),
    sa.UniqueConstraint('key_hash', name=op.f('uq_api_keys_key_hash'))
    )
    op.create_table('brakes',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('site_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('origin', sa.String(length=20), nullable=False),
    sa.Column('rule', sa.String(length=20), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('opened_at', shudi.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('decided_at', shudi.db.UTCDateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('diff', sa.JSON(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['decided_by'], ['staff.id'], name=op.f('fk_brakes_decided_by')),
    sa.ForeignKeyConstraint(['site_id'], ['sites.id'], name=op.f('fk_brakes_site_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_brakes'))
    )
    with op.batch_alter_table('brakes', schema=None) as batch_op:
        batch_op.create_index('uq_brakes_held', ['site_id'], unique=True, sqlite_where=sa.text("state = 'held'"), postgresql_where=sa.text("state = 'held'"))

    op.create_table('label_moves',
    sa.Column('site_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('minute', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('region', sa.String(length=6), nullable=False),
    sa.Column('first', sa.Boolean(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['site_id'], ['sites.id'], name=op.f('fk_label_moves_site_id')),
    sa.PrimaryKeyConstraint('site_id', 'minute', 'region', 'first', name=op.f('pk_label_moves')),
    sqlite_with_rowid=False
    )
    op.create_table('releases',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('site_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('cut', shudi.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('seq', sa.BigInteger(), nullable=False),
    sa.Column('salt', sa.String(length=32), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('vocabulary', sa.String(length=32), nullable=False),
    sa.Column('built_at', shudi.db.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['site_id'], ['sites.id'], name=op.f('fk_releases_site_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_releases')),
    sa.UniqueConstraint('site_id', 'number', name=op.f('uq_releases_site_id_number'))
    )
    with op.batch_alter_table('releases', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_releases_site_id'), ['site_id'], unique=False)

    op.create_table('staff_links',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('purpose', sa.Enum('enrol', 'demo', name='linkpurpose', native_enum=False, length=40), nullable=False),
    sa.Column('created_at', shudi.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('expires_at', shudi.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('used_at', shudi.db.UTCDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_links_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_links')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_staff_links_token_hash'))
    )
    with op.batch_alter_table('staff_links', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_staff_links_staff_id'), ['staff_id'], unique=False)

    op.create_table('staff_own_accounts',
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('declared_at', shudi.db.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_own_accounts_staff_id')),
    sa.PrimaryKeyConstraint('staff_id', 'account_id', name=op.f('pk_staff_own_accounts'))
    )
    op.create_table('staff_sessions',
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('csrf', sa.String(length=64), nullable=False),
    sa.Column('full', sa.Boolean(), nullable=False),
    sa.Column('created_at', shudi.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('seen_at', shudi.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('expires_at', shudi.db.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_sessions_staff_id')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_staff_sessions'))
    )
    with op.batch_alter_table('staff_sessions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_staff_sessions_expires_at'), ['expires_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_staff_sessions_staff_id'), ['staff_id'], unique=False)

    op.create_table('corrections',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('site_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=True),
    sa.Column('kind', sa.Enum('coarsen', 'withhold', 'mark_uncertain', 'replace', name='correctionkind', native_enum=False, length=40), nullable=False),
    sa.Column('region', sa.String(length=6), nullable=True),
    sa.Column('reason', sa.String(length=40), nullable=False),
    sa.Column('evidence', sa.String(length=2000), nullable=False),
    sa.Column('state', sa.Enum('proposed', 'in_force', 'refused', 'withdrawn', 'lifted', 'reverted', 'superseded', name='correctionstate', native_enum=False, length=40), nullable=False),
    sa.Column('original_state', sa.Enum('labelled', 'uncertain', 'withheld', 'none', 'not_covered', name='state', native_enum=False, length=40), nullable=False),
    sa.Column('original_region', sa.String(length=6), nullable=True),
    sa.Column('label_version', sa.Integer(), nullable=False),
    sa.Column('proposed_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('proposed_at', shudi.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('approved_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('approved_at', shudi.db.UTCDateTime(timezone=True), nullable=True),
    sa.Column('expires_at', shudi.db.UTCDateTime(timezone=True), nullable=True),
    sa.Column('at_expiry', sa.Enum('requeue', 'revert', name='atexpiry', native_enum=False, length=40), nullable=False),
    sa.Column('expired_at', shudi.db.UTCDateTime(timezone=True), nullable=True),
    sa.Column('lift_proposed_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('lift_proposed_at', shudi.db.UTCDateTime(timezone=True), nullable=True),
    sa.Column('lift_reason', sa.String(length=500), nullable=False),
    sa.Column('ended_at', shudi.db.UTCDateTime(timezone=True), nullable=True),
    sa.Column('ended_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('end_reason', sa.String(length=500), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_corrections_account_id')),
    sa.ForeignKeyConstraint(['approved_by'], ['staff.id'], name=op.f('fk_corrections_approved_by')),
    sa.ForeignKeyConstraint(['ended_by'], ['staff.id'], name=op.f('fk_corrections_ended_by')),
    sa.ForeignKeyConstraint(['lift_proposed_by'], ['staff.id'], name=op.f('fk_corrections_lift_proposed_by')),
    sa.ForeignKeyConstraint(['proposed_by'], ['staff.id'], name=op.f('fk_corrections_proposed_by')),
    sa.ForeignKeyConstraint(['site_id'], ['sites.id'], name=op.f('fk_corrections_site_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_corrections'))
    )
    with op.batch_alter_table('corrections', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_corrections_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_corrections_case_id'), ['case_id'], unique=False)
        batch_op.create_index('ix_corrections_state', ['state', 'expires_at'], unique=False)
        batch_op.create_index('uq_corrections_in_force', ['account_id'], unique=True, sqlite_where=sa.text("state = 'in_force'"), postgresql_where=sa.text("state = 'in_force'"))
        batch_op.create_index('uq_corrections_proposed', ['account_id'], unique=True, sqlite_where=sa.text("state = 'proposed'"), postgresql_where=sa.text("state = 'proposed'"))

    op.create_table('held_results',
    sa.Column('brake_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('account_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('at', shudi.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('state', sa.Enum('labelled', 'uncertain', 'withheld', 'none', 'not_covered', name='state', native_enum=False, length=40), nullable=False),
    sa.Column('region', sa.String(length=6), nullable=True),
    sa.Column('evidence', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['brake_id'], ['brakes.id'], name=op.f('fk_held_results_brake_id')),
    sa.PrimaryKeyConstraint('brake_id', 'account_id', name=op.f('pk_held_results')),
    sqlite_with_rowid=False
    )
    op.create_table('holder_links',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('created_at', shudi.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('expires_at', shudi.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('used_at', shudi.db.UTCDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_holder_links_account_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_holder_links')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_holder_links_token_hash'))
    )
    with op.batch_alter_table('holder_links', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_holder_links_account_id'), ['account_id'], unique=False)

    op.create_table('holder_sessions',
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('csrf', sa.String(length=64), nullable=False),
    sa.Column('created_at', shudi.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('expires_at', shudi.db.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_holder_sessions_account_id')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_holder_sessions'))
    )
    with op.batch_alter_table('holder_sessions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_holder_sessions_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_holder_sessions_expires_at'), ['expires_at'], unique=False)

    op.create_table('labels',
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('site_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('account', sa.String(length=128), nullable=False),
    sa.Column('latest_at', shudi.db.UTCDateTime(timezone=True), nullable=True),
    sa.Column('resolved_state', sa.Enum('labelled', 'uncertain', 'withheld', 'none', 'not_covered', name='state', native_enum=False, length=40), nullable=False),
    sa.Column('resolved_region', sa.String(length=6), nullable=True),
    sa.Column('evidence', sa.Text(), nullable=False),
    sa.Column('state', sa.Enum('labelled', 'uncertain', 'withheld', 'none', 'not_covered', name='state', native_enum=False, length=40), nullable=False),
    sa.Column('region', sa.String(length=6), nullable=True),
    sa.Column('basis', sa.Enum('activity', 'correction', 'none', name='basis', native_enum=False, length=40), nullable=False),
    sa.Column('corrected', sa.Boolean(), nullable=False),
    sa.Column('disputed', sa.Boolean(), nullable=False),
    sa.Column('hidden', sa.Boolean(), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('seq', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_labels_account_id')),
    sa.ForeignKeyConstraint(['site_id'], ['sites.id'], name=op.f('fk_labels_site_id')),
    sa.PrimaryKeyConstraint('account_id', name=op.f('pk_labels')),
    sa.UniqueConstraint('site_id', 'account', name=op.f('uq_labels_site_id_account'))
    )
    with op.batch_alter_table('labels', schema=None) as batch_op:
        batch_op.create_index('ix_labels_seq', ['site_id', 'seq'], unique=False)

    op.create_table('cases',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('site_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('brake_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('correction_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('kind', sa.Enum('report', 'disagreement', 'brake', 'expiry', 'contest', name='casekind', native_enum=False, length=40), nullable=False),
    sa.Column('state', sa.Enum('open', 'awaiting', 'closed', name='casestate', native_enum=False, length=40), nullable=False),
    sa.Column('severity', sa.Integer(), nullable=False),
    sa.Column('reports', sa.Integer(), nullable=False),
    sa.Column('opened_at', shudi.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('due_at', shudi.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('updated_at', shudi.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('closed_at', shudi.db.UTCDateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_cases_account_id')),
    sa.ForeignKeyConstraint(['brake_id'], ['brakes.id'], name=op.f('fk_cases_brake_id')),
    sa.ForeignKeyConstraint(['correction_id'], ['corrections.id'], name=op.f('fk_cases_correction_id')),
    sa.ForeignKeyConstraint(['site_id'], ['sites.id'], name=op.f('fk_cases_site_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cases'))
    )
    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_cases_account_id'), ['account_id'], unique=False)
        batch_op.create_index('ix_cases_queue', ['state', 'severity', 'due_at', 'id'], unique=False)
        batch_op.create_index('ix_cases_queue_kind', ['kind', 'state', 'severity', 'due_at', 'id'], unique=False)
        batch_op.create_index('ix_cases_queue_site', ['site_id', 'state', 'severity', 'due_at', 'id'], unique=False)
        batch_op.create_index('ix_cases_queue_site_kind', ['site_id', 'kind', 'state', 'severity', 'due_at', 'id'], unique=False)
        batch_op.create_index('uq_cases_open', ['account_id', 'kind'], unique=True, sqlite_where=sa.text("state != 'closed'"), postgresql_where=sa.text("state != 'closed'"))

    op.create_table('dropped_results',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('correction_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', shudi.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('state', sa.Enum('labelled', 'uncertain', 'withheld', 'none', 'not_covered', name='state', native_enum=False, length=40), nullable=False),
    sa.Column('region', sa.String(length=6), nullable=True),
    sa.ForeignKeyConstraint(['correction_id'], ['corrections.id'], name=op.f('fk_dropped_results_correction_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dropped_results'))
    )
    with op.batch_alter_table('dropped_results', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_dropped_results_correction_id'), ['correction_id'], unique=False)

    op.create_table('case_events',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('case_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', shudi.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('kind', sa.Enum('opened', 'reported', 'claimed', 'released', 'lapsed', 'noted', 'decided', 'proposed', 'approved', 'refused', 'withdrawn', 'contested', 'closed', name='eventkind', native_enum=False, length=40), nullable=False),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('actor', sa.String(length=120), nullable=False),
    sa.Column('text', sa.String(length=2000), nullable=False),
    sa.Column('data', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_case_events_case_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_case_events_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_events'))
    )
    with op.batch_alter_table('case_events', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_case_events_case_id'), ['case_id'], unique=False)

    op.create_table('case_excluded',
    sa.Column('case_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_case_excluded_case_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_case_excluded_staff_id')),
    sa.PrimaryKeyConstraint('case_id', 'staff_id', name=op.f('pk_case_excluded'))
    )
    op.create_table('claims',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('case_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('claimed_at', shudi.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('expires_at', shudi.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('ended_at', shudi.db.UTCDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_claims_case_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_claims_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_claims'))
    )
    with op.batch_alter_table('claims', schema=None) as batch_op:
        batch_op.create_index('ix_claims_active', ['ended_at', 'expires_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_claims_case_id'), ['case_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_claims_staff_id'), ['staff_id'], unique=False)
        batch_op.create_index('uq_claims_active', ['case_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.create_table('decisions',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('case_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=True),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', shudi.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('verdict', sa.Enum('keep', 'correct', 'dismiss', 'lift', name='verdict', native_enum=False, length=40), nullable=False),
    sa.Column('reason', sa.String(length=40), nullable=False),
    sa.Column('text', sa.String(length=2000), nullable=False),
    sa.Column('correction_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('frozen', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_decisions_case_id')),
    sa.ForeignKeyConstraint(['correction_id'], ['corrections.id'], name=op.f('fk_decisions_correction_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_decisions_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decisions'))
    )
    with op.batch_alter_table('decisions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_decisions_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_decisions_case_id'), ['case_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('decisions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_decisions_case_id'))
        batch_op.drop_index(batch_op.f('ix_decisions_account_id'))

    op.drop_table('decisions')
    with op.batch_alter_table('claims', schema=None) as batch_op:
        batch_op.drop_index('uq_claims_active', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_claims_staff_id'))
        batch_op.drop_index(batch_op.f('ix_claims_case_id'))
        batch_op.drop_index('ix_claims_active')

    op.drop_table('claims')
    op.drop_table('case_excluded')
    with op.batch_alter_table('case_events', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_case_events_case_id'))

    op.drop_table('case_events')
    with op.batch_alter_table('dropped_results', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_dropped_results_correction_id'))

    op.drop_table('dropped_results')
    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.drop_index('uq_cases_open', sqlite_where=sa.text("state != 'closed'"), postgresql_where=sa.text("state != 'closed'"))
        batch_op.drop_index('ix_cases_queue_site_kind')
        batch_op.drop_index('ix_cases_queue_site')
        batch_op.drop_index('ix_cases_queue_kind')
        batch_op.drop_index('ix_cases_queue')
        batch_op.drop_index(batch_op.f('ix_cases_account_id'))

    op.drop_table('cases')
    with op.batch_alter_table('labels', schema=None) as batch_op:
        batch_op.drop_index('ix_labels_seq')

    op.drop_table('labels')
    with op.batch_alter_table('holder_sessions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_holder_sessions_expires_at'))
        batch_op.drop_index(batch_op.f('ix_holder_sessions_account_id'))

    op.drop_table('holder_sessions')
    with op.batch_alter_table('holder_links', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_holder_links_account_id'))

    op.drop_table('holder_links')
    op.drop_table('held_results')
    with op.batch_alter_table('corrections', schema=None) as batch_op:
        batch_op.drop_index('uq_corrections_proposed', sqlite_where=sa.text("state = 'proposed'"), postgresql_where=sa.text("state = 'proposed'"))
        batch_op.drop_index('uq_corrections_in_force', sqlite_where=sa.text("state = 'in_force'"), postgresql_where=sa.text("state = 'in_force'"))
        batch_op.drop_index('ix_corrections_state')
        batch_op.drop_index(batch_op.f('ix_corrections_case_id'))
        batch_op.drop_index(batch_op.f('ix_corrections_account_id'))

    op.drop_table('corrections')
    with op.batch_alter_table('staff_sessions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_staff_sessions_staff_id'))
        batch_op.drop_index(batch_op.f('ix_staff_sessions_expires_at'))

    op.drop_table('staff_sessions')
    op.drop_table('staff_own_accounts')
    with op.batch_alter_table('staff_links', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_staff_links_staff_id'))

    op.drop_table('staff_links')
    with op.batch_alter_table('releases', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_releases_site_id'))

    op.drop_table('releases')
    op.drop_table('label_moves')
    with op.batch_alter_table('brakes', schema=None) as batch_op:
        batch_op.drop_index('uq_brakes_held', sqlite_where=sa.text("state = 'held'"), postgresql_where=sa.text("state = 'held'"))

    op.drop_table('brakes')
    op.drop_table('api_keys')
    with op.batch_alter_table('accounts', schema=None) as batch_op:
        batch_op.drop_index('ix_accounts_name_folded')
        batch_op.drop_index('ix_accounts_handle')

    op.drop_table('accounts')
    with op.batch_alter_table('tallies', schema=None) as batch_op:
        batch_op.drop_index('ix_tallies_day')

    op.drop_table('tallies')
    op.drop_table('staff_attempts')
    op.drop_table('staff')
    op.drop_table('sites')
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.drop_index('ix_outbox_due')

    op.drop_table('outbox')
    with op.batch_alter_table('idempotent_answers', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_idempotent_answers_created_at'))

    op.drop_table('idempotent_answers')
    op.drop_table('audit_texts')
    op.drop_table('audit_checkpoints')
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.drop_index('ix_audit_target')
        batch_op.drop_index('ix_audit_actor_id')
        batch_op.drop_index('ix_audit_action')

    op.drop_table('audit')
    op.drop_table('allowances')
