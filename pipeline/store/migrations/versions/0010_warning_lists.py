"""Contents of imported warning lists, by digest; the table `snapshots` says which are in force."""

from alembic import op

revision = "0010_warning_lists"
down_revision = "0009_crashed"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE warning_lists (
    digest    text PRIMARY KEY,
    record    bytea NOT NULL,                 -- pipeline.text.indicators.lists.WarningList as MessagePack
    names     bytea NOT NULL,                 -- the entries, zlib, for people to read
    stored_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE warning_lists ALTER COLUMN record SET STORAGE EXTERNAL;   -- digests do not compress
ALTER TABLE warning_lists ALTER COLUMN names SET STORAGE EXTERNAL;
"""


def upgrade() -> None:
    """Create the table."""
    op.execute(UP)


def downgrade() -> None:
    """Drop it, and the snapshots that name its rows."""
    op.execute("DELETE FROM snapshots WHERE kind = 'warnings'")
    op.execute("DROP TABLE warning_lists")
