"""Merges and splits of incidents: recorded, so that they can be explained and undone."""

from alembic import op

revision = "0011_incident_changes"
down_revision = "0010_subscriptions"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE incidents ADD COLUMN merged_into text;         -- set while all its stories stand in another incident
ALTER TABLE incident_stories ADD COLUMN article_id text;   -- whose wording the traits were read from

CREATE TABLE incident_changes (
    change    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at        timestamptz NOT NULL DEFAULT now(),
    kind      text NOT NULL CHECK (kind IN ('merge', 'split', 'move')),
    by        text NOT NULL CHECK (by IN ('stream', 'hand')),
    came_from text NOT NULL,                -- the incident that the stories left
    went_to   text NOT NULL,
    moved     text[] NOT NULL,              -- the stories
    stayed    text[] NOT NULL,              -- the stories they were parted from, or joined with
    reason    text NOT NULL,
    pins      boolean NOT NULL,             -- a person's decision, which the stream does not overrule
    undoes    bigint,
    undone_by bigint
);
CREATE INDEX incident_changes_by_source ON incident_changes (came_from);
CREATE INDEX incident_changes_by_target ON incident_changes (went_to);
CREATE INDEX incident_changes_by_time ON incident_changes (at);
CREATE INDEX incident_changes_pinned ON incident_changes USING gin (moved, stayed) WHERE pins AND undone_by IS NULL;
"""

DOWN = """
DROP TABLE incident_changes;
ALTER TABLE incident_stories DROP COLUMN article_id;
ALTER TABLE incidents DROP COLUMN merged_into;
"""


def upgrade() -> None:
    """Create the table and the columns."""
    op.execute(UP)


def downgrade() -> None:
    """Drop them; incidents that were merged stay merged."""
    op.execute(DOWN)
