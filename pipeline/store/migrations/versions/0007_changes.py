"""Changes: what users add to, and take from, what the analysis knows."""

from alembic import op

revision = "0007_changes"
down_revision = "0006_sinks"
branch_labels = None
depends_on = None

UP = """
-- A log: rows are added and marked as undone, never altered. What is in force is a function of the rows that are not undone.
CREATE TABLE changes (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area       text NOT NULL,                -- what it changes: knowledge
    note       text NOT NULL,                -- in words, for a list of them
    payload    jsonb NOT NULL,
    made_at    timestamptz NOT NULL DEFAULT now(),
    undone_at  timestamptz
);
CREATE INDEX changes_by_area ON changes (area, id);
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute("DROP TABLE changes")
