"""What the connectors remember of each feed, and which wordings of its entries they have published."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE feeds (
    feed          text PRIMARY KEY,            -- its name, as on every article
    source        text NOT NULL,               -- the source in the configuration that it belongs to
    url           text NOT NULL,
    title         text,
    tags          text[] NOT NULL DEFAULT '{}',
    grade         text,
    active        boolean NOT NULL DEFAULT true,  -- false: no longer in the configuration
    etag          text,
    last_modified text,
    body_hash     text,
    interval_s    double precision,            -- the learned rhythm; null: not yet polled
    failures      int NOT NULL DEFAULT 0,      -- in a row
    outcome       text,                        -- of the last poll: ok, not-modified, failed
    reason        text,                        -- of a failure, one word: timeout, blocked-address, not-a-feed, ...
    message       text,                        -- and in a sentence
    moved_to      text,                        -- where permanent redirects lead
    moved_since   timestamptz,
    polls         bigint NOT NULL DEFAULT 0,
    articles      bigint NOT NULL DEFAULT 0,   -- published since the feed is known
    entries_last  int,                         -- of the last document
    skipped_last  jsonb NOT NULL DEFAULT '{}', -- reason: count; entries_last = articles_last + their sum
    articles_last int,
    last_poll_at  timestamptz,
    last_ok_at    timestamptz,
    last_new_at   timestamptz,                 -- the last poll that brought an article
    next_poll_at  timestamptz,
    epoch         bigint NOT NULL DEFAULT 0    -- of the state: a save names the one it read, so no poll is recorded twice
);
CREATE INDEX feeds_due ON feeds (next_poll_at) WHERE active;

CREATE TABLE feed_seen (
    feed       text NOT NULL REFERENCES feeds ON DELETE CASCADE,
    wording    text NOT NULL,                  -- version id of the entry as the feed carried it
    article_id text NOT NULL,
    guid       text,
    title      text,
    seen_at    timestamptz NOT NULL,           -- when it last stood in the feed
    PRIMARY KEY (feed, wording)
);
CREATE INDEX feed_seen_by_time ON feed_seen (seen_at);
"""


def upgrade() -> None:
    """Create the tables."""
    op.execute(UP)


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP TABLE feed_seen")
    op.execute("DROP TABLE feeds")
