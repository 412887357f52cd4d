"""What alerts and articles are searched by, and the history of each alert."""

import msgspec
from alembic import op

revision = "0012_search"
down_revision = "0011_incident_changes"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE alerts
    ADD COLUMN event     text,                          -- sub-type, else type
    ADD COLUMN place     text,
    ADD COLUMN country   text,                          -- ISO 3166-1 alpha-2
    ADD COLUMN actors    text[] NOT NULL DEFAULT '{}',  -- ids, else names in small letters
    ADD COLUMN feeds     text[] NOT NULL DEFAULT '{}',
    ADD COLUMN in_scope  boolean NOT NULL DEFAULT true,
    ADD COLUMN last_seen timestamptz,
    ADD COLUMN words     tsvector;
CREATE INDEX alerts_latest ON alerts (updated_at DESC, alert_id DESC);
CREATE INDEX alerts_by_actor ON alerts USING gin (actors);
CREATE INDEX alerts_by_feed ON alerts USING gin (feeds);
CREATE INDEX alerts_by_country ON alerts (country, updated_at DESC);
CREATE INDEX alerts_by_words ON alerts USING gin (words);

ALTER TABLE articles ADD COLUMN words tsvector;
CREATE INDEX articles_by_words ON articles USING gin (words);

CREATE TABLE alert_revisions (
    alert_id    text NOT NULL REFERENCES alerts ON DELETE CASCADE,
    revision    int NOT NULL,
    at          timestamptz NOT NULL DEFAULT now(),
    change      text NOT NULL,
    changes     text[] NOT NULL,             -- what changed, in words
    severity    text NOT NULL,
    credibility real NOT NULL,
    sources     int NOT NULL,
    independent int NOT NULL,
    PRIMARY KEY (alert_id, revision)
);
"""
ALERTS = r"""
UPDATE alerts SET event = coalesce(r->>'event_subtype', r->>'event_type'),
    place = coalesce(r->'place'->>'name', r->'place'->>'text'), country = r->'place'->>'country',
    actors = ARRAY(SELECT DISTINCT coalesce(a->>'id', lower(a->>'text')) FROM jsonb_array_elements(coalesce(r->'actors', '[]')) a),
    feeds = ARRAY(SELECT DISTINCT s->>'feed' FROM jsonb_array_elements(coalesce(r->'sources', '[]')) s),
    in_scope = coalesce((r->>'in_scope')::boolean, true), last_seen = (r->>'last_seen')::timestamptz,
    words = to_tsvector('english', concat_ws(' ', what, r->'place'->>'name',
        (SELECT string_agg(concat_ws(' ', a->>'text', a->>'id'), ' ') FROM jsonb_array_elements(coalesce(r->'actors', '[]')) a)))
FROM (SELECT alert_id AS id, regexp_replace(convert_from(alert, 'UTF8'), '(?<!\\)((\\\\)*)\\u0000', '\1 ', 'g')::jsonb AS r FROM alerts) AS read WHERE read.id = alert_id
"""
DOWN = """
DROP TABLE alert_revisions;
ALTER TABLE articles DROP COLUMN words;
ALTER TABLE alerts DROP COLUMN words, DROP COLUMN last_seen, DROP COLUMN in_scope, DROP COLUMN feeds, DROP COLUMN actors,
    DROP COLUMN country, DROP COLUMN place, DROP COLUMN event;
DROP INDEX alerts_latest;
"""
BATCH = 500
CHARS = 50_000
"""Of a text that are searched."""


class _Text(msgspec.Struct):
    text: str = ""


def _words(title: str | None, text: str) -> str:
    return f"{title or ''}\n{text[:CHARS]}".replace("\0", " ")


def upgrade() -> None:
    """Add them, filled from the records that are there."""
    op.execute(UP)
    op.execute(ALERTS)
    connection = op.get_bind()
    read = msgspec.json.Decoder(_Text)
    after = ""
    while True:
        rows = connection.exec_driver_sql(
            "SELECT version_id, title, record FROM articles WHERE version_id > %s ORDER BY version_id LIMIT %s",
            (after, BATCH),
        ).fetchall()
        if not rows:
            return
        after = rows[-1][0]
        connection.exec_driver_sql(
            "UPDATE articles SET words = to_tsvector('english', %s) WHERE version_id = %s",
            [(_words(title, read.decode(record).text), version) for version, title, record in rows],
        )


def downgrade() -> None:
    """Take them away."""
    op.execute(DOWN)
