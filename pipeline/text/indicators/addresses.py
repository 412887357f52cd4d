"""Questions about the address in a network indicator: its host, whether it is reserved, whether it was written to be clicked."""

import ipaddress
import re
from functools import lru_cache

from pipeline.records import Indicator
from pipeline.text.indicators.cues import CACHE_ENTRIES

SOCIAL_SITES = {"telegram": "t.me", "discord": "discord.com", "twitter": "x.com", "facebook": "facebook.com", "instagram": "instagram.com", "youtube": "youtube.com", "tiktok": "tiktok.com", "linkedin": "linkedin.com", "vk": "vk.com", "github": "github.com"}  # fmt: skip
"""Kinds of handles, and the site that each belongs to."""
_DOCUMENTATION = tuple(
    ipaddress.ip_network(net)
    for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20")
)
_EXAMPLE_HOST = re.compile(r"(?:^|\.)(?:example\.(?:com|net|org|edu)|(?:test|example|invalid|localhost|local|lan))$")


def host_of(found: Indicator) -> str:
    """The host of a network indicator, lower case and without port, user and brackets."""
    value = found.value.lower()
    if site := SOCIAL_SITES.get(found.type):
        return site
    if found.type == "email":
        return value.rpartition("@")[2].strip("[]")
    if found.type == "cidr":
        return value.partition("/")[0]
    if found.type == "url":
        authority = re.split(r"[/?#]", value.partition("://")[2] or value, maxsplit=1)[0].rpartition("@")[2]
        return authority[1 : authority.find("]")] if authority.startswith("[") else authority.partition(":")[0]
    return value


@lru_cache(maxsize=CACHE_ENTRIES)
def reserved_for(host: str) -> str | None:
    """Why a host can't be anybody's on the internet, or None: RFC 2606, 5737, 3849, 1918, and the special registries."""
    if _EXAMPLE_HOST.search(host):
        return "a name reserved for examples and tests (RFC 2606)"
    if not (host[-1:].isdigit() or ":" in host):
        return None
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    if any(address in net for net in _DOCUMENTATION if net.version == address.version):
        return "an address reserved for documentation (RFC 5737, RFC 3849)"
    if (
        address.is_loopback
        or address.is_unspecified
        or address.is_multicast
        or address.is_link_local
        or str(address) == "255.255.255.255"
    ):
        return "an address with a special meaning"
    return "a private address (RFC 1918)" if address.is_private else None


ARTICLE_PATH = re.compile(
    r"/(?:blogs?|kb|security|advisor(?:y|ies)|docs?|help|support|news|articles?|posts?|reports?|resources|research|notes|wiki|downloads?|releases|20\d\d)(?:/|\Z)",
    re.IGNORECASE,
)


def is_clickable(found: Indicator) -> bool:
    """Whether an address was written to be clicked: with its scheme, on a host that has a name."""
    return found.type == "url" and found.text.lower().startswith("http") and not is_bare(host_of(found))


def is_bare(host: str) -> bool:
    """Whether a host is an address and no name: nobody links to those for reading on."""
    return host[-1:].isdigit() or ":" in host or host.endswith(".onion")
