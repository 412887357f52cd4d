"""The story index in PostgreSQL: one batch of articles linked in a handful of queries.

A batch loads what it may need (recorded versions, earlier versions of its articles, equal texts, the postings of all its
keys, the likeliest candidates), links its articles one after the other in memory with the same functions as the offline
command, and writes what was decided. So both give the same verdicts by construction.

Guarantees: inside the caller's transaction and under one transaction-scoped advisory lock, so two workers with two reprints
end with one story; a version met again gets the verdict recorded the first time. Rows older than `HORIZON_DAYS` are not
looked at, and leave by dropping whole partitions. Failure: psycopg's errors pass through and the transaction did nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import msgspec
from psycopg import errors, sql

from pipeline.records import Article, ArticleId, Linked, LinkVerdict, StoryId, VersionId
from pipeline.store.connection import LINK_LOCK, Connection
from pipeline.text.dedupe.fingerprint import FINGERPRINT_VERSION, Fingerprint, fingerprint_of
from pipeline.text.dedupe.index import STORIES_MAX, Known, MemoryIndex, Posting
from pipeline.text.dedupe.link import candidates_of, link_fingerprint

HORIZON_DAYS = 14
"""How long an article can be found; a reprint that comes later begins a story of its own."""
STALE_DAYS = 7
"""A story's posting older than this is posted anew by the next article of the story, so that a living story stays found."""
SPAN_DAYS = 4
"""Days in a partition: each look-up asks every partition, so daily ones would cost three times as much. Old partitions are
dropped when a new one is made, so up to two spans longer than the horizon is kept on disk, and not looked at."""
BATCH_MAX = 64
"""Articles linked in one go; a longer batch is cut, which bounds memory and the length of each query."""
DROP_WAIT = "200ms"
PARTITIONED = ("story_links", "story_keys")

COLUMNS = "number, founder, story_id, verdict, of_version, similarity, reason, weight, fingerprint"
FIND = f"""
SELECT {COLUMNS} FROM story_links WHERE version_id = ANY(%(versions)s) AND day >= %(oldest)s
UNION ALL
SELECT found.* FROM unnest(%(articles)s::text[]) AS asked (id), LATERAL (
    SELECT {COLUMNS} FROM story_links WHERE article_id = asked.id AND day >= %(oldest)s ORDER BY number DESC LIMIT 1
) AS found
UNION ALL
SELECT found.* FROM unnest(%(texts)s::bytea[]) AS asked (hash), LATERAL (
    SELECT DISTINCT ON (founder) {COLUMNS} FROM story_links
    WHERE text_hash = asked.hash AND day >= %(oldest)s ORDER BY founder, number LIMIT {STORIES_MAX}
) AS found
"""  # noqa: S608 - the columns are ours
FIND_NUMBERS = f"SELECT {COLUMNS} FROM story_links WHERE number = ANY(%s) AND day >= %s"  # noqa: S608
# A common key has STORIES_MAX rows and is posted no more, or twice that while stale ones are being replaced.
POSTINGS = f"""
SELECT asked.key, found.founder, found.number, found.day <= %(stale)s
FROM unnest(%(keys)s::text::bigint[]) AS asked (key), LATERAL (
    SELECT founder, number, day FROM story_keys WHERE key = asked.key AND day >= %(oldest)s LIMIT {2 * STORIES_MAX}
) AS found
"""  # noqa: S608
NUMBERS = "SELECT nextval('story_numbers') FROM generate_series(1, %s)"
RECORD = f"""
INSERT INTO story_links ({COLUMNS}, day, version_id, article_id, text_hash)
VALUES ({", ".join(["%s"] * 13)})
"""  # noqa: S608
POST = "COPY story_keys (key, number, founder, day) FROM STDIN"
PARTITIONS = """
SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
WHERE inhparent = to_regclass(%s) ORDER BY child.relname
"""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Fingerprint).decode
_row = msgspec.convert


class _Row(msgspec.Struct, frozen=True, array_like=True):
    """A row of `story_links` in the order of `COLUMNS`."""

    number: int
    founder: int
    story: str
    verdict: LinkVerdict
    of: str | None
    similarity: float | None
    reason: str
    weight: float
    fingerprint: bytes


class _BatchIndex(MemoryIndex):
    """A memory index with the part of the tables that a batch touches; keeps what is added, for writing."""

    def __init__(self, connection: Connection, oldest: date, stale: date) -> None:
        super().__init__()
        self._connection = connection
        self._oldest = oldest
        self._stale = stale
        self._numbers: Iterator[int] = iter(())
        self.added: list[Known] = []
        self.posted: list[tuple[int, int, int]] = []  # key, number, founder

    def load(self, batch: Sequence[Fingerprint]) -> None:
        """Fetch all that linking the batch may ask for."""
        asked = {
            "versions": [new.version_id for new in batch],
            "articles": list({new.article_id for new in batch}),
            "texts": list({new.text_hash for new in batch if new.length}),
            "oldest": self._oldest,
        }
        self._restore(self._connection.execute(FIND, asked).fetchall())
        keys = sorted({key for new in batch for key in new.lookup_keys})
        window = {"keys": f"{{{','.join(map(str, keys))}}}", "oldest": self._oldest, "stale": self._stale}
        for key, founder, number, stale in self._connection.execute(POSTINGS, window).fetchall():
            self.restore_posting(_int(key), Posting(_int(founder), _int(number), bool(stale)))
        numbers = {n for new in batch for n in candidates_of(self.postings(new.lookup_keys), new.lookup_keys)}
        self._fetch(numbers)
        self._numbers = iter([_int(row[0]) for row in self._connection.execute(NUMBERS, (len(batch),)).fetchall()])

    def known(self, numbers: Iterable[int]) -> Mapping[int, Known]:
        """See `StoryIndex`; candidates that only the batch's own articles brought up are fetched now."""
        wanted = list(numbers)
        self._fetch(set(wanted))
        return super().known(number for number in wanted if number in self._by_number)

    def next_number(self) -> int:
        """See `StoryIndex`."""
        return next(self._numbers)

    def add(self, known: Known, keys: Iterable[int]) -> None:
        """See `StoryIndex`."""
        posted = list(keys)
        super().add(known, posted)
        self.added.append(known)
        self.posted.extend((key, known.number, known.founder) for key in posted)

    def _fetch(self, numbers: set[int]) -> None:
        missing = sorted(numbers - self._by_number.keys())
        if missing:
            self._restore(self._connection.execute(FIND_NUMBERS, (missing, self._oldest)).fetchall(), candidates=True)

    def _restore(self, rows: Sequence[tuple[object, ...]], *, candidates: bool = False) -> None:
        for known in sorted((_known(row) for row in rows), key=lambda known: known.number):
            if known.fingerprint.v != FINGERPRINT_VERSION:
                continue
            if candidates:
                self._by_number[known.number] = known
            else:
                self.restore(known)


def _known(row: tuple[object, ...]) -> Known:
    fields = _row(row, _Row)
    return Known(
        number=fields.number,
        fingerprint=_decode(fields.fingerprint),
        weight=fields.weight,
        story=StoryId(fields.story),
        founder=fields.founder,
        verdict=fields.verdict,
        of=VersionId(fields.of) if fields.of else None,
        similarity=fields.similarity,
        reason=fields.reason,
    )


def _int(value: object) -> int:
    assert isinstance(value, int)  # noqa: S101 - the column's type
    return value


def link_batch(connection: Connection, articles: Sequence[Article], *, today: date | None = None) -> list[Linked]:
    """Link articles in order; one `Linked` each, recorded. Call it inside a transaction.

    `today` is the day of linking (UTC), for tests. Raises psycopg's errors; after one the transaction must be rolled back.
    """
    day = today or datetime.now(UTC).date()
    prepared = [(article, fingerprint_of(article)) for article in articles]
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (LINK_LOCK,))
    keep_partitions(connection, day)
    linked: list[Linked] = []
    with _by_index(connection):
        for start in range(0, len(prepared), BATCH_MAX):
            linked += _link(connection, prepared[start : start + BATCH_MAX], day)
    return linked


def _link(connection: Connection, batch: Sequence[tuple[Article, Fingerprint]], day: date) -> list[Linked]:
    index = _BatchIndex(connection, day - timedelta(days=HORIZON_DAYS - 1), day - timedelta(days=STALE_DAYS))
    index.load([fingerprint for _, fingerprint in batch])
    linked = [link_fingerprint(article, fingerprint, index) for article, fingerprint in batch]
    with connection.cursor() as cursor:
        cursor.executemany(RECORD, [_columns(known, day) for known in index.added])
        with cursor.copy(POST) as copy:
            copy.write("".join(f"{key}\t{number}\t{founder}\t{day}\n" for key, number, founder in index.posted))
    return linked


def _columns(known: Known, day: date) -> tuple[object, ...]:
    new = known.fingerprint
    decided = (known.number, known.founder, known.story, known.verdict, known.of, known.similarity, known.reason)
    return (*decided, known.weight, _encode(new), day, new.version_id, new.article_id, new.text_hash)


@contextmanager
def _by_index(connection: Connection) -> Iterator[None]:
    """Keep the planner to index scans: statistics of a partition made a minute ago would talk it into reading it whole."""
    connection.execute("SET LOCAL enable_seqscan = off")
    yield
    connection.execute("SET LOCAL enable_seqscan = on")


def keep_partitions(connection: Connection, today: date) -> list[str]:
    """Make the partitions of `today` if they are missing and then drop those that left the horizon; names of the dropped."""
    row = connection.execute("SELECT to_regclass(%s)", (_partition("story_keys", today),)).fetchone()
    if row is not None and row[0] is not None:
        return []
    first = _span_start(today)
    for table in PARTITIONED:
        names = {"part": sql.Identifier(_partition(table, today)), "whole": sql.Identifier(table)}
        span = {"first": first, "last": first + timedelta(days=SPAN_DAYS)}
        # Made apart and attached: CREATE … PARTITION OF would wait for everybody who reads the table, a backup for one.
        connection.execute(sql.SQL("CREATE TABLE {part} (LIKE {whole} INCLUDING ALL)").format(**names))
        attach = sql.SQL("ALTER TABLE {whole} ATTACH PARTITION {part} FOR VALUES FROM ({first}) TO ({last})")
        connection.execute(attach.format(**names, **span))
    return drop_partitions(connection, today - timedelta(days=HORIZON_DAYS - 1))


def drop_partitions(connection: Connection, oldest: date) -> list[str]:
    """Drop the partitions in which all days are before `oldest`; their names. Those in use stay for the next time."""
    dropped = []
    for table in PARTITIONED:
        for (name,) in connection.execute(PARTITIONS, (table,)).fetchall():
            if str(name) < _partition(table, oldest) and _drop(connection, str(name)):
                dropped.append(str(name))
    return dropped


def _drop(connection: Connection, name: str) -> bool:
    """Drop a partition unless somebody reads the table just now: whoever waits for such a lock makes all others wait."""
    try:
        with connection.transaction():
            connection.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(DROP_WAIT))
            connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(name)))
            connection.execute("SET LOCAL lock_timeout = DEFAULT")
    except errors.LockNotAvailable:
        return False
    return True


def _span_start(day: date) -> date:
    """The first day of the partition in which a day falls; spans are counted from day 1 of the calendar."""
    return date.fromordinal(day.toordinal() - day.toordinal() % SPAN_DAYS)


def _partition(table: str, day: date) -> str:
    return f"{table}_{_span_start(day):%Y%m%d}"


def recorded(connection: Connection, version: VersionId) -> Known | None:
    """What was decided about a version, with its reason; None when it was never linked or has left the horizon."""
    row = connection.execute(f"SELECT {COLUMNS} FROM story_links WHERE version_id = %s", (version,)).fetchone()  # noqa: S608
    return _known(row) if row else None


def members(connection: Connection, story: StoryId) -> list[Known]:
    """The versions of a story within the horizon, in order of linking."""
    rows = connection.execute(f"SELECT {COLUMNS} FROM story_links WHERE story_id = %s ORDER BY number", (story,))  # noqa: S608
    return [_known(row) for row in rows.fetchall()]


def latest_version(connection: Connection, article: ArticleId) -> Known | None:
    """The latest version of an article within the horizon."""
    find = f"SELECT {COLUMNS} FROM story_links WHERE article_id = %s ORDER BY number DESC LIMIT 1"  # noqa: S608
    row = connection.execute(find, (article,)).fetchone()
    return _known(row) if row else None
