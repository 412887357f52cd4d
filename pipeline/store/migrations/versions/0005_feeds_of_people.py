"""Feeds that people add, pause and watch while everything runs; when each is due is told by the table alone."""

from alembic import op

revision = "0005_feeds"
down_revision = "0004_watch"
branch_labels = None
depends_on = None

UP = """
UPDATE feeds SET next_poll_at = now() WHERE next_poll_at IS NULL;
ALTER TABLE feeds
    ALTER next_poll_at SET DEFAULT now(),
    ALTER next_poll_at SET NOT NULL,           -- a poll under way moves it to the end of its lease
    ADD options     jsonb,                     -- the table of a source, as in the configuration; null: it stands there
    ADD paused_at   timestamptz,
    ADD host        text NOT NULL DEFAULT '',  -- host:port, whose feeds are polled one after the other
    ADD polled_by   text,                      -- the connector that took the last lease
    ADD moved_polls int NOT NULL DEFAULT 0,    -- in a row that were led to moved_to
    ADD adopted_url text,                      -- polled in place of url, since a permanent redirect stood long enough
    ADD adopted_at  timestamptz,
    ADD hub         text,                      -- WebSub, as the feed names it
    ADD hub_topic   text,
    ADD rhythm      jsonb NOT NULL DEFAULT '{}',   -- what was learned: rate, longest silence, usual size
    ADD conditions  jsonb NOT NULL DEFAULT '{}';   -- what is wrong with it now: kind to {since, message}
DROP INDEX feeds_due;
CREATE INDEX feeds_due ON feeds (next_poll_at) WHERE active AND paused_at IS NULL;
CREATE INDEX feeds_by_host ON feeds (host);
"""

DOWN = """
DELETE FROM feeds WHERE options IS NOT NULL;
DROP INDEX feeds_by_host;
DROP INDEX feeds_due;
ALTER TABLE feeds
    ALTER next_poll_at DROP NOT NULL,
    ALTER next_poll_at DROP DEFAULT,
    DROP options, DROP paused_at, DROP host, DROP polled_by, DROP moved_polls, DROP adopted_url, DROP adopted_at, DROP hub,
    DROP hub_topic, DROP rhythm, DROP conditions;
CREATE INDEX feeds_due ON feeds (next_poll_at) WHERE active;
"""


def upgrade() -> None:
    """Add the columns."""
    op.execute(UP)


def downgrade() -> None:
    """Take them away, and with them the feeds that only stand in the store."""
    op.execute(DOWN)
