"""What a feed's entries said and when, so that one whose link and guid are both new is known again."""

from alembic import op

revision = "0013_seen_words"
down_revision = "0012_search"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both; rows of before have neither until their entry is seen again."""
    op.execute("ALTER TABLE feed_seen ADD COLUMN words text, ADD COLUMN published timestamptz")


def downgrade() -> None:
    """Take both away."""
    op.execute("ALTER TABLE feed_seen DROP COLUMN words, DROP COLUMN published")
