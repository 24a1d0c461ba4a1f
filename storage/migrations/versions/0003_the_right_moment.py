"""nudges at the right moment"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('workspaces', schema=None, recreate='never') as batch_op:
        batch_op.add_column(sa.Column('stopped_at', sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table('people', schema=None, recreate='never') as batch_op:
        batch_op.add_column(sa.Column('own_days', sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column('own_hour', sa.Time(), nullable=True))
        batch_op.add_column(sa.Column('quiet_from', sa.Time(), nullable=True))
        batch_op.add_column(sa.Column('quiet_until', sa.Time(), nullable=True))
        batch_op.add_column(sa.Column('region', sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column('cap', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('unanswered', sa.Integer(), server_default='0', nullable=False))

    with op.batch_alter_table('teams', schema=None, recreate='never') as batch_op:
        batch_op.add_column(sa.Column('works_from', sa.Time(), server_default='08:00:00', nullable=False))
        batch_op.add_column(sa.Column('works_until', sa.Time(), server_default='18:00:00', nullable=False))
        batch_op.add_column(sa.Column('region', sa.String(length=32), server_default='', nullable=False))
        batch_op.add_column(
            sa.Column('allows_shared', sa.Boolean(), server_default=sa.text('false'), nullable=False)
        )
        batch_op.add_column(sa.Column('shared_by', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('shared_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('plans_anew', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    # What they get from now on is planned when the bot runs again: handlers know when, SQL does not.
    op.execute("UPDATE teams SET plans_anew = true WHERE started_at IS NOT NULL")
    # Nobody is asked outside of the hours a team works: those that were asked early or late go on being asked.
    op.execute("UPDATE teams SET works_from = hour WHERE hour < '08:00:00'")
    op.execute("UPDATE teams SET works_until = '23:59:00' WHERE hour >= '17:00:00'")

    # What was put off for an hour is a nudge of its own from now on.
    op.execute("UPDATE schedules SET nudge = 'checkin-again' WHERE nudge = 'checkin' AND days IS NULL")

    op.create_table('days_off',
    sa.Column('workspace_id', sa.Integer(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('name', sa.Text(), server_default='', nullable=False),
    sa.ForeignKeyConstraint(['team_id'], ['teams.id'], name=op.f('fk_days_off_team_id')),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspaces.id'], name=op.f('fk_days_off_workspace_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_days_off')),
    sa.UniqueConstraint('workspace_id', 'team_id', 'day', name=op.f('uq_days_off_workspace_id_team_id_day'))
    )

    with op.batch_alter_table('occurrences', schema=None, recreate='never') as batch_op:
        batch_op.add_column(sa.Column('rode', sa.Boolean(), server_default=sa.text('false'), nullable=False))

    op.create_table('day_cards',
    sa.Column('workspace_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('local_date', sa.Date(), nullable=False),
    sa.Column('key', sa.String(length=128), nullable=False),
    sa.Column('guest', sa.String(length=32), server_default='', nullable=False),
    sa.Column('guest_team_id', sa.Integer(), nullable=True),
    sa.Column('guest_subject_id', sa.Integer(), nullable=True),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_day_cards_person_id')),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspaces.id'], name=op.f('fk_day_cards_workspace_id')),
    sa.PrimaryKeyConstraint('workspace_id', 'person_id', 'local_date', name=op.f('pk_day_cards'))
    )

    with op.batch_alter_table('initiatives', schema=None, recreate='never') as batch_op:
        batch_op.add_column(sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f('ix_initiatives_team_id'), ['team_id'], unique=False)

    with op.batch_alter_table('actions', schema=None, recreate='never') as batch_op:
        batch_op.add_column(sa.Column('done_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('dropped_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('shown', sa.String(length=16), server_default='', nullable=False))
        batch_op.add_column(sa.Column('outcome', sa.Text(), server_default='', nullable=False))
    # In words of its own, because only so SQLite takes a reference without copying the table.
    op.execute(
        "ALTER TABLE actions ADD COLUMN closed_by INTEGER CONSTRAINT fk_actions_closed_by REFERENCES people (id)"
    )

    op.create_table('zone_data',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version', sa.String(length=128), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_zone_data'))
    )


def downgrade() -> None:
    op.drop_table('zone_data')

    with op.batch_alter_table('actions', schema=None, recreate='never') as batch_op:
        for name in ('closed_by', 'outcome', 'shown', 'dropped_at', 'done_at'):
            batch_op.drop_column(name)

    with op.batch_alter_table('initiatives', schema=None, recreate='never') as batch_op:
        batch_op.drop_index(batch_op.f('ix_initiatives_team_id'))
        batch_op.drop_column('confirmed_at')

    op.drop_table('day_cards')
    with op.batch_alter_table('occurrences', schema=None, recreate='never') as batch_op:
        batch_op.drop_column('rode')

    op.drop_table('days_off')
    with op.batch_alter_table('teams', schema=None, recreate='never') as batch_op:
        batch_op.drop_column('plans_anew')
        batch_op.drop_column('shared_at')
        batch_op.drop_column('shared_by')
        batch_op.drop_column('allows_shared')
        batch_op.drop_column('region')
        batch_op.drop_column('works_until')
        batch_op.drop_column('works_from')

    with op.batch_alter_table('people', schema=None, recreate='never') as batch_op:
        for name in ('unanswered', 'cap', 'region', 'quiet_until', 'quiet_from', 'own_hour', 'own_days'):
            batch_op.drop_column(name)

    with op.batch_alter_table('workspaces', schema=None, recreate='never') as batch_op:
        batch_op.drop_column('stopped_at')
