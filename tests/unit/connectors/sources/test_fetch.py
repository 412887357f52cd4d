"""Fetching from a server that misbehaves: each behaviour and the outcome it must have."""

import asyncio
import time
from typing import Any

import pytest

from connectors.sources.failures import Failed
from connectors.sources.fetch import (
    ACCEPT_PAGE,
    NO_VALIDATORS,
    REDIRECTS_MAX,
    USER_AGENT,
    Fetched,
    Fetcher,
    NotModified,
    Outcome,
    Validators,
)

LOOPBACK = ("127.0.0.1",)
SECONDS_MAX = 60.0
"""For a server that answers, however busy the machine."""
SILENCE_S_MAX = 0.6
"""For one that does not."""
BYTES_MAX = 1_000_000


def get(
    url: str,
    *,
    allow: tuple[str, ...] = LOOPBACK,
    validators: Validators = NO_VALIDATORS,
    seconds: float = SECONDS_MAX,
    **kwargs: Any,
) -> Outcome:
    async def run() -> Outcome:
        fetcher = Fetcher(fetch_s_max=seconds, body_bytes_max=BYTES_MAX)
        try:
            return await fetcher.get(url, allow=allow, validators=validators, **kwargs)
        finally:
            await fetcher.close()

    return asyncio.run(run())


def failed(outcome: Outcome) -> Failed:
    assert isinstance(outcome, Failed), outcome
    return outcome


def fetched(outcome: Outcome) -> Fetched:
    assert isinstance(outcome, Fetched), outcome
    return outcome


def test_a_good_answer_and_an_honest_request(bad_server: Any) -> None:
    outcome = fetched(get(bad_server.url("/good")))
    assert outcome.body.startswith(b"<rss")
    assert (outcome.validators, outcome.fresh_s, outcome.moved_to) == (Validators('"1"', None), 120, None)
    _, headers = bad_server.requests[-1]
    assert headers["user-agent"] == USER_AGENT
    assert "if-none-match" not in headers
    assert "cookie" not in headers


def test_validators_go_back_byte_for_byte(bad_server: Any) -> None:
    first = fetched(get(bad_server.url("/strict")))
    assert isinstance(get(bad_server.url("/strict"), validators=first.validators), NotModified)
    changed = Validators(first.validators.etag, "Sat, 07 Sep 2002 07:42:31 GMT")  # the same instant, in other bytes
    assert isinstance(get(bad_server.url("/strict"), validators=changed), Fetched)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/gzip-bomb", "too-large"),
        ("/endless", "too-large"),
        ("/unknown-encoding", "bad-encoding"),
        ("/drip", "timeout"),
        ("/silent", "timeout"),
        ("/hang-up", "protocol"),
        ("/half", "protocol"),
        ("/no-http", "protocol"),
        ("/many-headers", "protocol"),
        ("/long-header", "protocol"),
        ("/429", "rate-limited"),
        ("/503", "rate-limited"),
        ("/403", "status"),
        ("/challenge", "challenge"),
        ("/404", "status"),
        ("/410", "gone"),
        ("/500", "status"),
        ("/204", "status"),
        ("/loop", "bad-redirect"),
        ("/redirect-nowhere", "status"),
        ("/redirect-file", "bad-url"),
        ("/redirect-script", "bad-url"),
        ("/redirect-metadata", "blocked-address"),
        ("/redirect-mapped", "blocked-address"),
        ("/redirect-private", "blocked-address"),
        ("/redirect-other-loopback", "blocked-address"),
        ("/redirect-decimal", "bad-url"),
    ],
)
def test_every_failure_has_its_reason_within_the_time(bad_server: Any, path: str, reason: str) -> None:
    seconds = SILENCE_S_MAX if reason == "timeout" else SECONDS_MAX
    started = time.monotonic()
    outcome = failed(get(bad_server.url(path), seconds=seconds))
    assert outcome.reason == reason, outcome
    assert outcome.message
    assert time.monotonic() - started < SECONDS_MAX


@pytest.mark.parametrize("path", ["/gzip", "/false-gzip", "/some-headers", "/wrong-type", "/302", "/no-validators"])
def test_what_is_odd_but_readable_is_read(bad_server: Any, path: str) -> None:
    assert fetched(get(bad_server.url(path))).body.startswith(b"<rss")


def test_retry_after_in_seconds_as_a_date_and_capped(bad_server: Any) -> None:
    assert failed(get(bad_server.url("/429"))).retry_after_s == 120
    assert failed(get(bad_server.url("/429-date"))).retry_after_s == 86_400
    assert failed(get(bad_server.url("/429-bare"))).retry_after_s is None


def test_a_max_age_of_a_year_is_capped(bad_server: Any) -> None:
    assert fetched(get(bad_server.url("/year"))).fresh_s == 86_400


@pytest.mark.parametrize(
    ("path", "moved"), [("/301", True), ("/308-chain", True), ("/302", False), ("/301-then-302", False)]
)
def test_only_permanent_redirects_all_the_way_move_a_feed(bad_server: Any, path: str, moved: bool) -> None:
    outcome = fetched(get(bad_server.url(path)))
    assert outcome.moved_to == (bad_server.url("/good") if moved else None)
    assert outcome.url == bad_server.url("/good")


def test_a_loop_ends(bad_server: Any) -> None:
    before = len(bad_server.requests)
    get(bad_server.url("/loop"))
    assert len(bad_server.requests) - before == REDIRECTS_MAX + 1


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0x7f.0.0.1", "127.1", "0.0.0.0"]
)
def test_loopback_is_refused_in_every_notation_without_an_allow_list(bad_server: Any, host: str) -> None:
    before = len(bad_server.requests)
    outcome = failed(get(f"http://{host}:{bad_server.port}/good", allow=()))
    assert outcome.reason in ("blocked-address", "bad-url"), outcome
    assert len(bad_server.requests) == before


def test_a_name_that_leads_to_a_private_address_is_refused_when_dialled(
    bad_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rebinding: whatever the name said when it was looked at, the address that is dialled is judged."""
    import socket

    asked = []

    async def resolve(self: object, host: str, port: int = 0, family: int = 0) -> list[dict[str, Any]]:
        asked.append(host)
        return [{"hostname": host, "host": "127.0.0.1", "port": port, "family": socket.AF_INET, "proto": 0, "flags": 0}]

    monkeypatch.setattr("aiohttp.resolver.ThreadedResolver.resolve", resolve)
    monkeypatch.setattr("aiohttp.resolver.DefaultResolver.resolve", resolve)
    assert failed(get(f"http://rebound.example:{bad_server.port}/good", allow=())).reason == "blocked-address"
    assert asked == ["rebound.example"]
    assert isinstance(get(f"http://intranet.example:{bad_server.port}/good", allow=("intranet.example",)), Fetched)


def test_one_feeds_open_connection_is_no_way_in_for_another(bad_server: Any) -> None:
    async def run() -> tuple[Outcome, Outcome]:
        fetcher = Fetcher()
        try:
            allowed = await fetcher.get(bad_server.url("/good"), allow=LOOPBACK)
            return allowed, await fetcher.get(bad_server.url("/good"), allow=())
        finally:
            await fetcher.close()

    allowed, other = asyncio.run(run())
    assert isinstance(allowed, Fetched)
    assert failed(other).reason == "blocked-address"


def test_the_environments_proxy_is_not_used(bad_server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert isinstance(get(bad_server.url("/good")), Fetched)


def test_a_page_is_asked_for_as_a_page(bad_server: Any) -> None:
    assert b"<article>" in fetched(get(bad_server.url("/page"), accept=ACCEPT_PAGE)).body
    assert bad_server.requests[-1][1]["accept"].startswith("text/html")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "n.example",
        "ftp://n.example/",
        "http://",
        "http://a b/",
        "file:///etc/passwd",
        "http://[::1",
        "http://" + "a" * 300 + ".example/",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    assert failed(get(url)).reason in ("bad-url", "dns")
