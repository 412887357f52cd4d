"""Sinks: what each has delivered, what it keeps for later, and how it does."""

from alembic import op

revision = "0006_sinks"
down_revision = "0005_feeds"
branch_labels = None
depends_on = None

UP = """
CREATE SEQUENCE sink_held_numbers;           -- orders what is kept; gaps mean nothing

CREATE TABLE sink_alerts (
    sink         text NOT NULL,
    alert_id     text NOT NULL,
    revision     int NOT NULL DEFAULT 0,     -- the latest delivered; 0: kept only
    note         text NOT NULL DEFAULT '',   -- the sink's own: the id of a message or a thread
    held         bytea,                      -- the alert as on its topic, while it waits for a digest or stands on a page
    held_number  bigint,
    at           timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (sink, alert_id)
);
CREATE INDEX sink_alerts_held ON sink_alerts (sink, held_number) WHERE held IS NOT NULL;
CREATE INDEX sink_alerts_by_time ON sink_alerts (at);

CREATE TABLE sink_notes (
    sink text NOT NULL,
    key  text NOT NULL,
    text text NOT NULL,
    PRIMARY KEY (sink, key)
);

CREATE TABLE sink_states (
    sink         text PRIMARY KEY,
    state        text NOT NULL CHECK (state IN ('delivering', 'away', 'setup', 'stopped')),
    since        timestamptz NOT NULL DEFAULT now(),
    reason       text NOT NULL DEFAULT '',
    delivered    bigint NOT NULL DEFAULT 0,
    refused      bigint NOT NULL DEFAULT 0,
    delivered_at timestamptz
);
"""

DOWN = """
DROP TABLE sink_states;
DROP TABLE sink_notes;
DROP TABLE sink_alerts;
DROP SEQUENCE sink_held_numbers;
"""


def upgrade() -> None:
    """Create the tables."""
    op.execute(UP)


def downgrade() -> None:
    """Drop them."""
    op.execute(DOWN)
