"""What a feed's entries said and when, and what their links name now, so that one whose link and guid are both new is known again."""

from alembic import op

revision = "0013_seen_words"
down_revision = "0012_search"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them; rows of before have none of them until their entry is seen again."""
    op.execute("ALTER TABLE feed_seen ADD COLUMN words text, ADD COLUMN published timestamptz, ADD COLUMN alias text")


def downgrade() -> None:
    """Take them away."""
    op.execute("ALTER TABLE feed_seen DROP COLUMN words, DROP COLUMN published, DROP COLUMN alias")
