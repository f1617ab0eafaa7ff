"""dossier and phases"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("authority_phase", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("withdrawal_reason", sa.Text(), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("is_complete", sa.Boolean(), nullable=True))

    with op.batch_alter_table("dossier", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("kind", sa.String(length=60), nullable=False, server_default="whole")
        )
        batch_op.add_column(
            sa.Column("for_whom", sa.String(length=200), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column(
                "removed",
                sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
                nullable=False,
                server_default="[]",
            )
        )
        batch_op.add_column(
            sa.Column("sealed_by", sa.String(length=64), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("is_timestamped", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.alter_column("stored_as", existing_type=sa.String(length=64), nullable=True)

    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("dossiers_kept_months", sa.Integer(), nullable=False, server_default="60")
        )


def downgrade() -> None:
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.drop_column("dossiers_kept_months")

    # A dossier whose file was erased has no place in the former table.
    op.execute(sa.text("DELETE FROM dossier WHERE stored_as IS NULL"))
    with op.batch_alter_table("dossier", schema=None) as batch_op:
        batch_op.alter_column("stored_as", existing_type=sa.String(length=64), nullable=False)
        batch_op.drop_column("is_timestamped")
        batch_op.drop_column("sealed_by")
        batch_op.drop_column("removed")
        batch_op.drop_column("for_whom")
        batch_op.drop_column("kind")

    with op.batch_alter_table("authority_phase", schema=None) as batch_op:
        batch_op.drop_column("is_complete")
        batch_op.drop_column("withdrawal_reason")
