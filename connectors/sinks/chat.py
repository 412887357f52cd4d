"""What the chat sinks share: the secret address of an incoming webhook, texts that fit, and mentions that call nobody."""

import re

from connectors.sinks.card import Card, Line, cut
from connectors.sinks.http import HttpConfig, check_url
from connectors.sinks.sink import need_secret

ZERO_WIDTH = "\u200b"
_MENTION = re.compile(r"([@#])(?=\S)")


class HookConfig(HttpConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys of a chat that is reached by an incoming webhook: its address is the secret."""

    hook_url: str = ""
    hook_url_file: str = ""

    def read_url(self) -> str:
        """The address. Raises `ConfigError`."""
        return check_url(need_secret(self.hook_url, self.hook_url_file, "hook_url"), "hook_url")


def unmention(text: str) -> str:
    """The text with a character without width behind every @ and #, so that it calls nobody and no channel."""
    return _MENTION.sub(rf"\1{ZERO_WIDTH}", text)


def utf16(text: str) -> int:
    """Length as most chats count it, in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def fit(lines: list[str], most: int, *, join: str = "\n") -> str:
    """As many whole lines from the first as fit into so many UTF-16 units, and an ellipsis where some do not."""
    kept: list[str] = []
    left = most - 2
    for line in lines:
        left -= utf16(line) + len(join)
        if left < 0:
            return join.join([*kept, "…"])
        kept.append(line)
    return join.join(kept)


def short(text: str, most: int) -> str:
    """The text in at most so many UTF-16 units."""
    while utf16(text) > most:
        text = cut(text, min(len(text) - 1, most - (utf16(text) - len(text)) // 2))
    return text


def facts_of(card: Card) -> list[tuple[str, str]]:
    """Facts, and what is disputed, as pairs."""
    return [*card.facts, *([("disputed", card.disputed)] if card.disputed else [])]


def lists_of(card: Card) -> list[tuple[str, list[Line]]]:
    """The card's lists by their heading."""
    named = [
        ("changed", [Line(c) for c in card.changes]),
        ("claims", [Line(c) for c in card.claims]),
        ("indicators", [Line(i) for i in card.indicators]),
        ("in their words", [Line(f"“{q}”") for q in card.quotes]),
        (card.counted, list(card.sources)),
    ]
    return [(head, lines) for head, lines in named if lines]
