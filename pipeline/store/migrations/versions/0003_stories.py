"""Stories: what was decided about each version, and the keys under which later articles find it."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

UP = """
CREATE SEQUENCE story_numbers AS int;        -- numbers articles in order of linking; gaps mean nothing

-- One row a version, partitioned by the day of linking; old days leave by DROP TABLE.
CREATE TABLE story_links (
    day         date NOT NULL,
    number      int NOT NULL,
    founder     int NOT NULL,                -- number of the article that began the story
    version_id  text NOT NULL,
    article_id  text NOT NULL,
    story_id    text NOT NULL,
    verdict     text NOT NULL CHECK (verdict IN ('new', 'exact', 'near', 'revision')),
    of_version  text,
    similarity  double precision,
    reason      text NOT NULL,
    weight      double precision NOT NULL,   -- mean weight of its keys when it was linked
    text_hash   bytea NOT NULL,
    fingerprint bytea NOT NULL               -- pipeline.text.dedupe.fingerprint.Fingerprint as MessagePack
) PARTITION BY RANGE (day);
ALTER TABLE story_links ALTER COLUMN fingerprint SET STORAGE EXTERNAL;  -- hashes do not compress
CREATE INDEX story_links_by_number ON story_links (number);
CREATE INDEX story_links_by_version ON story_links (version_id);
CREATE INDEX story_links_by_article ON story_links (article_id, number);
CREATE INDEX story_links_by_story ON story_links (story_id);
CREATE INDEX story_links_by_text ON story_links (text_hash, founder, number);

-- One row a key and story: the number of rows of a key is the number of stories that it stands in.
CREATE TABLE story_keys (
    key     bigint NOT NULL,
    number  int NOT NULL,
    founder int NOT NULL,
    day     date NOT NULL
) PARTITION BY RANGE (day);
CREATE INDEX story_keys_by_key ON story_keys (key);
"""

DOWN = """
DROP TABLE story_keys;
DROP TABLE story_links;
DROP SEQUENCE story_numbers;
"""


def upgrade() -> None:
    """Create the tables; their partitions are made by the linker, as days come."""
    op.execute(UP)


def downgrade() -> None:
    """Drop them."""
    op.execute(DOWN)
