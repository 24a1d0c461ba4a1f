"""delivery that loses nothing"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('lanes',
    sa.Column('workspace_id', sa.Integer(), nullable=False),
    sa.Column('ready_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('not_before', sa.DateTime(timezone=True), nullable=True),
    sa.Column('leased_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('token', sa.String(length=32), nullable=True),
    sa.Column('spent', sa.Text(), server_default='', nullable=False),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspaces.id'], name=op.f('fk_lanes_workspace_id_workspaces')),
    sa.PrimaryKeyConstraint('workspace_id', name=op.f('pk_lanes'))
    )
    op.create_index('ix_lanes_ready_at', 'lanes', ['ready_at'], unique=False)
    with op.batch_alter_table('outbox', schema=None, recreate='never') as batch_op:
        batch_op.add_column(sa.Column('priority', sa.Integer(), server_default='1', nullable=False))
        batch_op.add_column(sa.Column('not_after', sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index('ix_outbox_lane', ['workspace_id', 'priority', 'due_at', 'id'], unique=False,
            sqlite_where=sa.text("state in ('due', 'sending')"),
            postgresql_where=sa.text("state in ('due', 'sending')"))
        batch_op.create_index('ix_outbox_stuck', ['created_at'], unique=False,
            sqlite_where=sa.text("state in ('dead', 'unknown')"),
            postgresql_where=sa.text("state in ('dead', 'unknown')"))

    # What waited before there were lanes; what was on its way is looked at by whoever takes its lane first.
    op.execute(
        "insert into lanes (workspace_id, ready_at, leased_until, token)"
        " select workspace_id, min(due_at), max(leased_until),"
        " max(case when state = 'sending' then 'earlier' end)"
        " from outbox where state in ('due', 'sending') group by workspace_id"
    )


def downgrade() -> None:
    with op.batch_alter_table('outbox', schema=None, recreate='never') as batch_op:
        batch_op.drop_index('ix_outbox_stuck')
        batch_op.drop_index('ix_outbox_lane')
        batch_op.drop_column('not_after')
        batch_op.drop_column('priority')

    op.drop_index('ix_lanes_ready_at', table_name='lanes')
    op.drop_table('lanes')
