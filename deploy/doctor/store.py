"""PostgreSQL, and what it tells of the stream, the feeds and the sinks."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg

from connectors.feeds.show import state_word
from connectors.sinks.memory import read_states
from connectors.sources.feedlist import FeedList
from deploy.doctor.verdict import Finding, failed, not_asked, ok, warning
from pipeline.config import Config
from pipeline.errors import ConfigError, RetryableError
from pipeline.store import migrate
from pipeline.store.connection import Connection, connect

SKEW_MAX = timedelta(seconds=5)
OUTBOX_OLD = timedelta(minutes=2)
REJECTS_MANY = 50
"""In a day."""
FAILING_SHARE_MUCH = 0.2

SIZE = (
    "SELECT current_setting('server_version'), pg_size_pretty(pg_database_size(current_database())), clock_timestamp()"
)
OUTBOX = "SELECT count(*), min(created_at), clock_timestamp() FROM outbox"
REJECTS = "SELECT count(*) FROM written WHERE outcome = 'reject' AND at > now() - interval '24 hours'"
ATTEMPTS = "SELECT count(*) FROM attempts WHERE last_at < now() - interval '10 minutes'"


def look(config: Config) -> Iterator[Finding]:
    """One finding after the other."""
    if not config.store.url:
        yield failed("store", "no address", "start `tocsin up`, or set store.url")
        yield not_asked("stream", "the store is not known")
        return
    try:
        connection = connect(config.store.url, application="doctor", autocommit=True)
    except (RetryableError, ConfigError) as error:
        yield failed("store", str(error), "is it running, and do user, password and pg_hba.conf let us in?")
        yield not_asked("stream", "the store does not answer")
        return
    with connection:
        try:
            yield from _server(connection)
            if (wrong := _revision(config.store.url)) is not None:
                yield wrong
                yield not_asked("stream", "its tables are not those of this version")
                return
            yield from _stream(connection)
            yield _feeds(config.store.url)
            yield from _sinks(config)
        except psycopg.Error as error:
            yield failed(
                "store", str(error).strip(), "may this user read the tables? deploy/roles/store.sql has the roles"
            )


def _server(connection: Connection) -> Iterator[Finding]:
    row = connection.execute(SIZE).fetchone()
    assert row is not None  # noqa: S101 - no table is asked
    version, size, now = row
    yield ok("store", f"PostgreSQL {version}, {size}")
    assert isinstance(now, datetime)  # noqa: S101 - the function's type
    skew = abs(now - datetime.now(UTC))
    if skew > SKEW_MAX:
        yield warning(
            "clock", f"the store's differs by {skew.total_seconds():.0f} s", "let both machines keep time by NTP"
        )
    else:
        yield ok("clock", "as the store's")


def _revision(url: str) -> Finding | None:
    found, wanted = migrate.current(url), migrate.newest()
    if found == wanted:
        return None
    if found is not None and not migrate.knows(found):
        return failed("tables", f"of a later version ({found})", "install that version of tocsin here, too")
    return failed("tables", f"{found or 'none'}, this version needs {wanted}", "`tocsin store migrate`")


def _stream(connection: Connection) -> Iterator[Finding]:
    count, oldest, now = connection.execute(OUTBOX).fetchone() or (0, None, None)
    if isinstance(oldest, datetime) and isinstance(now, datetime) and now - oldest > OUTBOX_OLD:
        says = f"{count} revisions wait for Kafka, the oldest for {(now - oldest).total_seconds():.0f} s"
        yield failed("relay", says, "is `tocsin relay run` up? its log says what holds it")
    else:
        yield ok("relay", f"{count} revisions wait for Kafka")
    rejects = int(str((connection.execute(REJECTS).fetchone() or (0,))[0]))
    if rejects > REJECTS_MANY:
        yield warning(
            "rejects",
            f"{rejects} in a day",
            "`tocsin rejects list` says why; mend it, then `tocsin rejects replay --all`",
        )
    else:
        yield ok("rejects", f"{rejects} in a day")
    stuck = int(str((connection.execute(ATTEMPTS).fetchone() or (0,))[0]))
    if stuck:
        yield warning(
            "attempts", f"{stuck} articles were begun and not finished", "the workers' logs say what ended them"
        )


def _feeds(url: str) -> Finding:
    kept = FeedList(url)
    try:
        rows = [row for row in kept.all() if row.active]
    finally:
        kept.close()
    if not rows:
        return warning("feeds", "none", "`tocsin feeds add URL`, or [sources.NAME] in the configuration")
    failing = [row for row in rows if row.outcome == "failed"]
    silent = sum(state_word(row) == "silent" for row in rows)
    says = f"{len(rows)} feeds, {len(failing)} failing, {silent} silent"
    if len(failing) > FAILING_SHARE_MUCH * len(rows):
        reasons = ", ".join(sorted({row.reason or "?" for row in failing})[:5])
        return warning(
            "feeds", f"{says} ({reasons})", "`tocsin feeds status` says why; one reason for all is your network"
        )
    return ok("feeds", says)


def _sinks(config: Config) -> Iterator[Finding]:
    states = {s.sink: s for s in read_states(config.store.url)}
    for name in config.sinks:
        found = states.get(name)
        if found is None:
            yield warning(f"sink {name}", "has not begun", "is `tocsin sinks run` up?")
        elif found.state == "setup":
            yield failed(f"sink {name}", found.reason, f"mend it, then `tocsin sinks test {name}`")
        elif found.state != "delivering":
            yield warning(
                f"sink {name}", f"{found.state}: {found.reason}", "it is tried again; alerts are kept for 30 days"
            )
        else:
            yield ok(f"sink {name}", f"delivered {found.delivered}, refused {found.refused}")
