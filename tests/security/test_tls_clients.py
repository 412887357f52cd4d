"""Feeds and sinks over real TLS: delivered to who shows a certificate that is trusted, and nothing to anybody else."""

import asyncio
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

import msgspec
import pytest
from aiosmtpd.controller import Controller

from connectors.sinks.mail import Config as MailConfig
from connectors.sinks.mail import MailSink
from connectors.sinks.sink import AwayError, Sink
from connectors.sinks.syslog import Config as SyslogConfig
from connectors.sinks.syslog import SyslogSink
from connectors.sinks.webhook import Config as WebhookConfig
from connectors.sinks.webhook import WebhookSink
from connectors.sources.failures import Failed
from connectors.sources.fetch import Fetched, Fetcher, Outcome
from tests.support.alerts import rich
from tests.support.certificates import VALID, Authority
from tests.support.memory import DictMemory
from tests.support.receiver import Answer, Receiver
from tests.support.sinks import Collector, Mailbox, free_port

SECRET = "whsec_" + "c2VjcmV0" * 6
TIMEOUT_S = 60
Reach = tuple[Callable[[Path], Sink], Callable[[int], int]]
"""What makes the sink that trusts the authority in a file; and, of so many alerts expected, how many its receiver has."""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("stranger"), "stranger")


@pytest.fixture
def server_side(authority: Authority) -> ssl.SSLContext:
    certificate, key = authority.issue("receiver", hosts=("127.0.0.1",))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context


@pytest.fixture(params=["webhook", "mail, tls", "mail, starttls", "syslog"])
def reach(request: pytest.FixtureRequest, server_side: ssl.SSLContext) -> Iterator[Reach]:
    if request.param == "webhook":
        receiver = Receiver()
        receiver.server.socket = server_side.wrap_socket(receiver.server.socket, server_side=True)
        url = receiver.url.replace("http:", "https:")
        yield (
            lambda ca: WebhookSink(
                "hook", WebhookConfig(url=url, secrets=(SECRET,), ca_file=str(ca), timeout_s=TIMEOUT_S)
            ),
            partial(count_soon, receiver.taken),
        )
        receiver.close()
    elif request.param == "syslog":
        collector = Collector(server_side)
        options = {"host": "127.0.0.1", "port": collector.port, "transport": "tls", "timeout_s": TIMEOUT_S}
        yield (
            lambda ca: SyslogSink("siem", msgspec.convert(options | {"ca_file": str(ca)}, SyslogConfig)),
            partial(count_soon, collector.messages),
        )
        collector.close()
    else:
        box, security = Mailbox(), request.param.removeprefix("mail, ")
        given = (
            {"ssl_context": server_side}
            if security == "tls"
            else {"tls_context": server_side, "require_starttls": True}
        )
        server = Controller(box, hostname="127.0.0.1", port=free_port(), **given)
        server.start()
        mail = {
            "host": "127.0.0.1",
            "port": server.port,
            "security": security,
            "sender": "tocsin@example.org",
            "recipients": ["duty@example.org"],
            "timeout_s": TIMEOUT_S,
        }
        yield (
            lambda ca: MailSink("duty", msgspec.convert(mail | {"ca_file": str(ca)}, MailConfig)),
            partial(count_soon, box.mails),
        )
        server.stop(no_assert=True)


def count_soon(received: Sequence[object], expected: int) -> int:
    """How many there are, once as many as expected are there: TCP takes a message before anybody reads it."""
    deadline = time.monotonic() + TIMEOUT_S
    while len(received) < expected and time.monotonic() < deadline:
        time.sleep(0.05)
    return len(received)


def deliver(sink: Sink) -> None:
    sink.open(DictMemory())
    try:
        sink.write([rich(1)])
    finally:
        sink.close()


def test_a_receiver_with_a_trusted_certificate_gets_the_alert(reach: Reach, authority: Authority) -> None:
    make, received = reach
    deliver(make(authority.ca))
    assert received(1) == 1


def test_one_that_nobody_vouches_for_gets_nothing_and_an_operator_must_look(reach: Reach, stranger: Authority) -> None:
    make, received = reach
    with pytest.raises(AwayError, match=r"(?i)certificate") as caught:
        deliver(make(stranger.ca))
    assert caught.value.is_setup
    assert received(0) == 0


def fetch(url: str, trusted: Path) -> Outcome:
    async def run() -> Outcome:
        fetcher = Fetcher(trusted=ssl.create_default_context(cafile=trusted))
        try:
            return await fetcher.get(url, allow=("127.0.0.1",))
        finally:
            await fetcher.close()

    return asyncio.run(run())


def test_a_feed_tells_until_when_its_certificate_holds(
    server_side: ssl.SSLContext, authority: Authority, stranger: Authority
) -> None:
    outlet = Receiver(lambda _: Answer(200, b"<rss/>", {"Content-Type": "application/rss+xml"}))
    outlet.server.socket = server_side.wrap_socket(outlet.server.socket, server_side=True)
    url = outlet.url.replace("http:", "https:")
    try:
        found = fetch(url, authority.ca)
        assert isinstance(found, Fetched)
        assert found.certificate_until is not None
        assert (
            timedelta() < found.certificate_until - found.certificate_until.now(found.certificate_until.tzinfo) <= VALID
        )
        refused = fetch(url, stranger.ca)
        assert isinstance(refused, Failed)
        assert refused.reason == "tls"
    finally:
        outlet.close()
