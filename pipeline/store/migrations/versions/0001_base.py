"""Articles, what was found in them, incidents, alerts, the outbox and the relay's position."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

UP = """
CREATE TABLE store (
    only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    store_id   uuid NOT NULL DEFAULT gen_random_uuid(),  -- made anew by a restore, so that the relay notices
    created_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO store DEFAULT VALUES;

CREATE TABLE articles (
    version_id text PRIMARY KEY,
    article_id text NOT NULL,
    feed       text NOT NULL,
    fetched    timestamptz NOT NULL,
    url        text,
    title      text,
    record     bytea NOT NULL,               -- the article as on its topic
    stored_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX articles_by_article ON articles (article_id, fetched);
CREATE INDEX articles_by_time ON articles (stored_at);
CREATE INDEX articles_by_url ON articles (url) WHERE url IS NOT NULL;

-- Attempts at a version whose outcome was never written: what kills the process is found by counting here.
CREATE TABLE attempts (
    version_id text PRIMARY KEY,
    count      int NOT NULL,
    last_at    timestamptz NOT NULL DEFAULT now()
);

-- The one place that says "done": the write transaction begins by inserting here, and skips what is there already.
CREATE TABLE written (
    version_id text PRIMARY KEY,
    outcome    text NOT NULL CHECK (outcome IN ('alert', 'quiet', 'reject')),
    at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX written_by_time ON written (at);

CREATE TABLE findings (
    version_id text PRIMARY KEY,
    article_id text NOT NULL,
    story_id   text NOT NULL,
    verdict    text NOT NULL,
    findings   bytea NOT NULL,               -- records.Findings as JSON
    assessment bytea NOT NULL,               -- records.Assessment as JSON
    at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX findings_by_story ON findings (story_id);
CREATE INDEX findings_by_article ON findings (article_id, at);

CREATE TABLE incidents (
    incident_id text PRIMARY KEY,
    category    text NOT NULL,
    first_seen  timestamptz NOT NULL,
    last_seen   timestamptz NOT NULL
);
CREATE INDEX incidents_by_time ON incidents (last_seen);

CREATE TABLE incident_stories (
    story_id    text PRIMARY KEY,
    incident_id text NOT NULL REFERENCES incidents ON DELETE CASCADE,
    reason      text NOT NULL,               -- why it was joined, in words
    traits      bytea NOT NULL,              -- incidents.Traits as JSON: what later stories are compared with
    keys        text[] NOT NULL,             -- what a story must share one of to be compared at all
    seen        timestamptz NOT NULL,
    at          timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX incident_stories_by_keys ON incident_stories USING gin (keys);
CREATE INDEX incident_stories_by_incident ON incident_stories (incident_id);

CREATE TABLE alerts (
    alert_id    text PRIMARY KEY,
    incident_id text NOT NULL UNIQUE,
    revision    int NOT NULL,
    category    text NOT NULL,
    severity    text NOT NULL,
    what        text NOT NULL,
    alert       bytea NOT NULL,               -- the latest revision as on its topic
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX alerts_by_time ON alerts (updated_at);

CREATE TABLE outbox (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic      text NOT NULL,
    key        text NOT NULL,
    value      bytea,
    headers    jsonb NOT NULL DEFAULT '{}',
    batch      bigint,                        -- null: not yet numbered by the relay
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX outbox_waiting ON outbox (id) WHERE batch IS NULL;
CREATE INDEX outbox_by_batch ON outbox (batch) WHERE batch IS NOT NULL;

CREATE TABLE relay_batches (
    batch   bigint PRIMARY KEY,
    rows    int NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    done_at timestamptz
);
CREATE INDEX relay_batches_open ON relay_batches (batch) WHERE done_at IS NULL;

CREATE TABLE partition_owner (
    topic     text NOT NULL,
    partition int NOT NULL,
    worker    text NOT NULL,
    epoch     bigint NOT NULL,
    since     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, partition)
);
"""

TABLES = (
    "partition_owner",
    "relay_batches",
    "outbox",
    "alerts",
    "incident_stories",
    "incidents",
    "findings",
    "written",
    "attempts",
    "articles",
    "store",
)


def upgrade() -> None:
    """Create the tables."""
    op.execute(UP)


def downgrade() -> None:
    """Drop them."""
    for table in TABLES:
        op.execute(f"DROP TABLE {table}")
