"""Which rejects were crashes: a storm of them stops the stream, also over restarts and over several workers."""

from alembic import op

revision = "0009_crashed"
down_revision = "0008_watch_pace"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, and an index over the few rows that have it."""
    op.execute("ALTER TABLE written ADD COLUMN crashed boolean NOT NULL DEFAULT false")
    op.execute("CREATE INDEX written_crashed_by_time ON written (at) WHERE crashed")


def downgrade() -> None:
    """Take both away."""
    op.execute("ALTER TABLE written DROP COLUMN crashed")
