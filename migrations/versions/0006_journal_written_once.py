"""journal written once

The database itself refuses to change or delete a line of the journal; a text may be erased,
with its salt. Whoever owns the table can still take the triggers off: see `db grants`.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

REFUSAL = "A line of the journal is written once."

# Of a new column nobody need think: all but the text and its salt must stay as it is.
POSTGRESQL = (
    f"""
    CREATE FUNCTION journal_entry_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'UPDATE' THEN
        IF NEW.reason IS NULL AND NEW.reason_salt IS NULL
          AND to_jsonb(NEW) - 'reason' - 'reason_salt' = to_jsonb(OLD) - 'reason' - 'reason_salt'
        THEN
          RETURN NEW;
        END IF;
      END IF;
      RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE TRIGGER journal_entry_lines BEFORE UPDATE OR DELETE ON journal_entry
    FOR EACH ROW EXECUTE FUNCTION journal_entry_written_once()
    """,
    """
    CREATE TRIGGER journal_entry_whole BEFORE TRUNCATE ON journal_entry
    FOR EACH STATEMENT EXECUTE FUNCTION journal_entry_written_once()
    """,
)
COLUMNS = (
    "id",
    "chain",
    "sequence",
    "at",
    "actor_id",
    "code",
    "parameters",
    "commitment",
    "previous",
    "hash",
)
SQLITE = (
    f"""
    CREATE TRIGGER journal_entry_lines BEFORE UPDATE ON journal_entry
    WHEN NEW.reason IS NOT NULL OR NEW.reason_salt IS NOT NULL
      OR {" OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in COLUMNS)}
    BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END
    """,
    f"""
    CREATE TRIGGER journal_entry_whole BEFORE DELETE ON journal_entry
    BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END
    """,
)


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE if is_sqlite else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER journal_entry_whole")
        op.execute("DROP TRIGGER journal_entry_lines")
    else:
        op.execute("DROP TRIGGER journal_entry_whole ON journal_entry")
        op.execute("DROP TRIGGER journal_entry_lines ON journal_entry")
        op.execute("DROP FUNCTION journal_entry_written_once()")
