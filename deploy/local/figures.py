"""Reads the figures of the live view from the store and the broker, in a thread of its own.

Every figure is optional: a table that does not exist yet, or a server that is away, leaves its figures unknown and nothing else. The queries
go by indexes on time, so that they stay cheap however much is kept.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
from msgspec.structs import replace

from deploy.local.status import FailingFeed, Figures, LatestAlert
from pipeline.config import Config
from pipeline.publish.lag import Lag

INTERVAL_SECONDS = 2.0
RATE_SECONDS = 60.0
LATEST_ALERTS = 8
FAILING_FEEDS = 5
STATEMENT_MS_MAX = 3_000
JOIN_SECONDS = 0.5

Connection = psycopg.Connection[Any]
T = TypeVar("T")
D = TypeVar("D")


class Reader:
    """Reads at once and every `INTERVAL_SECONDS` from `start` to `stop`; `latest` is what it last found."""

    def __init__(self, config: Config) -> None:
        self.latest = Figures()
        self._config = config
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="figures", daemon=True)
        self._store: Connection | None = None
        self._lag = Lag(config)
        self._articles = ArticleCount()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more; a look under way goes on."""
        self._stopped.set()

    def join(self) -> None:
        """Wait a moment for the look under way; with the servers gone it fails by itself."""
        self._thread.join(JOIN_SECONDS)

    def _run(self) -> None:
        while not self._stopped.is_set():
            self.latest = self.read_once()
            self._stopped.wait(INTERVAL_SECONDS)
        if self._store:
            self._store.close()
        self._lag.close()

    def read_once(self) -> Figures:
        """Look now; never raises for a server that is away."""
        try:
            store = self._connect()
            figures = read_store(store, self._articles)
        except psycopg.Error as error:
            self._store = None
            figures = Figures(problem=f"the store is away: {str(error).splitlines()[0] if str(error) else error!r}")
        return replace(figures, lag=self._lag.read())

    def _connect(self) -> Connection:
        if self._store is None or self._store.closed:
            options = f"-c statement_timeout={STATEMENT_MS_MAX}"
            self._store = psycopg.connect(
                self._config.store.url,
                autocommit=True,
                connect_timeout=3,
                application_name="tocsin-up",
                options=options,
            )
        return self._store


def read_store(store: Connection, articles: "ArticleCount") -> Figures:
    """All figures of the store. Raises psycopg.Error when it is away."""
    ok, failing = _tolerate(lambda: _count_feeds(store), None) or (None, None)
    count, rate = _tolerate(lambda: articles.read(store), None) or (None, None)
    return Figures(
        feeds_ok=ok,
        feeds_failing=failing,
        failing=_tolerate(lambda: _read_failing(store), ()),
        articles=count,
        articles_per_second=rate,
        rejects=_tolerate(lambda: _count_rejects(store), None),
        alerts=_tolerate(lambda: _count_alerts(store), None),
        latest=_tolerate(lambda: _read_latest(store), ()),
    )


class ArticleCount:
    """Articles through the pipeline, counted as they are written: only the new ones are looked at each time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._total = 0
        self._until: object = None
        self._samples: deque[tuple[float, int]] = deque()

    def read(self, store: Connection) -> tuple[int, float]:
        """The total since the first call, and articles/s over the last `RATE_SECONDS`."""
        # Up to a second ago: a transaction's rows carry its start, and become visible at its end.
        row = store.execute(
            "SELECT now() - interval '1 s', count(*) FROM written WHERE at > %s AND at <= now() - interval '1 s'",
            (self._until or "infinity",),
        ).fetchone()
        assert row is not None  # noqa: S101 - a count always answers
        self._until = row[0]
        self._total += int(row[1])
        now = self._clock()
        self._samples.append((now, self._total))
        while self._samples[0][0] < now - RATE_SECONDS:
            self._samples.popleft()
        began, before = self._samples[0]
        return self._total, (self._total - before) / (now - began) if now > began else 0.0


def _tolerate(read: Callable[[], T], otherwise: D) -> T | D:
    try:
        return read()
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn, psycopg.errors.QueryCanceled):
        return otherwise


def _count_feeds(store: Connection) -> tuple[int | None, int | None]:
    row = store.execute(
        "SELECT count(*) FILTER (WHERE failures = 0 AND polls > 0), count(*) FILTER (WHERE failures > 0)"
        " FROM feeds WHERE active"
    ).fetchone()
    return (row[0], row[1]) if row else (None, None)


def _read_failing(store: Connection) -> tuple[FailingFeed, ...]:
    rows = store.execute(
        "SELECT feed, coalesce(message, reason, '') FROM feeds WHERE active AND failures > 0"
        " ORDER BY last_poll_at DESC LIMIT %s",
        (FAILING_FEEDS,),
    )
    return tuple(FailingFeed(name, reason) for name, reason in rows)


def _count_rejects(store: Connection) -> int | None:
    row = store.execute(
        "SELECT count(*) FROM written WHERE outcome = 'reject' AND at > now() - interval '24 hours'"
    ).fetchone()
    return row[0] if row else None


def _count_alerts(store: Connection) -> dict[str, int]:
    rows = store.execute(
        "SELECT severity, count(*) FROM alerts WHERE updated_at > now() - interval '24 hours' GROUP BY severity"
    )
    return dict(rows.fetchall())


def _read_latest(store: Connection) -> tuple[LatestAlert, ...]:
    rows = store.execute(
        "SELECT updated_at, severity, revision, what FROM alerts ORDER BY updated_at DESC LIMIT %s", (LATEST_ALERTS,)
    )
    return tuple(LatestAlert(updated=at, severity=s, revision=r, what=what) for at, s, r, what in rows)
