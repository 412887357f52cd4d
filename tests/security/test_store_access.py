"""TLS to PostgreSQL with the server's name verified, and a role of its own for each process, tried on a real server."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from msgspec.structs import replace
from psycopg import sql

from deploy.local.postgres import Postgres
from pipeline.backup import dump
from pipeline.config import Config, Store, Web, dump_toml
from pipeline.errors import RetryableError
from pipeline.store import migrate
from pipeline.store.connection import connect
from tests.support.alerts import rich
from tests.support.certificates import Authority
from tests.support.screen import Visitor, address, keep, serve
from tests.support.stack import Stack, make_article, open_stack, wait_until
from tests.support.tls_proxy import TlsFront

pytestmark = [pytest.mark.integration, pytest.mark.timeout(1200)]

ROLES = Path(__file__).parents[2] / "deploy" / "roles" / "store.sql"
NAMES = ("connectors", "pipeline", "relay", "sinks", "reader", "web")


@pytest.fixture
def front(postgres_server: Postgres, tmp_path: Path) -> Iterator[tuple[TlsFront, Authority]]:
    authority = Authority(tmp_path)
    served = TlsFront(postgres_server.port, *authority.issue("db.example", hosts=("127.0.0.1",)))
    yield served, authority
    served.close()


def by_tls(url: str, front: TlsFront, ca: Path | str, mode: str = "verify-full") -> str:
    """The same database through the TLS front."""
    parts = psycopg.conninfo.conninfo_to_dict(url)
    return f"postgresql://{parts['user']}:{parts['password']}@127.0.0.1:{front.port}/{parts['dbname']}?sslmode={mode}&sslrootcert={ca}"


def test_a_verified_server_is_talked_to_and_another_is_not(
    postgres_url: str, front: tuple[TlsFront, Authority], tmp_path: Path
) -> None:
    served, authority = front
    with connect(by_tls(postgres_url, served, authority.ca), application="test") as connection:
        assert connection.pgconn.ssl_in_use
    migrate.upgrade(by_tls(postgres_url, served, authority.ca))  # by its own client too
    with pytest.raises(RetryableError, match="certificate verify failed"):
        connect(by_tls(postgres_url, served, Authority(tmp_path, "somebody else").ca), application="test")
    renamed = by_tls(postgres_url, served, authority.ca).replace("@127.0.0.1", "@localhost")
    with pytest.raises(RetryableError, match="does not match"):
        connect(renamed, application="test")
    with pytest.raises(RetryableError):
        connect(by_tls(postgres_url, served, authority.ca, mode="disable"), application="test")
    assert served.refused


def test_the_programs_of_a_backup_are_those_that_speak_tls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "pg_dump").write_text("")
    (tmp_path / "pg_dump").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    demanding = "postgresql://u:p@h/d?sslmode=verify-full"
    assert dump.find("pg_dump", None, demanding) == tmp_path / "pg_dump", "the package's are built without TLS"
    assert dump.find("pg_dump", None, "postgresql://u:p@h/d") != tmp_path / "pg_dump"


@pytest.fixture
def stack(kafka_bootstrap: str, postgres_url: str, tmp_path: Path) -> Iterator[Stack]:
    with open_stack(kafka_bootstrap, postgres_url, tmp_path / "stack") as opened:
        yield opened


@pytest.fixture
def users(postgres_url: str) -> Iterator[dict[str, str]]:
    """A login for each role: its address. Roles are the whole server's, so they are taken away again."""
    migrate.upgrade(postgres_url)
    parts = psycopg.conninfo.conninfo_to_dict(postgres_url)
    found = {}
    with psycopg.connect(postgres_url, autocommit=True) as owner:
        for _ in range(2):  # it may be run again
            owner.execute(ROLES.read_bytes())
        for name in NAMES:
            password, user = secrets.token_hex(8), f"{name}_{secrets.token_hex(4)}"
            owner.execute(
                sql.SQL("CREATE USER {} PASSWORD {} IN ROLE {}").format(
                    sql.Identifier(user), password, sql.Identifier(f"tocsin_{name}")
                )
            )
            found[name] = f"postgresql://{user}:{password}@127.0.0.1:{parts['port']}/{parts['dbname']}"
    yield found
    with psycopg.connect(postgres_url, autocommit=True) as owner:
        for url in found.values():
            user = sql.Identifier(str(psycopg.conninfo.conninfo_to_dict(url)["user"]))
            owner.execute(sql.SQL("DROP OWNED BY {} CASCADE").format(user))
            owner.execute(sql.SQL("DROP USER {}").format(user))


def test_the_processes_work_each_in_its_role_and_by_tls(
    stack: Stack, users: dict[str, str], front: tuple[TlsFront, Authority], tmp_path: Path
) -> None:
    served, authority = front
    delivered = tmp_path / "alerts.jsonl"
    stacks = {}
    for name in ("pipeline", "relay", "sinks"):
        folder = tmp_path / name
        folder.mkdir()
        url = by_tls(users[name], served, authority.ca)
        sinks = {"file": {"type": "jsonl", "path": str(delivered)}} if name == "sinks" else {}
        config = replace(stack.config, store=replace(stack.config.store, url=url), sinks=sinks)
        (folder / "tocsin.toml").write_text(dump_toml(config), encoding="utf-8")
        stacks[name] = Stack(config, folder)
    article = make_article(
        1, "Bomb in Mogadishu", "A car bomb killed at least 12 people in Mogadishu on Monday, police said."
    )
    stack.publish([article])
    try:
        for name in stacks:
            stacks[name].start(name, name, "run")

        def is_delivered() -> bool:
            for one in stacks.values():
                one.tend()
            return delivered.exists() and article.version_id in delivered.read_text()

        wait_until("the alert has come through all of them", is_delivered, 300)
    finally:
        for one in stacks.values():
            for name in list(one.processes):
                one.end(name)


def test_the_screen_works_in_its_role(postgres_url: str, users: dict[str, str]) -> None:
    keep(postgres_url, [rich(1)])
    with psycopg.connect(postgres_url) as connection:
        connection.execute(
            "INSERT INTO feeds (feed, source, url, host, spaced) VALUES ('a', 's', 'https://a.example', 'a.example', true)"
        )
    with serve(Config(store=Store(url=users["web"]), web=Web(listen=address()))) as url:
        visitor = Visitor(url)
        for path in ("/", "/map", "/articles?q=x", "/rules", "/feeds", "/pipeline", f"/alerts/{rich(1).alert_id}"):
            assert (path, visitor.get(path)[0]) == (path, 200)
        form = {"csrf": visitor.token()}
        rule = '[watch.x]\nwords = ["guards"]\n'
        for path, more in (
            (f"/alerts/{rich(1).alert_id}/mark", {"verdict": "wrong", "because": "a drill"}),
            ("/rules", {"what": "keep", "rules": rule, "anyway": "yes"}),
            ("/feeds/pause", {"feed": "a", "to": "pause"}),
        ):
            assert (path, visitor.post(path, form | more)[0]) == (path, 303)


FORBIDDEN = [
    ("web", "DELETE FROM alerts"),
    ("web", "INSERT INTO outbox (topic, key) VALUES ('tocsin.alerts', 'forged')"),
    ("web", "UPDATE feeds SET url = 'http://x'"),
    ("web", "UPDATE marks SET verdict = 'right'"),
    ("connectors", "SELECT * FROM alerts"),
    ("connectors", "INSERT INTO outbox (topic, key) VALUES ('tocsin.alerts', 'forged')"),
    ("connectors", "DELETE FROM written"),
    ("pipeline", "SELECT * FROM outbox"),
    ("pipeline", "DELETE FROM outbox"),
    ("pipeline", "UPDATE feeds SET url = 'http://x'"),
    ("pipeline", "UPDATE store SET store_id = gen_random_uuid()"),
    ("pipeline", "DROP TABLE alerts"),
    ("relay", "INSERT INTO outbox (topic, key) VALUES ('tocsin.alerts', 'forged')"),
    ("relay", "UPDATE alerts SET severity = 'info'"),
    ("relay", "SELECT * FROM feeds"),
    ("sinks", "SELECT * FROM outbox"),
    ("sinks", "UPDATE alerts SET severity = 'info'"),
    ("reader", "DELETE FROM alerts"),
    ("reader", "CREATE TABLE mine (n int)"),
]


def test_no_role_may_do_what_is_another_s(users: dict[str, str]) -> None:
    for name, statement in FORBIDDEN:
        with psycopg.connect(users[name]) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)  # type: ignore[arg-type]
