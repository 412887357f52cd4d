"""Whose voice it is."""

import pytest

from pipeline.text.dedupe.agency import AGENCIES
from pipeline.text.dedupe.owners import AGENCY_OWNERS, OWNERS, PLATFORMS, owner_of


@pytest.mark.parametrize(
    ("url", "owner"),
    [
        ("https://www.bbc.co.uk/news/1", "BBC"),
        ("https://economictimes.indiatimes.com/a", "Times Group"),
        ("https://news.paper.co.uk/a?b=1", "paper.co.uk"),
        ("https://jane.substack.com/p/a", None),
        ("https://medium.com/@jane/a", None),
        ("http://127.0.0.1:8080/a", None),
        ("no address at all", None),
        (None, None),
    ],
)
def test_the_address_tells_the_owner(url: str | None, owner: str | None) -> None:
    assert owner_of(url) == owner


def test_an_agency_s_text_is_its_owner_s_wherever_it_stands() -> None:
    assert owner_of("https://paper.co.uk/a", "TASS") == owner_of("https://www.rt.com/a") == "Government of Russia"
    assert owner_of("https://paper.co.uk/a", "AP") is None


def test_the_tables_agree() -> None:
    domains = [domain for listed in OWNERS.values() for domain in listed.split()]
    assert len(domains) == len(set(domains))
    assert not set(domains) & PLATFORMS
    assert AGENCY_OWNERS.keys() <= AGENCIES.keys()
    assert set(AGENCY_OWNERS.values()) <= OWNERS.keys()
    for owner, listed in OWNERS.items():
        assert {owner_of(f"https://www.{domain}/a") for domain in listed.split()} == {owner}
