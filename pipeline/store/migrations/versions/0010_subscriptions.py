"""WebSub subscriptions of the feeds; and what the schedule needs to stay quick with many feeds at one host."""

from alembic import op

revision = "0010_subscriptions"
down_revision = "0009_crashed"
branch_labels = None
depends_on = None

UP = """
CREATE TABLE subscriptions (
    feed        text PRIMARY KEY REFERENCES feeds ON DELETE CASCADE,
    hub         text NOT NULL,
    topic       text NOT NULL,           -- the feed's address, as the hub knows it
    secret      text NOT NULL,           -- what the hub signs pushes with; ours alone, made for this subscription
    path        text NOT NULL UNIQUE,    -- the last part of its callback's address
    asked_at    timestamptz NOT NULL,
    lease_until timestamptz,             -- null: not verified
    pushed_at   timestamptz,             -- the last signed push
    error       text
);
ALTER TABLE feeds ADD spaced boolean NOT NULL DEFAULT true;  -- false: the operator's own server, asked without pauses
-- Every poll moves its feed in the schedule's index: room for that, and the dead entries gone early.
ALTER TABLE feeds SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
"""


def upgrade() -> None:
    """Create the table."""
    op.execute(UP)


def downgrade() -> None:
    """Drop it."""
    op.execute("DROP TABLE subscriptions")
    op.execute(
        "ALTER TABLE feeds DROP spaced, RESET (fillfactor, autovacuum_vacuum_scale_factor, autovacuum_vacuum_cost_delay)"
    )
