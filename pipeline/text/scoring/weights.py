"""The table of weights: data, not code. The shipped one is `weights.toml`; a file of the operator's is laid over it.

Failure: `ConfigError` with file and key, for a key or category that does not exist or a pattern that does not compile.
"""

import difflib
import re
import tomllib
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from pipeline.errors import ConfigError
from pipeline.records import Category, ClaimKind, Realis
from pipeline.text.line import Level

Table = dict[str, Any]
"""A TOML table before its type is known."""


class Thresholds(Struct, frozen=True, forbid_unknown_fields=True):
    """The least score of each severity, 0..1, rising."""

    info: float
    low: float
    medium: float
    high: float
    critical: float


class WorthWeights(Struct, frozen=True, forbid_unknown_fields=True):
    """What the learned reader's judgement of an article does to its score; it does not judge cyber news."""

    min: float  # less sure than this that an editor wants it: no alert
    likely: float  # from here on an alert (`info`) where there is any sign, though the points are too few
    sure: float  # from here on at least `low`
    dead_medium: int  # so many dead in the stated line are `medium` at least, whatever the points say
    dead_high: int


class EventWeights(Struct, frozen=True, forbid_unknown_fields=True):
    """Points by ACLED type and sub-type ("" for a sub-type not listed), and the category of each."""

    bare: float
    placed: float
    aside: float
    deep: float
    lead_chars: int
    old: float
    old_days: int
    second: float
    others_max: float
    points: dict[str, dict[str, float]]
    categories: dict[str, Category]


class HarmCurve(Struct, frozen=True, forbid_unknown_fields=True):
    """Points of a number of people or things: base + per_tenfold x log10(number)."""

    base: float
    per_tenfold: float
    number_max: int  # a larger number counts nothing


class HarmWeights(Struct, frozen=True, forbid_unknown_fields=True):
    """What numbers are worth, by the kind of the claim."""

    max: float
    loose: float
    deep: float
    cumulative: float
    unknown_number: int
    categories: dict[Category, float]
    kinds: dict[ClaimKind, HarmCurve]


class SignWeights(Struct, frozen=True, forbid_unknown_fields=True):
    """Points of single signs."""

    actor: float
    actor_mentioned: float
    place: float
    responsibility: float
    cve: float
    severe_cve: float
    exploited: float
    ransomware: float
    breach: float
    indicators: float
    indicators_tenfold: float
    indicators_max: float
    suspicious: float


class WeaponWeight(Struct, frozen=True, forbid_unknown_fields=True):
    """Points of a class of weapons, told by words."""

    points: float
    words: str


class WordLists(Struct, frozen=True, forbid_unknown_fields=True):
    """Regular expressions, matched without case."""

    exploited: str
    not_exploited: str
    severe: str
    ransomware: str
    breach: str


class ForeignWords(Struct, frozen=True, forbid_unknown_fields=True):
    """Words of acts, of harm and of protest in one language, as regular expressions."""

    acts: str
    harm: str
    unrest: str  # where these stand as well it is unrest, not conflict


class ForeignWeights(Struct, frozen=True, forbid_unknown_fields=True):
    """What words are worth in languages that are not read for events, by ISO 639-1."""

    points: float
    title: float
    languages: dict[str, ForeignWords]


class LeisureWeights(Struct, frozen=True, forbid_unknown_fields=True):
    """What stays of violence told in a section or under a title of leisure."""

    keep: float
    keep_review: float
    categories: str
    titles: str


class InterestWeights(Struct, frozen=True, forbid_unknown_fields=True):
    """What the operator watches: points by country (ISO 3166-1 alpha-2) and by id of an actor; negative ones make less of it."""

    max: float
    countries: dict[str, float]
    actors: dict[str, float]


class CredibilityWeights(Struct, frozen=True, forbid_unknown_fields=True):
    """How credibility, 0..1, is put together: a start by the source's grade, then what the claims add and take."""

    base: float
    official: float
    named: float
    agency: float
    partisan: float
    hedged: float
    anonymous: float
    disputed: float
    min: float
    max: float
    agencies: str
    grades: dict[str, float]


class Weights(Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """The whole table."""

    version: str
    thresholds: Thresholds
    realis: dict[Realis, float]
    events: EventWeights
    harm: HarmWeights
    signs: SignWeights
    weapons: tuple[WeaponWeight, ...]
    words: WordLists
    foreign: ForeignWeights
    leisure: LeisureWeights
    interest: InterestWeights
    credibility: CredibilityWeights
    nouns: dict[str, str]
    worth: WorthWeights
    level: Level  # from which chance of being right on an element of the line is stated

    @cached_property
    def patterns(self) -> dict[str, re.Pattern[str]]:
        """The word lists compiled, by name; `agencies` keeps its case."""
        named = {name: re.compile(getattr(self.words, name), re.IGNORECASE) for name in self.words.__struct_fields__}
        named["categories"] = re.compile(self.leisure.categories, re.IGNORECASE)
        named["titles"] = re.compile(self.leisure.titles, re.IGNORECASE)
        return {**named, "agencies": re.compile(self.credibility.agencies)}

    @cached_property
    def foreign_patterns(self) -> dict[str, dict[str, re.Pattern[str]]]:
        """Acts, harm and unrest by language, compiled."""
        return {
            language: {name: re.compile(getattr(words, name), re.IGNORECASE) for name in words.__struct_fields__}
            for language, words in self.foreign.languages.items()
        }

    @cached_property
    def weapon_patterns(self) -> tuple[tuple[re.Pattern[str], float], ...]:
        """The classes of weapons compiled, the worst first."""
        ordered = sorted(self.weapons, key=lambda weapon: -weapon.points)
        return tuple((re.compile(weapon.words, re.IGNORECASE), weapon.points) for weapon in ordered)


def load_weights(path: Path | None = None) -> Weights:
    """The shipped table, with the TOML file at `path` laid over it key by key. Raises `ConfigError`."""
    shipped = tomllib.loads(resources.files(__package__).joinpath("weights.toml").read_text(encoding="utf-8"))
    table, name = shipped, "weights.toml"
    if path is not None:
        name = str(path)
        try:
            table = _overlay(shipped, tomllib.loads(path.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ConfigError(f"{name}: {error}") from error
    try:
        weights = msgspec.convert(table, Weights)
        _check(weights)
    except (msgspec.ValidationError, re.error, ValueError) as error:
        raise ConfigError(f"{name}: {error}{_nearest(error, shipped)}") from error
    return weights


def with_value(weights: Weights, key: str, number: str) -> Weights:
    """The table with one number changed; `key` is its path, as in "signs.actor". Raises `ConfigError`."""
    table: Table = msgspec.to_builtins(weights)
    *path, last = key.split(".")
    at: Any = table
    for name in path:
        at = at.get(name) if isinstance(at, dict) else None
    if not isinstance(at, dict) or not isinstance(at.get(last), int | float):
        near = difflib.get_close_matches(key, _numbers(table), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ConfigError(f"no number of the table is called {key!r}{hint}")
    try:
        at[last] = type(at[last])(float(number))
        changed = msgspec.convert(table, Weights)
        _check(changed)
    except ValueError as error:
        raise ConfigError(f"{key} = {number!r}: {error}") from error
    return changed


def _numbers(table: Table, at: str = "") -> list[str]:
    """The paths of all numbers in the table."""
    found: list[str] = []
    for key, value in table.items():
        if isinstance(value, dict):
            found += _numbers(value, f"{at}{key}.")
        elif isinstance(value, int | float):
            found.append(f"{at}{key}")
    return found


def _overlay(base: Table, over: Table) -> Table:
    """`base` with the values of `over`: tables are merged, anything else is replaced."""
    merged = dict(base)
    for key, value in over.items():
        below = base.get(key)
        merged[key] = _overlay(below, value) if isinstance(value, dict) and isinstance(below, dict) else value
    return merged


def _nearest(error: Exception, table: Table) -> str:
    """A hint at the nearest key that exists, when the error is about one that does not."""
    unknown = re.search(r"unknown field `(\w+)`", str(error))
    near = difflib.get_close_matches(unknown[1], _keys(table), n=1) if unknown else []
    return f"; the nearest key is {near[0]!r}" if near else ""


def _keys(table: Table) -> list[str]:
    return [key for name, value in table.items() for key in (name, *(_keys(value) if isinstance(value, dict) else ()))]


def _check(weights: Weights) -> None:
    """Refuse thresholds that do not rise, and patterns that do not compile."""
    steps = [getattr(weights.thresholds, name) for name in weights.thresholds.__struct_fields__]
    if steps != sorted(steps) or steps[0] <= 0:
        raise ValueError("thresholds: each must be above the one before, the first above 0")
    _ = weights.patterns, weights.weapon_patterns, weights.foreign_patterns


DEFAULT = load_weights()
"""The shipped table."""
