"""deliveries by what they tell

The mails of a tick belong to no notice, and those of a notice to no reminder: each index
holds the rows that are looked up in it, and a row is written into one of the two.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_delivery_notice_state": ["notice_id", "state"],
    "ix_delivery_reminder_id": ["reminder_id"],
}


def upgrade() -> None:
    for name, columns in INDEXES.items():
        only = sa.text(f"{columns[0]} IS NOT NULL")
        op.drop_index(name, table_name="delivery")
        op.create_index(name, "delivery", columns, sqlite_where=only, postgresql_where=only)


def downgrade() -> None:
    for name, columns in INDEXES.items():
        op.drop_index(name, table_name="delivery")
        op.create_index(name, "delivery", columns)
