"""Articles in the store: kept, counted, and asked for."""

from collections.abc import Sequence

from pipeline.records import Article, VersionId
from pipeline.records.codec import decode, encode
from pipeline.store.connection import Connection
from pipeline.store.search import ARTICLE_CHARS_SEARCHED, plain

UNWRITTEN = """
SELECT v FROM unnest(%s::text[]) WITH ORDINALITY AS asked (v, place)
WHERE NOT EXISTS (SELECT FROM written WHERE version_id = v) ORDER BY place
"""
KEEP = """
INSERT INTO articles (version_id, article_id, feed, fetched, url, title, record, words)
VALUES (%s, %s, %s, %s, %s, %s, %s, to_tsvector('english', %s))
ON CONFLICT (version_id) DO NOTHING
"""
ATTEMPTS = "SELECT version_id, count FROM attempts WHERE version_id = ANY(%s)"
COUNT = """
INSERT INTO attempts AS a (version_id, count) SELECT v, 1 FROM unnest(%s::text[]) AS v ORDER BY v
ON CONFLICT (version_id) DO UPDATE SET count = a.count + 1, last_at = now()
"""
FORGET = "DELETE FROM attempts WHERE version_id = ANY(%s)"
UNCOUNT = "UPDATE attempts SET count = count - 1 WHERE version_id = ANY(%s)"


def unwritten(connection: Connection, versions: Sequence[VersionId]) -> list[VersionId]:
    """Those of the versions whose outcome is not written yet, in the order given."""
    return [VersionId(str(row[0])) for row in connection.execute(UNWRITTEN, (list(versions),))]


def keep(connection: Connection, articles: Sequence[Article]) -> None:
    """Keep the articles; versions that are there already stay as they are."""
    rows = [(a.version_id, a.article_id, a.feed, a.fetched, a.url, a.title, encode(a), _words_of(a)) for a in articles]
    with connection.cursor() as cursor:
        cursor.executemany(KEEP, rows)


def _words_of(article: Article) -> str:
    return plain(f"{article.title or ''}\n{article.text[:ARTICLE_CHARS_SEARCHED]}")


def attempts_at(connection: Connection, versions: Sequence[VersionId]) -> dict[VersionId, int]:
    """How often each version has been begun without coming to an outcome."""
    counted = {VersionId(str(v)): int(str(n)) for v, n in connection.execute(ATTEMPTS, (list(versions),))}
    return {version: counted.get(version, 0) for version in versions}


def count_attempts(connection: Connection, versions: Sequence[VersionId]) -> None:
    """Count one more attempt at each version."""
    connection.execute(COUNT, (list(versions),))


def uncount_attempts(connection: Connection, versions: Sequence[VersionId]) -> None:
    """Take one attempt back: the version is proven harmless, though its outcome is not written yet."""
    connection.execute(UNCOUNT, (list(versions),))


def forget_attempts(connection: Connection, versions: Sequence[VersionId]) -> None:
    """Begin anew with these versions."""
    connection.execute(FORGET, (list(versions),))


def get(connection: Connection, version: VersionId) -> Article | None:
    """The article version, or None."""
    row = connection.execute("SELECT record FROM articles WHERE version_id = %s", (version,)).fetchone()
    return decode(bytes(row[0]), Article) if row and isinstance(row[0], bytes) else None
