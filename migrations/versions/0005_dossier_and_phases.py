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

    # The defaults were for the rows that were there: new ones get theirs from the models.
    for table, columns in (
        ("authority_phase", ("withdrawal_reason",)),
        ("dossier", ("kind", "for_whom", "removed", "sealed_by", "is_timestamped")),
        ("organisation", ("dossiers_kept_months",)),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in columns:
                batch_op.alter_column(column, server_default=None)


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
