"""Credentials of a feed: read from files, shown to nobody, sent to one origin."""

from pathlib import Path

import pytest

from connectors.sources.credentials import NO_CREDENTIALS, Access
from connectors.sources.rss import Config, RssSource
from pipeline.errors import ConfigError

URL = "https://wire.example/feed"


def test_each_kind(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cret\n")
    basic = Access(username="reader", password_file=str(secret)).credentials()
    assert basic.for_hop(URL, URL) == {"Authorization": "Basic cmVhZGVyOnMzY3JldA=="}
    bearer = Access(token_file=str(secret)).credentials()
    assert bearer.for_hop(URL, URL) == {"Authorization": "Bearer s3cret"}
    own = Access(headers={"X-Key": "k"}, header_files={"X-Other": str(secret)}).credentials()
    assert own.for_hop(URL, URL) == {"X-Key": "k", "X-Other": "s3cret"}
    for made in (basic, bearer, own):
        assert "s3cret" not in repr(made)
        assert "czNjcmV0" not in repr(made)


@pytest.mark.parametrize(
    ("url", "is_sent"),
    [
        ("https://wire.example/elsewhere", True),
        ("https://WIRE.example:443/feed", True),
        ("http://wire.example/feed", False),
        ("https://wire.example:8443/feed", False),
        ("https://cdn.wire.example/feed", False),
        ("https://other.example/feed", False),
    ],
)
def test_only_the_feeds_own_origin_gets_them(url: str, is_sent: bool) -> None:
    made = Access(token="t").credentials()
    assert bool(made.for_hop(URL, url)) is is_sent


@pytest.mark.parametrize(
    "access",
    [
        Access(username="a", token="t"),
        Access(headers={"Host": "x"}),
        Access(headers={"X-A": "b\r\nX-B: c"}),
        Access(headers={"X A": "b"}),
        Access(token_file="/nowhere/secret"),
    ],
)
def test_what_cannot_be_is_refused(access: Access) -> None:
    with pytest.raises(ConfigError):
        access.credentials()


def test_a_name_in_the_address_is_refused_and_the_password_not_repeated() -> None:
    with pytest.raises(ConfigError, match="password_file") as caught:
        RssSource("wire", Config(url="https://me:hunter2@wire.example/feed")).feeds()
    assert "hunter2" not in str(caught.value)
    assert NO_CREDENTIALS.for_hop(URL, URL) == {}
