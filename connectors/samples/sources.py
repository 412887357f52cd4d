"""The sample feeds as `[sources.NAME]` tables of the configuration."""

from typing import Any

import msgspec

from connectors.samples.documents import Site
from connectors.samples.load import load_samples

Table = dict[str, Any]
"""A source's keys as they stand in the file: its type checks them."""

POLL_S_MIN = 2
POLL_S_MAX = 5
"""The stream brings an article every few seconds, and is meant to be watched."""
LOOPBACK = "127.0.0.0/8"
"""What the fetcher's guard refuses otherwise."""


def make_sources(address: str) -> dict[str, Table]:
    """One table a sample feed, by name, for a server at `address` (`http://127.0.0.1:PORT`)."""
    return {
        f"sample-{name}": {
            "type": "rss",
            "url": Site(name, outlet, address.rstrip("/")).feed,
            "tags": ["sample", *outlet.tags],
            "grade": outlet.grade,
            "full_text": outlet.carries == "summary",
            "poll_s_min": POLL_S_MIN,
            "poll_s_max": POLL_S_MAX,
            "allow": [LOOPBACK],
        }
        for name, outlet in load_samples().outlets.items()
    }


def write_sources(address: str) -> str:
    """The same as TOML."""
    return "\n".join(
        f"[sources.{name}]\n"
        + "".join(f"{key} = {msgspec.json.encode(value).decode()}\n" for key, value in table.items())
        for name, table in make_sources(address).items()
    )
