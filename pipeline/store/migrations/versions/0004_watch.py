"""Topics that carry an alert, snapshots of rules and lists, the pace of watch rules, and jobs."""

from alembic import op

revision = "0004_watch"
down_revision = "0003"
branch_labels = None
depends_on = None

UP = """
-- A topic that has carried an alert carries all its later revisions.
CREATE TABLE alert_topics (
    alert_id text NOT NULL REFERENCES alerts ON DELETE CASCADE,
    topic    text NOT NULL,
    in_scope boolean NOT NULL,
    since    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (alert_id, topic)
);

-- Watch rules, additions to the knowledge base and to the warning list: each row is the whole set, never changed.
CREATE TABLE snapshots (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind    text NOT NULL CHECK (kind IN ('watch', 'knowledge', 'warnings')),
    version text NOT NULL,
    content text NOT NULL,
    why     text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX snapshots_by_kind ON snapshots (kind, id);

-- When each alert first matched each rule: the rule's rhythm, its thresholds, and what back-tests are compared with.
CREATE TABLE watch_matches (
    rule     text NOT NULL,
    alert_id text NOT NULL,
    at       timestamptz NOT NULL,
    PRIMARY KEY (rule, alert_id)
);
CREATE INDEX watch_matches_by_time ON watch_matches (rule, at);

-- What a rule's topic will get later: its digest, its cooldown or its cap is not over.
CREATE TABLE watch_pending (
    rule      text NOT NULL,
    alert_id  text NOT NULL REFERENCES alerts ON DELETE CASCADE,
    due       timestamptz NOT NULL,
    held_back int NOT NULL DEFAULT 0,        -- earlier revisions of it that were passed over
    PRIMARY KEY (rule, alert_id)
);
CREATE INDEX watch_pending_by_time ON watch_pending (due);

-- The messages each rule's topic got: what its cap and cooldown are counted from.
CREATE TABLE watch_sent (
    rule     text NOT NULL,
    alert_id text NOT NULL,
    at       timestamptz NOT NULL
);
CREATE INDEX watch_sent_by_time ON watch_sent (rule, at);

-- Long work, asked for here and carried out by `tocsin pipeline jobs`.
CREATE TABLE jobs (
    job_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind     text NOT NULL,
    asked    text NOT NULL,                  -- JSON
    state    text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed')),
    done     int NOT NULL DEFAULT 0,         -- of total, for people who wait
    total    int NOT NULL DEFAULT 0,
    result   text,                           -- JSON
    error    text,
    attempts int NOT NULL DEFAULT 0,
    asked_at timestamptz NOT NULL DEFAULT now(),
    beat_at  timestamptz,
    ended_at timestamptz
);
CREATE INDEX jobs_open ON jobs (job_id) WHERE state IN ('waiting', 'running');
"""

TABLES = ("jobs", "watch_sent", "watch_pending", "watch_matches", "snapshots", "alert_topics")


def upgrade() -> None:
    """Create the tables."""
    op.execute(UP)


def downgrade() -> None:
    """Drop them."""
    for table in TABLES:
        op.execute(f"DROP TABLE {table}")
