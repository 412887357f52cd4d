"""When a rule rang and why what waits matched; which alerts are closed; what people said of alerts."""

from alembic import op

revision = "0008_watch_pace"
down_revision = "0007_changes"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE watch_matches ADD COLUMN rang_at timestamptz;       -- by the articles' clock; null: it has not
ALTER TABLE watch_pending ADD COLUMN why text[] NOT NULL DEFAULT '{}';
ALTER TABLE alerts ADD COLUMN closed boolean NOT NULL DEFAULT false;
CREATE INDEX alerts_open ON alerts (updated_at) WHERE NOT closed;

CREATE TABLE marks (
    mark_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id text NOT NULL,
    revision int NOT NULL,
    verdict  text NOT NULL CHECK (verdict IN ('wrong', 'right')),
    because  text NOT NULL,
    patch    text,                             -- in words; null: none was proposed
    accepted boolean NOT NULL DEFAULT false,
    at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX marks_by_alert ON marks (alert_id);
"""
DOWN = """
DROP TABLE marks;
DROP INDEX alerts_open;
ALTER TABLE alerts DROP COLUMN closed;
ALTER TABLE watch_pending DROP COLUMN why;
ALTER TABLE watch_matches DROP COLUMN rang_at;
"""


def upgrade() -> None:
    """Add them."""
    op.execute(UP)


def downgrade() -> None:
    """Take them away."""
    op.execute(DOWN)
