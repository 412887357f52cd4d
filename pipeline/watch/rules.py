"""The shape of a watch rule, read from TOML and checked: an unknown key, kind or duration is refused with its line.

    [watch.kabul]
    actors = ["Taliban"]
    places = ["Kabul 50 km"]
    counts = ["killed >= 10"]

Keys of the first group are about what happened, those of the second about one report that tells it: one and the same
report must fulfil all of the second. Within a key one entry is enough; all keys given must hold.
"""

import hashlib
import re
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from typing import Literal, get_args

import msgspec
from msgspec import Struct

from pipeline.config import convert, find_line
from pipeline.errors import ConfigError
from pipeline.records import Category, ClaimKind, Severity

SECTION = "watch"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
"""Names become parts of topics: 64 characters leave room within Kafka's 249."""
CAP_DEFAULT = "60 in 1h"
EVERY_DEFAULT = "24h"
DURATION_MAX = timedelta(days=30)
DURATION_MIN = timedelta(minutes=1)

_DURATION = re.compile(r"(\d+)\s*(m|h|d)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_RATE = re.compile(r"(\d+)(?:\s+in\s+(\d+\s*[mhd]))?")
_COUNT = re.compile(r"([a-z]+)\s*(>=|<=|=|>|<)\s*(\d[\d_,]*)")


class WatchRule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One rule as it is written."""

    about: str = ""  # one line for people
    enabled: bool = True
    # what happened
    actors: tuple[str, ...] = ()  # names or ids: takes part, claims, or (cyber) is named; branches included
    branches: bool = True  # False: the actors themselves only
    places: tuple[str, ...] = ()  # "Afghanistan" covers Kabul; "Kabul 50 km"; "Tripoli, Lebanon"
    types: tuple[str, ...] = ()  # ACLED's types and sub-types, Cyber's, MUC-4's
    counts: tuple[str, ...] = ()  # "killed >= 10"
    indicators: tuple[str, ...] = ()  # a value, a network, "*.example.org", or "type:sha256"
    cves: tuple[str, ...] = ()  # "CVE-2026-*"
    products: tuple[str, ...] = ()  # named in a report that is about cyber
    vendors: tuple[str, ...] = ()
    categories: tuple[Category, ...] = ()
    severity: Severity | None = None  # at least
    credibility: float | None = None  # at least, 0..1
    # one report that tells it
    words: tuple[str, ...] = ()  # whole words in title or text; "bomb*" for beginnings
    words_file: str = ""  # a list of more, beside the file of rules; read when the rule is added
    without: tuple[str, ...] = ()  # none of these in it
    feeds: tuple[str, ...] = ()  # names; "bbc-*"
    tags: tuple[str, ...] = ()
    grades: tuple[str, ...] = ()  # Admiralty code, A to F
    languages: tuple[str, ...] = ()  # ISO 639-1
    # how many
    sources: str = ""  # independent sources: "3", "3 in 2h"
    alerts: str = ""  # ring only when so many alerts match: "5 in 24h"
    spike: str = ""  # ring only when more match in this time than the rule is used to: "24h"
    # pace
    deliver: Literal["instant", "digest"] = "instant"
    every: str = EVERY_DEFAULT  # of a digest
    cooldown: str = ""  # between two revisions of one alert
    cap: str = CAP_DEFAULT  # messages of this rule


class Rate(Struct, frozen=True):
    """So many within a time; `within` is None where no time is given."""

    count: int
    within: timedelta | None


class Bound(Struct, frozen=True):
    """One bound on a number of a claim."""

    kind: ClaimKind
    sign: str
    number: int


CONDITIONS = (
    "actors", "places", "types", "counts", "indicators", "cves", "products", "vendors", "categories", "severity", "credibility",
    "words", "words_file", "feeds", "tags", "grades", "languages", "sources",
)  # fmt: skip
"""At least one of these must be given: a rule without any would match everything."""

Rules = Mapping[str, WatchRule]


def read_rules(text: str, name: str) -> dict[str, WatchRule]:
    """The rules in a TOML text, by name; `name` is what errors call the text. Raises `ConfigError`."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name}: not TOML: {error}") from error
    strangers = sorted(tables.keys() - {SECTION})
    if strangers or not isinstance(tables.get(SECTION), dict):
        found = f"unknown table {strangers[0]!r}; " if strangers else "no rules; "
        raise ConfigError(f"{name}: {found}each rule is a table [{SECTION}.NAME]")
    return {rule: read_rule(rule, table, name=name, text=text) for rule, table in tables[SECTION].items()}


def read_rule(rule: str, table: object, *, name: str, text: str = "") -> WatchRule:
    """One rule from its table, checked as far as it goes without knowledge of names. Raises `ConfigError`."""
    where = Where(name, text, rule)
    if not NAME.fullmatch(rule):
        raise where.error("", "a rule's name is of small letters, digits, - and _, at most 64")
    if not isinstance(table, dict):
        raise where.error("", f"a rule is a table [{SECTION}.{rule}]")
    read = convert(table, WatchRule, name=name, text=text, at=(SECTION, rule))
    _check(read, where)
    return read


class Where:
    """Where a rule stands, for errors in the style of the configuration's."""

    def __init__(self, name: str, text: str, rule: str) -> None:
        self._name, self._text, self.rule = name, text, rule

    def error(self, key: str, message: str) -> ConfigError:
        """The error about a key of the rule ("": the rule itself)."""
        path = (SECTION, self.rule, key) if key else (SECTION, self.rule)
        line = find_line(self._text, path) or find_line(self._text, path[:2])
        at = f"{self._name}:{line}" if line else self._name
        return ConfigError(f"{at}: {'.'.join(path)}: {message}")


def _check(rule: WatchRule, where: Where) -> None:
    if not any(getattr(rule, name) not in ((), "", None) for name in CONDITIONS):
        raise where.error("", f"no condition; there are: {', '.join(CONDITIONS)}")
    if rule.credibility is not None and not 0 <= rule.credibility <= 1:
        raise where.error("credibility", f"{rule.credibility} is not within 0..1")
    for grade in rule.grades:
        if grade not in {"A", "B", "C", "D", "E", "F"}:
            raise where.error("grades", f"{grade!r} is none of A, B, C, D, E, F")
    for key, needs_time in (("sources", False), ("alerts", True), ("cap", True)):
        value = getattr(rule, key)
        if value and (rate(value) is None or (needs_time and rate(value) == Rate(int(value.split()[0]), None))):
            raise where.error(key, f'{value!r} is not of the form "{"5 in 24h" if needs_time else "3 in 2h"}"')
    for key in ("spike", "every", "cooldown"):
        value = getattr(rule, key)
        if value and duration(value) is None:
            raise where.error(key, f"{value!r} is no time of 1m to 30d, such as 30m, 6h, 7d")
    for entry in rule.counts:
        if bound(entry) is None:
            kinds = ", ".join(get_args(ClaimKind)[:9])
            raise where.error("counts", f'{entry!r} is not of the form "killed >= 10"; kinds: {kinds}')


def duration(text: str) -> timedelta | None:
    """A time such as "30m", "6h" or "7d"; None for anything else, or one beyond the limits."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        return None
    length = timedelta(**{_UNITS[match[2]]: int(match[1])})
    return length if DURATION_MIN <= length <= DURATION_MAX else None


def rate(text: str) -> Rate | None:
    """A number, or a number within a time: "3", "3 in 2h"; None for anything else."""
    match = _RATE.fullmatch(text.strip())
    if match is None or int(match[1]) < 1:
        return None
    if match[2] is None:
        return Rate(int(match[1]), None)
    within = duration(match[2])
    return Rate(int(match[1]), within) if within else None


def bound(text: str) -> Bound | None:
    """A bound such as "killed >= 10"; None for anything else."""
    match = _COUNT.fullmatch(text.strip())
    if match is None or match[1] not in get_args(ClaimKind):
        return None
    return Bound(match[1], match[2], int(re.sub(r"[_,]", "", match[3])))  # type: ignore[arg-type]  # checked above


def encode_rules(rules: Rules) -> str:
    """The set of rules as one text, the same for the same rules: what a snapshot holds."""
    plain = {
        name: {k: v for k, v in msgspec.to_builtins(rule).items() if v != _DEFAULTS[k]} for name, rule in rules.items()
    }
    return msgspec.json.encode({name: plain[name] for name in sorted(plain)}).decode()


def decode_rules(content: str) -> dict[str, WatchRule]:
    """The rules of a snapshot. Raises `ConfigError` when this version does not know what stands there."""
    tables = msgspec.json.decode(content, type=dict[str, dict[str, object]])
    return {name: read_rule(name, table, name="the stored rules") for name, table in tables.items()}


def version_of(content: str) -> str:
    """The version of a snapshot: its content's hash."""
    return hashlib.sha256(content.encode()).hexdigest()[:12]


def to_toml(name: str, rule: WatchRule) -> str:
    """The rule as it would be written, without what is default."""
    lines = [f"[{SECTION}.{name}]"]
    for key, value in msgspec.to_builtins(rule).items():
        if value != _DEFAULTS[key]:
            lines.append(f"{key} = {msgspec.json.encode(value).decode()}")
    return "\n".join(lines) + "\n"


_DEFAULTS = msgspec.to_builtins(WatchRule())
