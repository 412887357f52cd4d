"""robots.txt (RFC 9309): whether a page may be fetched. Feeds are published to be polled; the pages behind them are asked for first.

Reading is bounded and matching takes time linear in the address for every rule, so that the file of a stranger costs little. What can't be had
decides as the RFC says: a client error means no rules, a server error or no answer means no page.
"""

import re
from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import quote, urlsplit

from msgspec import Struct

from connectors.sources.failures import Failed
from connectors.sources.fetch import Fetched, Getter

PRODUCT = "tocsin"
"""The name that a robots.txt can address (RFC 9309, 2.2.1)."""
BYTES_MAX = 500 * 1024
"""RFC 9309, 2.5: at least so much has to be read."""
RULES_MAX = 5_000
KEPT = timedelta(hours=24)
"""RFC 9309, 2.4."""
KEPT_FAILED = timedelta(hours=1)
ORIGINS_MAX = 5_000
DELAY_S_MAX = 30.0
"""Crawl-delay is no part of the RFC; up to so much it is honoured."""
ACCEPT = "text/plain, */*;q=0.1"

_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


class Rule(Struct, frozen=True):
    """One line: a path pattern, and whether it allows."""

    pattern: str
    allows: bool


class RobotsTxt(Struct, frozen=True):
    """The rules for us."""

    rules: tuple[Rule, ...] = ()
    delay_s: float = 0.0

    def allows(self, url: str) -> bool:
        """Whether this address may be fetched: the longest pattern that matches decides, and allows when two are as long."""
        parts = urlsplit(url)
        path = _normal((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        if path == "/robots.txt":
            return True
        best = max(
            (rule for rule in self.rules if _matches(rule.pattern, path)),
            key=lambda rule: (len(rule.pattern), rule.allows),
            default=None,
        )
        return best is None or best.allows


ALLOWS_ALL = RobotsTxt()
ALLOWS_NONE = RobotsTxt((Rule("/", allows=False),))


def parse_robots(raw: bytes, product: str = PRODUCT) -> RobotsTxt:
    """The rules of the groups that name us, or else of those for everybody."""
    text = raw[:BYTES_MAX].decode("utf-8", "replace").lstrip("\ufeff")
    groups: dict[str, list[Rule]] = {}
    delays: dict[str, float] = {}
    agents: list[str] = []
    in_rules = False
    count = 0
    for key, value in _lines(text):
        if key == "user-agent":
            agents = [] if in_rules else agents
            in_rules = False
            agents.append(_product_of(value))
            groups.setdefault(agents[-1], [])
        elif key in ("allow", "disallow"):
            in_rules = True
            count += 1
            if value and count <= RULES_MAX:
                rule = Rule(_normal(value), key == "allow")
                for agent in agents:
                    groups[agent].append(rule)
        elif key == "crawl-delay":
            in_rules = True
            for agent in agents:
                delays[agent] = _seconds(value)
    name = product if product in groups else "*"
    return RobotsTxt(tuple(groups.get(name, ())), delays.get(name, 0.0))


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in re.split(r"\r\n|\r|\n", text):
        key, colon, value = line.partition("#")[0].partition(":")
        if colon:
            yield key.strip().lower(), value.strip()


def _product_of(value: str) -> str:
    """`tocsin` of `Tocsin/1.0`."""
    found = re.match(r"[A-Za-z_-]+|\*", value)
    return found[0].lower() if found else ""


def _seconds(value: str) -> float:
    try:
        return min(max(float(value), 0.0), DELAY_S_MAX)
    except ValueError:
        return 0.0


def _normal(path: str) -> str:
    """The path with everything escaped alike (RFC 9309, 2.2.2), so that two spellings of one path are one."""

    def tidy(match: re.Match[str]) -> str:
        character = chr(int(match[1], 16))
        return character if character in _UNRESERVED else f"%{match[1].upper()}"

    return _ESCAPE.sub(tidy, quote(path, safe="%/?:@!$&'()*+,;=-._~"))


def _matches(pattern: str, path: str) -> bool:
    """Whether the pattern matches from the path's start; `*` is anything, `$` at its end is the path's end."""
    is_anchored = pattern.endswith("$")
    pieces = (pattern[:-1] if is_anchored else pattern).split("*")
    if not path.startswith(pieces[0]):
        return False
    position = len(pieces[0])
    for number, piece in enumerate(pieces[1:], 1):
        if is_anchored and number == len(pieces) - 1:
            return len(path) - len(piece) >= position and path.endswith(piece)
        found = path.find(piece, position)
        if found < 0:
            return False
        position = found + len(piece)
    return not is_anchored or position == len(path)


class Robots:
    """The robots.txt of every site that pages are fetched from, each read once a day."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[datetime, RobotsTxt]] = OrderedDict()

    async def rules(self, url: str, getter: Getter, now: datetime, allow: tuple[str, ...] = ()) -> RobotsTxt:
        """The rules of the site of `url`."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"
        kept = self._known.get(origin)
        if kept is not None and kept[0] > now:
            self._known.move_to_end(origin)
            return kept[1]
        outcome = await getter.get(f"{origin}/robots.txt", allow=allow, accept=ACCEPT)
        match outcome:
            case Fetched(body=body):
                found, until = parse_robots(body), now + KEPT
            case Failed(status=status) if status is not None and 400 <= status < 500 and status != 429:
                found, until = ALLOWS_ALL, now + KEPT
            case _:
                found, until = ALLOWS_NONE, now + KEPT_FAILED
        self._known[origin] = until, found
        self._known.move_to_end(origin)
        while len(self._known) > ORIGINS_MAX:
            self._known.popitem(last=False)
        return found
