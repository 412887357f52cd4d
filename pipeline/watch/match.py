"""Whether an alert matches a rule, and why: one line for each condition that holds.

What a rule says of the event is looked for in the alert and in the main event of each report; what it says of a report, one
and the same report must fulfil. Pure.
"""

import ipaddress
import operator
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from fnmatch import fnmatchcase
from functools import lru_cache

from msgspec import Struct

from pipeline.incidents.corroboration import independent
from pipeline.incidents.matching import main_event
from pipeline.incidents.members import Member
from pipeline.records import SEVERITIES, Alert, Indicator, Place
from pipeline.watch.compiled import CompiledRule, fold_words
from pipeline.watch.rules import Bound, Rate

FOLDED_TEXTS_MAX = 1024
"""Folded texts kept: an incident's reports are matched again with each new one."""
PHRASES_KEPT = 256
"""Lists of words kept by their first words: those of the rules in force."""
NAMED_LABELS = frozenset({"GROUP", "MALWARE", "TOOL"})
HOSTED = frozenset({"domain", "url", "email", "onion"})
CATALOGUED = frozenset({"cve", "ghsa"})
HOSTILE = frozenset({"malicious", "suspicious"})
SIGNS: dict[str, Callable[[int, int], bool]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "=": operator.eq,
    "<=": operator.le,
    "<": operator.lt,
}

Why = str | None
"""One line on what fulfils a condition; None: nothing does."""


class Case(Struct, frozen=True):
    """An alert with the reports behind it."""

    alert: Alert
    members: Sequence[Member]


def match(rule: CompiledRule, case: Case) -> tuple[str, ...] | None:
    """Why the case matches; None when it does not. Thresholds over several alerts are the pace's."""
    lines: list[str] = []
    for is_asked, test in _TESTS:
        if is_asked(rule):
            line = test(rule, case)
            if line is None:
                return None
            lines.append(line)
    if _asks_of_report(rule):
        report = next((why for m in case.members if (why := _report(rule, m)) is not None), None)
        if report is None:
            return None
        lines += report
    return tuple(lines)


def _severity(rule: CompiledRule, case: Case) -> Why:
    severity = case.alert.severity
    return f"severity {severity}" if SEVERITIES.index(severity) >= rule.severity else None


def _credibility(rule: CompiledRule, case: Case) -> Why:
    credibility = case.alert.credibility
    return f"credibility {credibility:.2f}" if credibility >= (rule.rule.credibility or 0.0) else None


def _category(rule: CompiledRule, case: Case) -> Why:
    return f"category {case.alert.category}" if case.alert.category in rule.rule.categories else None


def _actor(rule: CompiledRule, case: Case) -> Why:
    for actor in _parties(case):
        if actor in rule.actors:
            return f"actor {rule.actors[actor]} ({actor})"
    return None


def _parties(case: Case) -> Iterator[str]:
    """Ids of who takes part or makes a claim; in reports about cyber, of all that are named."""
    alert = case.alert
    yield from (m.id for m in (*alert.actors, *alert.targets) if m.id)
    yield from (c.claimant_id for c in alert.claims if c.claimant_id)
    for member in case.members:
        event = main_event(member.findings)
        if event is not None:
            yield from (m.id for m in (*event.perpetrators, *event.targets, *event.victims) if m.id)
        yield from (c.agent.id for c in member.findings.claims if c.agent and c.agent.id and c.realis == "actual")
        if alert.category == "cyber":
            yield from (e.id for e in member.findings.entities if e.id and e.label in NAMED_LABELS)


def _place(rule: CompiledRule, case: Case) -> Why:
    for place in _places(case):
        for area in rule.areas:
            if area.covers(place):
                name = place.name or place.text
                return f"place {name}" + ("" if name == area.name else f", in {area.name}")
    return None


def _places(case: Case) -> Iterator[Place]:
    if case.alert.place is not None:
        yield case.alert.place
    for member in case.members:
        event = main_event(member.findings)
        if event is not None and event.place is not None:
            yield event.place


def _type(rule: CompiledRule, case: Case) -> Why:
    alert = case.alert
    names: list[str | None] = [alert.event_subtype, alert.event_type]
    for member in case.members:
        if event := main_event(member.findings):
            names += [event.subtype, event.type, event.muc4]
    found = next((name for name in names if name and name.casefold() in rule.types), None)
    return f"type {found}" if found else None


def _count(rule: CompiledRule, case: Case) -> Why:
    for claim in case.alert.claims:
        for bound in rule.counts:
            number = claim.high if bound.sign.startswith("<") and claim.high is not None else claim.low
            if _is_within(bound, claim.kind, number) and claim.stance != "denies":
                return f"{bound.kind} {number} ({bound.sign} {bound.number})"
    return None


def _is_within(bound: Bound, kind: str, number: int | None) -> bool:
    return kind == bound.kind and number is not None and SIGNS[bound.sign](number, bound.number)


def _indicator(rule: CompiledRule, case: Case) -> Why:
    found = next((i for i in case.alert.indicators if _is_watched(rule, i)), None)
    return f"indicator {found.type} {found.value}" if found else None


def _is_watched(rule: CompiledRule, indicator: Indicator) -> bool:
    value = indicator.value.casefold()
    if value in rule.values or (indicator.type in rule.kinds and indicator.verdict in HOSTILE):
        return True
    if indicator.type in {"ipv4", "ipv6"} and rule.networks:
        address = ipaddress.ip_address(indicator.value)
        return any(address in network for network in rule.networks)
    if indicator.type in HOSTED and rule.hosts:
        host = (
            value.partition("://")[2].partition("/")[0].partition(":")[0]
            if "://" in value
            else value.rpartition("@")[2]
        )
        return any(host == suffix or host.endswith(f".{suffix}") for suffix in rule.hosts)
    return False


def _cve(rule: CompiledRule, case: Case) -> Why:
    wanted = [entry.casefold() for entry in rule.rule.cves]
    for i in case.alert.indicators:
        if i.type in CATALOGUED and any(fnmatchcase(i.value.casefold(), entry) for entry in wanted):
            return i.value
    return None


def _product(rule: CompiledRule, case: Case) -> Why:
    return _named("product", rule.products, rule.rule.products, case)


def _vendor(rule: CompiledRule, case: Case) -> Why:
    return _named("vendor", rule.vendors, rule.rule.vendors, case)


def _named(what: str, phrases: tuple[str, ...], written: Sequence[str], case: Case) -> Why:
    if case.alert.category != "cyber" and not any(i.type in CATALOGUED for i in case.alert.indicators):
        return None
    for member in case.members:
        if found := _find(phrases, written, member):
            return f"{what} {found}"
    return None


def _sources(rule: CompiledRule, case: Case) -> Why:
    wanted = rule.sources or Rate(1, None)
    count = count_sources(case, wanted.within, wanted.count)
    return f"{count} independent sources" if count >= wanted.count else None


def count_sources(case: Case, within: timedelta | None, enough: int) -> int:
    """The most independent sources within any stretch of that length; counting ends when there are enough."""
    if within is None:
        return case.alert.independent_sources
    times = {m.article.version_id: m.article.fetched for m in case.members}
    dated = sorted(((times[s.version_id], s) for s in case.alert.sources if s.version_id in times), key=lambda p: p[0])
    best = 0
    for begin, (first, _) in enumerate(dated):
        stretch = [source for at, source in dated[begin:] if at - first <= within]
        if len(stretch) > best:
            best = max(best, independent(stretch))
        if best >= enough:
            break
    return best


def _report(rule: CompiledRule, member: Member) -> list[str] | None:
    """Why one report fulfils what the rule says of a report; None when it does not."""
    asked, article = rule.rule, member.article
    lines: list[str] = []
    language = member.findings.language or article.language
    for key, wanted, value in (
        (
            "feed",
            asked.feeds,
            next((article.feed for pattern in asked.feeds if fnmatchcase(article.feed, pattern)), None),
        ),
        ("tag", asked.tags, next((tag for tag in article.tags if tag in asked.tags), None)),
        ("grade", asked.grades, article.grade if article.grade in asked.grades else None),
        ("language", asked.languages, language if language in asked.languages else None),
    ):
        if wanted and value is None:
            return None
        if wanted:
            lines.append(f"{key} {value}")
    if rule.words:
        found = _find(rule.words, asked.words, member)
        if found is None:
            return None
        lines.append(f"word {found!r}")
    if rule.without and _find(rule.without, asked.without, member):
        return None
    return lines


def _find(phrases: tuple[str, ...], written: Sequence[str], member: Member) -> str | None:
    """The first entry whose words stand in a report."""
    text = fold_text(member.article.title or "", member.article.text)
    heads, beginnings = _by_first_word(phrases)
    places = {place for word in set(text.split()) for place in heads.get(word, ())}
    return next((written[place] for place in sorted(places.union(beginnings)) if phrases[place] in text), None)


@lru_cache(maxsize=PHRASES_KEPT)
def _by_first_word(phrases: tuple[str, ...]) -> tuple[dict[str, list[int]], tuple[int, ...]]:
    """Places of the phrases by their first word, and of those that are the beginning of one: thousands cost what a few do."""
    heads: dict[str, list[int]] = {}
    beginnings = []
    for place, made in enumerate(phrases):
        if made.endswith(" ") or " " in made.strip():
            heads.setdefault(made.split(maxsplit=1)[0], []).append(place)
        else:
            beginnings.append(place)
    return heads, tuple(beginnings)


@lru_cache(maxsize=FOLDED_TEXTS_MAX)
def fold_text(title: str, text: str) -> str:
    """Title and text as folded words with one blank between and around; a phrase does not reach from one to the other."""
    return f" {fold_words(title)} \n {fold_words(text)} "


def _asks_of_report(rule: CompiledRule) -> bool:
    asked = rule.rule
    return bool(asked.words or asked.without or asked.feeds or asked.tags or asked.grades or asked.languages)


Test = tuple[Callable[[CompiledRule], bool], Callable[[CompiledRule, Case], Why]]
_TESTS: tuple[Test, ...] = (  # the cheap ones first
    (lambda r: r.rule.severity is not None, _severity),
    (lambda r: r.rule.credibility is not None, _credibility),
    (lambda r: bool(r.rule.categories), _category),
    (lambda r: bool(r.actors), _actor),
    (lambda r: bool(r.areas), _place),
    (lambda r: bool(r.types), _type),
    (lambda r: bool(r.counts), _count),
    (lambda r: bool(r.rule.indicators), _indicator),
    (lambda r: bool(r.rule.cves), _cve),
    (lambda r: r.sources is not None, _sources),
    (lambda r: bool(r.products), _product),
    (lambda r: bool(r.vendors), _vendor),
)
