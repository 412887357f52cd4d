"""The sink `mail`, read back from a real SMTP server; what that server may do is in the contract tests."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from connectors.sinks.mail import Config, MailSink
from connectors.sinks.sink import AwayError
from pipeline.errors import ConfigError
from tests.support.alerts import hostile, make, on_wire, rich
from tests.support.memory import DictMemory
from tests.support.sinks import Mail


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Mail]:
    made = Mail(tmp_path)
    yield made
    made.close()


def sink(post: Mail, memory: DictMemory, **options: Any) -> MailSink:
    made = MailSink("duty", msgspec.convert(post.options() | options, Config))
    made.open(memory)
    return made


def test_revisions_answer_the_first_mail_under_its_subject(post: Mail) -> None:
    one = sink(post, memory := DictMemory())
    one.write([rich(1), rich(2)])
    two = sink(post, memory)  # another process
    two.write([rich(1, 2, what="Now they say 14 guards.", change="disputed"), rich(1, 3, change="retracted")])
    first, other, second, third = post.box.mails
    assert first["Subject"] == "[HIGH conflict] The militia says it captured 12 guards near Oskel."
    assert second["Subject"] == third["Subject"] == f"Re: {first['Subject']}"
    assert first["References"] == second["References"] == third["In-Reply-To"] != other["References"]
    assert first["In-Reply-To"] is None
    assert len({m["Message-ID"] for m in post.box.mails}) == 4
    assert "disputed (revision 2)" in second.get_body(("plain",)).get_content()
    assert first["Auto-Submitted"] == "auto-generated"


def test_plain_and_html_tell_the_same_and_indicators_can_not_be_followed(post: Mail) -> None:
    sink(post, DictMemory()).write([on_wire(rich(1, 2))])
    (mail,) = post.box.mails
    plain = mail.get_body(("plain",)).get_content()
    html = mail.get_body(("html",)).get_content()
    for words in (
        "captured 12 guards",
        "Oskel (XX)",
        "The ministry",
        "harbour-wire reports it too",
        "2 independent of 2",
    ):
        assert words in plain
        assert words in html
    assert "c2[.]evil[.]example" in plain
    assert "c2.evil.example" not in plain + html
    assert 'href="https://news.example/1?a=b&amp;c=d"' in html
    assert "javascript:" not in plain + html


def test_hostile_texts_add_no_header_no_recipient_and_no_markup(post: Mail) -> None:
    alerts = hostile()
    sink(post, DictMemory()).write(alerts)
    assert len(post.box.mails) == len(alerts)
    for mail in post.box.mails:
        assert mail["To"] == "duty@example.org, soc@example.org"
        assert mail["Bcc"] is None
        assert not mail.defects
        html = mail.get_body(("html",)).get_content()
        assert "<script" not in html
        assert "<img" not in html
        assert "<x/>" not in html


def test_a_digest_holds_the_latest_of_each_until_its_time_and_is_sent_once(post: Mail) -> None:
    one = sink(post, memory := DictMemory(), digest="daily", digest_at="06:30")
    morning = datetime(2026, 3, 1, 6, 30, tzinfo=UTC)
    one.tick(morning)
    one.write([rich(1, severity="low"), rich(2, severity="critical"), rich(1, 2, severity="medium")])
    one.tick(morning.replace(hour=23))
    assert post.box.mails == []
    two = sink(post, memory, digest="daily", digest_at="06:30")  # another process
    next_day = morning.replace(day=2)
    post.box.faults.append(451)
    with pytest.raises(AwayError):
        two.tick(next_day)
    two.tick(next_day.replace(hour=9))
    two.tick(next_day.replace(hour=10))
    (mail,) = post.box.mails
    assert mail["Subject"] == "[tocsin digest] 2 alerts: 1 critical, 1 medium (2026-03-02 06:30 UTC)"
    text = mail.get_body(("plain",)).get_content()
    assert text.index("CRITICAL") < text.index("MEDIUM")
    assert "LOW" not in text
    two.tick(next_day.replace(day=3))
    assert len(post.box.mails) == 1  # nothing came: nothing is sent


def test_an_hourly_digest(post: Mail) -> None:
    one = sink(post, DictMemory(), digest="hourly")
    one.tick(datetime(2026, 3, 1, 6, 59, tzinfo=UTC))
    for n in range(1, 300):
        one.write([make(n)])
    one.tick(datetime(2026, 3, 1, 7, 0, 1, tzinfo=UTC))
    (mail,) = post.box.mails
    assert "299 alerts" in mail["Subject"]
    assert "and 99 more, not shown" in mail.get_body(("plain",)).get_content()


def test_a_recipient_that_is_refused_for_now_gets_it_later_and_the_other_once(
    post: Mail, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {"soc@example.org": ["451 grey", "250 ok"]}

    async def handle_rcpt(server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        answer = answers.get(address, [])
        told = answer.pop(0) if answer else "250 ok"
        if told.startswith("250"):
            envelope.rcpt_tos.append(address)
            got.append(address)
        return told

    got: list[str] = []
    monkeypatch.setattr(post.box, "handle_RCPT", handle_rcpt, raising=False)
    post.close()
    post.server = type(post.server)(post.box, hostname="127.0.0.1", port=post.server.port)
    post.server.start()
    one = sink(post, DictMemory())
    with pytest.raises(AwayError, match="soc@example"):
        one.write([make(1)])
    assert one.write([make(1)]) == []
    assert got == ["duty@example.org", "soc@example.org"]


def test_a_server_without_starttls_gets_nothing(post: Mail) -> None:
    with pytest.raises(AwayError) as raised:
        sink(post, DictMemory(), security="starttls").write([make(1)])
    assert raised.value.is_setup
    assert post.box.mails == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"recipients": []}, "at least one"),
        ({"recipients": ["a@b.example\nBcc: x@y.example"]}, "no mail address"),
        ({"sender": "nobody"}, "no mail address"),
        ({"digest_at": "6 o'clock"}, "digest_at"),
        ({"username": "u"}, "password"),
        ({"username": "u", "password": "p"}, "in the open"),
    ],
)
def test_what_can_not_be_meant_so_is_refused(post: Mail, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        sink(post, DictMemory(), **options)
