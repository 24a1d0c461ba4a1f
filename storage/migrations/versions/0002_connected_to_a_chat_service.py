"""connected to a chat service"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('install_states',
    sa.Column('state', sa.String(length=64), nullable=False),
    sa.Column('browser', sa.String(length=64), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('state', name=op.f('pk_install_states'))
    )
    op.create_table('chores',
    sa.Column('workspace_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=32), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('leased_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('token', sa.String(length=32), nullable=True),
    sa.Column('failures', sa.Integer(), server_default='0', nullable=False),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspaces.id'], name=op.f('fk_chores_workspace_id')),
    sa.PrimaryKeyConstraint('workspace_id', 'name', name=op.f('pk_chores'))
    )
    with op.batch_alter_table('chores', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_chores_due_at'), ['due_at'], unique=False)

    op.create_table('installations',
    sa.Column('workspace_id', sa.Integer(), nullable=False),
    sa.Column('bot', sa.String(length=128), nullable=False),
    sa.Column('is_organisation', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('scopes', sa.Text(), server_default='', nullable=False),
    sa.Column('sealed', sa.Text(), server_default='', nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('refreshing_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('installed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspaces.id'], name=op.f('fk_installations_workspace_id')),
    sa.PrimaryKeyConstraint('workspace_id', name=op.f('pk_installations'))
    )
    op.create_table('evidence',
    sa.Column('workspace_id', sa.Integer(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=False),
    sa.Column('initiative_id', sa.Integer(), nullable=True),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('words', sa.Text(), server_default='', nullable=False),
    sa.Column('said_by', sa.Text(), server_default='', nullable=False),
    sa.Column('link', sa.Text(), server_default='', nullable=False),
    sa.Column('strength', sa.String(length=16), nullable=False),
    sa.Column('said_on', sa.Date(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('edited_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['initiative_id'], ['initiatives.id'], name=op.f('fk_evidence_initiative_id')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_evidence_person_id')),
    sa.ForeignKeyConstraint(['team_id'], ['teams.id'], name=op.f('fk_evidence_team_id')),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspaces.id'], name=op.f('fk_evidence_workspace_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence'))
    )
    with op.batch_alter_table('evidence', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_evidence_initiative_id'), ['initiative_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_evidence_person_id'), ['person_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_evidence_team_id'), ['team_id'], unique=False)

    # Never by copying: SQLite does not let go of a table that others refer to.
    with op.batch_alter_table('channels', schema=None, recreate='never') as batch_op:
        batch_op.add_column(sa.Column('is_private', sa.Boolean(), server_default=sa.text('false'), nullable=False))

    with op.batch_alter_table('people', schema=None, recreate='never') as batch_op:
        batch_op.add_column(sa.Column('has_home', sa.Boolean(), server_default=sa.text('false'), nullable=False))

    with op.batch_alter_table('workspaces', schema=None, recreate='never') as batch_op:
        batch_op.add_column(sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True))



def downgrade() -> None:
    with op.batch_alter_table('workspaces', schema=None, recreate='never') as batch_op:
        batch_op.drop_column('removed_at')

    with op.batch_alter_table('people', schema=None, recreate='never') as batch_op:
        batch_op.drop_column('has_home')

    with op.batch_alter_table('channels', schema=None, recreate='never') as batch_op:
        batch_op.drop_column('is_private')

    with op.batch_alter_table('evidence', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_evidence_team_id'))
        batch_op.drop_index(batch_op.f('ix_evidence_person_id'))
        batch_op.drop_index(batch_op.f('ix_evidence_initiative_id'))

    op.drop_table('evidence')
    op.drop_table('installations')
    with op.batch_alter_table('chores', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_chores_due_at'))

    op.drop_table('chores')
    op.drop_table('install_states')
