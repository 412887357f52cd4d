"""The screen on a real store: its pages, who may come in, what it refuses, and the stream that keeps it fresh."""

import contextlib
import http.client
import itertools
import json
import re
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from msgspec.structs import replace
from prometheus_client import REGISTRY

from connectors.web.gate import LOGINS_MAX, Gate
from connectors.web.live import LOOK_S
from connectors.web.pages.api import describe
from connectors.web.passwords import is_right, make_hash
from pipeline.config import Config, Store, Web, WebUser
from pipeline.errors import ConfigError
from pipeline.records import Article, ArticleId, Mention, VersionId
from pipeline.store import migrate
from tests.support.alerts import HOSTILE, make, on_wire, rich
from tests.support.screen import Visitor, address, keep, serve
from tests.support.stack import WAIT_S, wait_until

pytestmark = pytest.mark.integration

PASSWORD = "correct horse battery"
HASH = make_hash(PASSWORD)
PAGES = ("/", "/map", "/articles", "/rules", "/feeds", "/pipeline", "/?severity=high&q=guards", "/map?days=30")


def article(number: int, text: str, title: str = "A report") -> Article:
    return Article(
        article_id=ArticleId(f"art:{number}"),
        version_id=VersionId(f"ver:{number}"),
        feed="harbour-wire",
        title=title,
        text=text,
        fetched=datetime.now(UTC),
    )


@pytest.fixture
def config(postgres_url: str) -> Config:
    migrate.upgrade(postgres_url)
    return Config(store=Store(url=postgres_url), web=Web(listen=address()))


@pytest.fixture
def screen(config: Config) -> Iterator[Visitor]:
    keep(config.store.url, [rich(n) for n in range(1, 5)], [article(1, "Guards were captured near Oskel.")])
    with serve(config) as url:
        yield Visitor(url)


@pytest.fixture
def guarded(config: Config) -> Config:
    users = {role: WebUser(password=HASH, role=role) for role in ("viewer", "analyst", "admin")}  # type: ignore[arg-type]
    keep(config.store.url, [rich(1)])
    return replace(config, web=replace(config.web, users=users))


def log_in(url: str, user: str) -> Visitor:
    visitor = Visitor(url)
    assert visitor.post("/login", {"user": user, "password": PASSWORD})[0] == 303
    return visitor


def test_every_page_answers_and_allows_no_script_but_its_own(screen: Visitor) -> None:
    alert = rich(1).alert_id
    for path in (*PAGES, f"/alerts/{quote(alert)}", "/actors/group%3Ataliban", "/places/AF/Kabul", "/articles/ver%3A1"):
        status, body = screen.get(path)
        assert (path, status) == (path, 200)
        assert screen.headers is not None
        policy = screen.headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert "<script>" not in body
        assert "style=" not in body
        assert " on" not in "".join(part.partition(">")[0] for part in body.split("<button")[1:])


def test_what_is_not_there_is_said_with_a_way_back(screen: Visitor) -> None:
    for path in ("/alerts/alert%3Anone", "/articles/ver%3Anone", "/nowhere", "/export/docx"):
        status, body = screen.get(path)
        assert status == 404
        assert 'href="/"' in body
    assert screen.get("/?since=yesterday")[0] == 400
    assert "24h, 7d" in screen.get("/?since=yesterday")[1]
    assert screen.get("/?severity=awful")[0] == 400


def test_hostile_words_stay_words(config: Config) -> None:
    texts = [text for text in HOSTILE if "\ud83d" not in text]
    alerts = [
        on_wire(rich(n, what=text, changes=(text,), actors=(Mention(text, 0, 3),))) for n, text in enumerate(texts)
    ]
    told = [article(n, text, text.replace("\0", "")) for n, text in enumerate(texts)]
    keep(config.store.url, alerts, told)
    paths = ["/", "/articles", "/export/markdown?since=365d"]
    paths += [f"/alerts/{quote(alert.alert_id)}" for alert in alerts]
    paths += [f"/articles/{quote(one.version_id)}" for one in told]
    with serve(config) as url:
        visitor = Visitor(url)
        for path in paths:
            status, body = visitor.get(path)
            assert (path, status) == (path, 200)
            if path.startswith("/export"):
                assert not re.search(r"(?<!\\)<(?!https?://)", body), "Markdown lets HTML through"
            else:
                assert not re.search(r"<(script>alert|img src=x|x/)", body)
            if not path.startswith("/articles/"):  # where the text stands whole, for its offsets
                assert not {"\x1b", "\x07", "\u202e"} & set(body)


def test_filters_find_what_they_name(config: Config) -> None:
    taliban = Mention("Taliban", 0, 7, "group:taliban")
    keep(
        config.store.url,
        [
            rich(1, severity="critical", what="Bombing in Kabul market", actors=(taliban,)),
            rich(2, severity="low", category="cyber", what="Ransomware at a hospital"),
            rich(3, severity="info", what="Withdrawn", in_scope=False, change="retracted"),
        ],
    )
    with serve(config) as url:
        visitor = Visitor(url)

        def titles(query: str) -> list[str]:
            status, body = visitor.get(f"/api/v1/alerts?{query}")
            assert status == 200
            return [alert["what"] for alert in json.loads(body)["alerts"]]

        assert titles("") == ["Ransomware at a hospital", "Bombing in Kabul market"]
        assert titles("severity=high") == ["Bombing in Kabul market"]
        assert titles("q=bombings") == ["Bombing in Kabul market"]
        assert titles("q=-bombing") == ["Ransomware at a hospital"]
        assert titles("actor=group%3Ataliban") == ["Bombing in Kabul market"]
        assert titles("category=cyber") == ["Ransomware at a hospital"]
        assert titles("since=1h&until=2000-01-01") == []
        assert "Withdrawn" in titles("over=1")
        assert titles("q=%00%27%3B--") is not None


def test_pages_follow_one_another_and_have_each_alert_once(config: Config) -> None:
    with psycopg.connect(config.store.url) as connection:
        connection.execute("SET synchronous_commit = off")
    keep(config.store.url, [make(n) for n in range(1, 121)])
    with serve(config) as url:
        visitor = Visitor(url)
        seen: list[str] = []
        after = ""
        while True:
            page = json.loads(visitor.get(f"/api/v1/alerts?most=50{after}")[1])
            seen += [alert["alert_id"] for alert in page["alerts"]]
            if not page.get("next"):
                break
            after = f"&after={quote(page['next'])}"
        assert len(seen) == len(set(seen)) == 120
        _, body = visitor.get("/")
        assert body.count('class="alert ') == 50
        older = body.partition('href="/?after=')[2].partition('"')[0].replace("&amp;", "&")
        assert visitor.get(f"/?after={older}")[1].count('class="alert ') == 50


def test_a_new_revision_reaches_an_open_page_that_asks_for_it(screen: Visitor, config: Config) -> None:
    connection = http.client.HTTPConnection(screen.host, timeout=WAIT_S)
    connection.request("GET", "/alerts/stream?severity=high")
    answer = connection.getresponse()
    assert answer.headers["Content-Type"] == "text/event-stream"
    heard: list[Any] = []
    probes = itertools.count(100)

    def listen() -> None:
        with contextlib.suppress(OSError, ValueError, AttributeError):  # the end of the test cuts it off
            while line := answer.readline():
                if line.startswith(b"data: "):
                    heard.append(json.loads(line[6:]))

    threading.Thread(target=listen, daemon=True).start()

    def is_listening() -> bool:
        """What came before it looked at the store's clock is no news to it: the first that it tells says that it has."""
        keep(config.store.url, [rich(next(probes), severity="high")])
        return bool(heard)

    wait_until("the page is told of news", is_listening)
    last = rich(next(probes), severity="high")
    keep(config.store.url, [last])
    wait_until("all that came before", lambda: heard[-1]["id"] == last.alert_id)
    before = len(heard)
    keep(config.store.url, [rich(50, severity="low"), rich(51, severity="critical", what="<b>News</b>")])
    keep(config.store.url, [rich(52, severity="high")])
    wait_until("what was kept after it", lambda: heard[-1]["id"] == rich(52).alert_id)
    told, *others = heard[before:-1]
    assert LOOK_S <= 1, "a page is told within two seconds"
    assert (told["id"], told["severity"]) == (rich(51).alert_id, "critical")
    assert "&lt;b&gt;News" in told["html"]
    assert not others
    connection.sock.shutdown(socket.SHUT_RDWR)  # the thread that reads would hold `close` up
    connection.close()


def test_without_users_only_this_machine_is_served(config: Config) -> None:
    with pytest.raises(ConfigError, match="tocsin web password"):
        Gate(Web(listen="0.0.0.0:8080"))
    with pytest.raises(ConfigError, match="must be a hash"):
        Gate(Web(users={"ann": WebUser(password="plain")}))
    with serve(config) as url:
        visitor = Visitor(url)
        assert visitor.get("/", {"Host": "evil.example"})[0] == 421
        assert visitor.get("/", {"Host": f"localhost:{url.rpartition(':')[2]}"})[0] == 200


def test_nobody_comes_in_without_a_password(guarded: Config) -> None:
    with serve(guarded) as url:
        visitor = Visitor(url)
        assert visitor.get("/")[0] == 303
        assert visitor.get("/api/v1/alerts")[0] == 401
        assert json.loads(visitor.get("/api/v1/alerts")[1]) == {"error": "log in first"}
        assert visitor.get("/login")[0] == 200
        assert visitor.get("/static/app.css")[0] == 200
        assert visitor.post("/login", {"user": "admin", "password": "wrong"})[0] == 403
        assert visitor.post("/login", {"user": "nobody", "password": PASSWORD})[0] == 403
        inside = log_in(url, "viewer")
        assert inside.get("/")[0] == 200
        for mark in ("HttpOnly", "SameSite=Strict"):
            assert mark in _cookie_of(log_in(url, "viewer"))
        inside.cookie = inside.cookie[:-3] + ("aaa" if not inside.cookie.endswith("aaa") else "bbb")
        assert inside.get("/")[0] == 303


def _cookie_of(visitor: Visitor) -> str:
    assert visitor.headers is not None
    return str(visitor.headers["Set-Cookie"])


def test_who_guesses_passwords_is_stopped_and_others_are_not(guarded: Config) -> None:
    now = [1000.0]
    gate = Gate(guarded.web, clock=lambda: now[0])
    for _ in range(LOGINS_MAX):
        assert gate.try_login("admin", "guess", "192.0.2.1") == "wrong"
    assert gate.try_login("admin", PASSWORD, "192.0.2.9") == "too often"
    assert gate.try_login("viewer", PASSWORD, "192.0.2.1") == "too often"
    assert not isinstance(gate.try_login("viewer", PASSWORD, "192.0.2.9"), str)
    now[0] += 61
    assert not isinstance(gate.try_login("admin", PASSWORD, "192.0.2.1"), str)


def test_each_role_may_do_its_own_and_a_forged_form_nothing(guarded: Config) -> None:
    mark = f"/alerts/{quote(rich(1).alert_id)}/mark"
    form = {"verdict": "wrong", "because": "a film"}
    with serve(guarded) as url:
        viewer, analyst = log_in(url, "viewer"), log_in(url, "analyst")
        assert viewer.post(mark, {**form, "csrf": viewer.token()})[0] == 403
        assert analyst.post(mark, form)[0] == 403
        assert analyst.post(mark, {**form, "csrf": viewer.token()})[0] == 403
        assert analyst.post(mark, {**form, "csrf": analyst.token()}, {"Origin": "https://evil.example"})[0] == 403
        assert analyst.post(mark, {**form, "csrf": analyst.token()})[0] == 303
        assert "a film (analyst)" in analyst.get(f"/alerts/{quote(rich(1).alert_id)}")[1]
        assert analyst.post("/feeds/pause", {"feed": "x", "to": "pause", "csrf": analyst.token()})[0] == 403
        admin = log_in(url, "admin")
        status, body = admin.post("/feeds/pause", {"feed": "x", "to": "pause", "csrf": admin.token()})
        assert (status, "no feed" in body) == (400, True)


def test_a_proxy_s_user_is_taken_at_its_word_and_nobody_else(config: Config) -> None:
    users = {"ann": WebUser(password=HASH, role="admin")}
    with serve(replace(config, web=replace(config.web, user_header="X-User", users=users))) as url:
        visitor = Visitor(url)
        assert visitor.get("/")[0] == 303
        assert visitor.get("/", {"X-User": "ann"})[0] == 200
        assert "bob" in visitor.get("/", {"X-User": "bob"})[1]


def test_a_rule_is_tried_before_it_is_kept(screen: Visitor, config: Config) -> None:
    token = screen.token()
    rule = '[watch.oskel]\nabout = "Oskel"\nwords = ["guards"]\n'
    status, body = screen.post("/rules", {"csrf": token, "what": "try", "rules": rule})
    assert (status, "it would have rung for" in body) == (200, True)
    assert "None yet" in body
    rings = re.search(r"it would have rung for <strong>(\d+)</strong>", body)
    status, body = screen.post("/rules", {"csrf": token, "what": "keep", "rules": "[watch.oskel]\nwrods = []\n"})
    assert (status, "words" in body) == (400, True)
    assert screen.post("/rules", {"csrf": token, "what": "keep", "rules": rule})[0] == 303
    assert "?edit=oskel" in screen.get("/rules")[1]
    with psycopg.connect(config.store.url) as connection:
        rows = connection.execute("SELECT alert_id FROM watch_matches WHERE rule = 'oskel'").fetchall()
    assert rings
    assert len(rows) == int(rings[1]), "its rhythm begins with what it would have rung for"
    assert "about = &#34;Oskel&#34;" in screen.get("/rules?edit=oskel")[1]
    assert screen.post("/rules", {"csrf": token, "what": "remove", "name": "oskel"})[0] == 303
    assert "None yet" in screen.get("/rules")[1]


def test_exports_have_the_alerts(screen: Visitor) -> None:
    _, table = screen.get("/export/csv?since=365d")
    assert len(table.splitlines()) == 5
    status, bundle = screen.get("/export/stix?since=365d")
    assert status == 200
    assert sum(o["type"] == "incident" for o in json.loads(bundle)["objects"]) == 4
    _, brief = screen.get("/export/markdown?since=365d")
    assert "4 alerts: 4 high" in brief
    assert brief.count("\n## HIGH conflict: ") == 4
    assert len(screen.get("/export/csv")[1].splitlines()) == 5


def test_a_store_that_is_away_is_said_and_comes_back(config: Config) -> None:
    with serve(replace(config, store=Store(url="postgresql://nobody@127.0.0.1:1/none"))) as url:
        status, body = Visitor(url).get("/")
        assert status == 503
        assert "The store does not answer" in body


def test_the_api_does_what_its_description_says(screen: Visitor) -> None:
    url = f"http://{screen.host}"
    schema = schemathesis.openapi.from_url(f"{url}/api/v1/openapi.json")
    operations = [result.ok() for result in schema.get_all_operations()]
    assert {operation.path for operation in operations} == set(describe()["paths"])
    for operation in operations:

        @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            case.call_and_validate(base_url=url, timeout=WAIT_S)

        ask()


def test_requests_are_counted_by_route_and_never_by_address(screen: Visitor) -> None:
    def count(page: str, status: str) -> float:
        return REGISTRY.get_sample_value("tocsin_web_request_seconds_count", {"page": page, "status": status}) or 0.0

    before = count("/alerts/{alert}", "404"), count("none", "404")
    screen.get("/alerts/alert%3Anone")
    screen.get("/no/such/place")
    assert (count("/alerts/{alert}", "404"), count("none", "404")) == (before[0] + 1, before[1] + 1)


def test_a_password_is_known_by_its_hash_only() -> None:
    assert is_right(PASSWORD, HASH)
    assert not is_right(PASSWORD + " ", HASH)
    assert make_hash(PASSWORD) != HASH
