"""The story index on a real PostgreSQL: the same verdicts as in memory, replay, several workers at once, the horizon."""

import multiprocessing
from collections.abc import Iterator
from datetime import date, timedelta

import psycopg
import pytest

from pipeline.records import Article, Linked
from pipeline.store import migrate
from pipeline.store.connection import Connection, connect
from pipeline.store.stories import HORIZON_DAYS, SPAN_DAYS, link_batch, members, recorded
from pipeline.text.dedupe.index import STORIES_MAX, MemoryIndex
from pipeline.text.dedupe.link import link
from tests.support.reprints import make, make_stream, make_text

pytestmark = pytest.mark.integration

DAY = date(2026, 3, 2)
WORKERS = 4
ROUNDS = 6


@pytest.fixture
def store(postgres_url: str) -> str:
    migrate.upgrade(postgres_url)
    return postgres_url


@pytest.fixture
def connection(store: str) -> Iterator[Connection]:
    with connect(store, application="test") as connection:
        yield connection


def in_batches(connection: Connection, articles: list[Article], size: int, today: date = DAY) -> list[Linked]:
    linked = []
    for start in range(0, len(articles), size):
        with connection.transaction():
            linked += link_batch(connection, articles[start : start + size], today=today)
    return linked


@pytest.mark.parametrize("size", [1, 7, 64])
def test_the_verdicts_are_those_of_the_index_in_memory(connection: Connection, size: int) -> None:
    stream = make_stream(stories=25, seed=size)
    index = MemoryIndex()
    assert in_batches(connection, stream, size) == [link(article, index) for article in stream]


def test_standing_texts_under_many_titles_stay_apart_and_cheap(connection: Connection) -> None:
    stream = [
        make(n, text, f"Headline {n} of the day")
        for n in range(STORIES_MAX + 24)
        for text in ("", "Click here to read the whole of it now.")
    ]
    index = MemoryIndex()
    linked = in_batches(connection, stream, 16)
    assert linked == [link(article, index) for article in stream]
    assert len({item.story for item in linked if item.article.text == ""}) == STORIES_MAX + 24


def test_copies_end_in_one_story_each(connection: Connection) -> None:
    linked = in_batches(connection, make_stream(stories=25, seed=3), 16)
    assert len({item.story for item in linked}) == 25
    assert {item.verdict for item in linked} == {"new", "exact", "near", "revision"}


def test_a_version_met_again_gets_the_verdict_recorded_the_first_time(connection: Connection) -> None:
    stream = make_stream(stories=8, seed=5)
    first = in_batches(connection, stream, 16)
    rows = connection.execute("SELECT count(*) FROM story_keys").fetchone()
    again = in_batches(connection, list(reversed(stream)), 64)
    assert list(reversed(again)) == first
    assert connection.execute("SELECT count(*) FROM story_keys").fetchone() == rows


def test_a_rolled_back_batch_leaves_nothing(connection: Connection) -> None:
    article = make(1, make_text(1))
    with connection.transaction(force_rollback=True):
        link_batch(connection, [article], today=DAY)
    assert in_batches(connection, [make(2, make_text(1))], 1)[0].verdict == "new"


def test_a_revision_names_the_version_before_it(connection: Connection) -> None:
    old, new = make(1, make_text(1)), make(1, make_text(1) + " Nobody was hurt, it was said later.")
    first, second = in_batches(connection, [old, new], 1)
    assert (second.verdict, second.of, second.story) == ("revision", old.version_id, first.story)
    with connection.transaction():
        assert [known.fingerprint.version_id for known in members(connection, first.story)] == [
            old.version_id,
            new.version_id,
        ]


def test_what_left_the_horizon_is_not_found_and_its_partitions_are_dropped(connection: Connection) -> None:
    later = DAY + timedelta(days=HORIZON_DAYS)
    first = in_batches(connection, [make(1, make_text(1))], 1)[0]
    last_day = in_batches(connection, [make(2, make_text(1))], 1, later - timedelta(days=1))[0]
    assert last_day.story == first.story
    other = in_batches(connection, [make(3, make_text(2))], 1, later)[0]
    assert other.verdict == "new"
    for step in range(1, 2 * SPAN_DAYS + 1):
        in_batches(connection, [make(10 + step, make_text(10 + step))], 1, later + timedelta(days=step))
    oldest = connection.execute("SELECT min(day) FROM story_links").fetchone()
    assert oldest == (later - timedelta(days=1),)
    assert recorded(connection, first.article.version_id) is None
    tables = connection.execute("SELECT count(*) FROM pg_inherits WHERE inhparent = 'story_keys'::regclass").fetchone()
    assert tables is not None
    assert int(str(tables[0])) <= HORIZON_DAYS // SPAN_DAYS + 2


def test_a_story_that_goes_on_is_still_found_when_its_first_article_has_left(connection: Connection) -> None:
    days = [DAY + timedelta(days=6 * step) for step in range(5)]
    linked = [in_batches(connection, [make(n, make_text(1, 12 + n % 2))], 1, day)[0] for n, day in enumerate(days)]
    assert len({item.story for item in linked}) == 1


def test_key_rows_stay_bounded_however_often_a_text_is_reprinted(connection: Connection) -> None:
    in_batches(connection, [make(n, make_text(1) + f" Printed by paper {n}.") for n in range(60)], 20)
    most = connection.execute(
        "SELECT max(c) FROM (SELECT count(*) AS c FROM story_keys GROUP BY key) AS counted"
    ).fetchone()
    assert most == (1,)


def _work(
    url: str,
    worker: int,
    barrier: "multiprocessing.synchronize.Barrier",
    found: "multiprocessing.Queue[tuple[int, str, str]]",
) -> None:
    with connect(url, application=f"worker-{worker}", autocommit=True) as connection:
        for turn in range(ROUNDS):
            article = make(turn * 100 + worker, make_text(turn) + f" Reprinted with leave by paper {worker}.")
            barrier.wait(180)
            with connection.transaction():
                (linked,) = link_batch(connection, [article])
            found.put((turn, linked.story, linked.verdict))


def test_workers_with_reprints_at_the_same_moment_end_with_one_story(store: str) -> None:
    context = multiprocessing.get_context("spawn")
    barrier, found = context.Barrier(WORKERS), context.Queue()
    workers = [context.Process(target=_work, args=(store, worker, barrier, found)) for worker in range(WORKERS)]
    for worker in workers:
        worker.start()
    results = [found.get(timeout=180) for _ in range(WORKERS * ROUNDS)]
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    for turn in range(ROUNDS):
        stories = {story for number, story, _ in results if number == turn}
        verdicts = sorted(verdict for number, _, verdict in results if number == turn)
        assert len(stories) == 1
        assert verdicts == ["near"] * (WORKERS - 1) + ["new"]


def test_linking_takes_the_lock_itself(store: str) -> None:
    with connect(store, application="one") as one, connect(store, application="two") as two, one.transaction():
        link_batch(one, [make(1, make_text(1))])
        two.execute("SET lock_timeout = '200ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            link_batch(two, [make(2, make_text(1))])


def test_a_backup_that_reads_the_tables_holds_nobody_up(store: str, connection: Connection) -> None:
    def partitions() -> int:
        row = connection.execute(
            "SELECT count(*) FROM pg_inherits WHERE inhparent = 'story_links'::regclass"
        ).fetchone()
        return int(str(row[0])) if row else 0

    in_batches(connection, [make(1, make_text(1))], 1)
    later = DAY + timedelta(days=HORIZON_DAYS + SPAN_DAYS)
    with psycopg.connect(store) as reader:
        reader.execute("LOCK TABLE story_links, story_keys IN ACCESS SHARE MODE")  # as pg_dump does, for minutes
        connection.execute("SET lock_timeout = '5s'")
        connection.commit()
        in_batches(connection, [make(2, make_text(2))], 1, later)
        assert partitions() == 2, "the new span is there, and the old one is still being read"
    in_batches(connection, [make(3, make_text(3))], 1, later + timedelta(days=SPAN_DAYS))
    assert partitions() == 2, "and leaves the next time"
