"""Rules made ready for matching: names become ids with their branches, places areas, words folded words.

A name that is not known is refused with the nearest that is; what a name was taken for is told in `notes`, so that the person
who writes a rule sees it before the rule is used.
"""

import difflib
import ipaddress
import re
from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache

from msgspec import Struct

from pipeline.records import SEVERITIES
from pipeline.text.events.ontology import load_classes
from pipeline.text.knowledge import Knowledge
from pipeline.text.knowledge.fold import cut
from pipeline.watch.areas import Area, read_area
from pipeline.watch.rules import Bound, Rate, Rules, WatchRule, Where, bound, duration, encode_rules, rate, version_of

KIND_PREFIX = "type:"
NAMES_TOLD = 4

_ELISION = re.compile(r"\b(?:[cdjlmnst]|qu|dell|nell|sull|un)['’](?=\w{2})", re.IGNORECASE)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class CompiledRule(Struct, frozen=True, kw_only=True):
    """One rule, ready."""

    name: str
    version: str  # of the snapshot it belongs to
    rule: WatchRule
    actors: dict[str, str] = {}  # id -> canonical name, branches included
    areas: tuple[Area, ...] = ()
    types: frozenset[str] = frozenset()  # in lower case
    counts: tuple[Bound, ...] = ()
    networks: tuple[Network, ...] = ()
    hosts: tuple[str, ...] = ()  # domains whose subdomains count too
    values: frozenset[str] = frozenset()  # in lower case
    kinds: frozenset[str] = frozenset()  # of indicators
    words: tuple[str, ...] = ()  # phrases as `phrase` makes them
    without: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()
    severity: int = 0  # place in SEVERITIES
    sources: Rate | None = None
    alerts: Rate | None = None
    spike: timedelta | None = None
    every: timedelta
    cooldown: timedelta
    cap: Rate
    notes: tuple[str, ...] = ()  # what names were taken for


class CompiledRules(Struct, frozen=True):
    """One snapshot of rules; those that are not enabled are left out."""

    version: str
    rules: tuple[CompiledRule, ...] = ()

    def named(self, name: str) -> CompiledRule | None:
        """The rule of that name."""
        return next((rule for rule in self.rules if rule.name == name), None)


NO_RULES = CompiledRules("")


def compile_rules(rules: Rules, knowledge: Knowledge, *, source: str = "the rules", text: str = "") -> CompiledRules:
    """The set, ready; `source` and `text` are where it was read from, for errors. Raises `ConfigError`."""
    version = version_of(encode_rules(rules))
    ready = [
        compile_rule(name, rule, knowledge, version=version, where=Where(source, text, name))
        for name, rule in sorted(rules.items())
        if rule.enabled
    ]
    return CompiledRules(version, tuple(ready))


def compile_rule(name: str, rule: WatchRule, knowledge: Knowledge, *, version: str, where: Where) -> CompiledRule:
    """One rule, ready. Raises `ConfigError`."""
    if rule.words_file:
        raise where.error(
            "words_file",
            "is read beside a file of rules (`tocsin watch add FILE`); here the words themselves must stand",
        )
    notes: list[str] = []
    networks, hosts, values, kinds = _indicators(rule.indicators)
    return CompiledRule(
        name=name,
        version=version,
        rule=rule,
        actors=_actors(rule, knowledge, where, notes),
        areas=tuple(read_area(entry, where, notes) for entry in rule.places),
        types=_types(rule.types, where),
        counts=tuple(found for entry in rule.counts if (found := bound(entry))),
        networks=networks,
        hosts=hosts,
        values=values,
        kinds=kinds,
        words=_phrases(rule.words, "words", where),
        without=_phrases(rule.without, "without", where),
        products=_phrases(rule.products, "products", where),
        vendors=_phrases(rule.vendors, "vendors", where),
        severity=SEVERITIES.index(rule.severity) if rule.severity else 0,
        sources=rate(rule.sources),
        alerts=rate(rule.alerts),
        spike=duration(rule.spike),
        every=duration(rule.every) or timedelta(days=1),
        cooldown=duration(rule.cooldown) or timedelta(0),
        cap=rate(rule.cap) or Rate(60, timedelta(hours=1)),
        notes=tuple(notes),
    )


def phrase(text: str) -> str:
    """Words as they are looked for in a folded text: with a blank before, and after unless the last ends with `*`."""
    open_end = text.rstrip().endswith("*")
    folded = fold_words(text)
    return f" {folded}" if open_end else f" {folded} "


def fold_words(text: str) -> str:
    """The folded words of a text with one blank between; French and Italian elisions are cut off ("l'attentat")."""
    return " ".join(word.folded for word in cut(_ELISION.sub("", text)))


def _phrases(entries: Iterable[str], key: str, where: Where) -> tuple[str, ...]:
    found = []
    for entry in entries:
        made = phrase(entry)
        if not made.strip():
            raise where.error(key, f"{entry!r} has no word in it")
        found.append(made)
    return tuple(found)


def _actors(rule: WatchRule, knowledge: Knowledge, where: Where, notes: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in rule.actors:
        subject_id = _subject_id(entry, knowledge)
        if subject_id is None:
            near = difflib.get_close_matches(entry, _names(knowledge), n=1)
            hint = f"did you mean {near[0]!r}?" if near else "the knowledge base has none like it"
            raise where.error("actors", f"{entry!r} is not known; {hint} Bare words are watched with `words`")
        subject = knowledge.subject(subject_id)
        branches = [s for s in knowledge.subjects() if knowledge.is_branch(s.id, subject_id)] if rule.branches else []
        found |= {s.id: s.name for s in (*([subject] if subject else []), *branches)}
        names = ", ".join(s.name for s in branches[:NAMES_TOLD])
        more = f", {len(branches) - NAMES_TOLD} more" if len(branches) > NAMES_TOLD else ""
        notes.append(f"{entry}: {subject_id}" + (f" and its branches ({names}{more})" if branches else ""))
    return found


def _subject_id(entry: str, knowledge: Knowledge) -> str | None:
    """The id that an entry is or names: of several with that name the surest, the canonical name first."""
    if knowledge.subject(entry) is not None:
        return entry
    best = max(_aliases(knowledge).get(_key(entry), ()), default=None)
    return best[1] if best else None


@lru_cache(maxsize=2)
def _aliases(knowledge: Knowledge) -> dict[str, list[tuple[float, str]]]:
    """Folded name -> (confidence, id)."""
    table: dict[str, list[tuple[float, str]]] = {}
    for subject in knowledge.subjects():
        for alias in subject.aliases:
            table.setdefault(_key(alias.name), []).append((alias.confidence, subject.id))
    return table


def _key(name: str) -> str:
    return "".join(word.folded for word in cut(name))


@lru_cache(maxsize=2)
def _names(knowledge: Knowledge) -> tuple[str, ...]:
    return tuple(alias.name for subject in knowledge.subjects() for alias in subject.aliases)


def _types(entries: Iterable[str], where: Where) -> frozenset[str]:
    known: dict[str, str] = {}
    for one in load_classes().values():
        known |= {name.casefold(): name for name in (one.type, one.subtype, one.muc4) if name}
    found = set()
    for entry in entries:
        if entry.casefold() not in known:
            near = difflib.get_close_matches(entry.casefold(), known, n=1, cutoff=0.4)
            hint = f"did you mean {known[near[0]]!r}?" if near else f"there are: {', '.join(sorted(known.values()))}"
            raise where.error("types", f"no event type is called {entry!r}; {hint}")
        found.add(entry.casefold())
    return frozenset(found)


def _indicators(
    entries: Iterable[str],
) -> tuple[tuple[Network, ...], tuple[str, ...], frozenset[str], frozenset[str]]:
    networks: list[Network] = []
    hosts: list[str] = []
    values: set[str] = set()
    kinds: set[str] = set()
    for entry in entries:
        plain = entry.strip().casefold()
        if plain.startswith(KIND_PREFIX):
            kinds.add(plain.removeprefix(KIND_PREFIX).strip())
        elif plain.startswith("*."):
            hosts.append(plain[2:])
        else:
            values.add(plain)
            try:
                networks.append(ipaddress.ip_network(plain, strict=False))
            except ValueError:
                continue
    return tuple(networks), tuple(hosts), frozenset(values), frozenset(kinds)
