"""One sentence on what happened: who did what to whom, where, how many, says who.

Where the learned reader has read the article it is told from the stated line alone. Elsewhere it is put together from the main event and
its claims, in the article's own words for names and hedges. Falls back to the title, and without one to the beginning of the text.
"""

from pipeline.records import Article, Claim, Event, Findings, Mention
from pipeline.text.line import stated, tell
from pipeline.text.scoring.current import counting_claims, counting_events, event_of, number_of, support_of
from pipeline.text.scoring.eventworth import event_points, event_worth
from pipeline.text.scoring.weights import DEFAULT, Weights

WHAT_CHARS_MAX = 300
"""Longest sentence, characters."""
NAME_CHARS_MAX = 60
"""Longest name quoted in it, characters."""
NAMES_MAX = 2
NUMBERS_MAX = 3

_BY = {
    None: "by",
    "reported": "by",
    "claimed": "claimed by",
    "suspected": "suspected of",
    "accused": "blamed on",
    "denied": "denied by",
}
_BEFORE = {"attempted": "attempted ", "threatened": "threatened ", "planned": "planned "}
_SAYS = {"states": "according to", "claims": "claims", "denies": "denies", "accuses": "charges", "confirms": "confirms"}
_COUNTED = ("killed", "wounded", "captured", "abducted", "missing", "displaced", "surrendered", "released", "seized")


def describe(article: Article, findings: Findings, *, weights: Weights = DEFAULT) -> str:
    """One sentence, at most `WHAT_CHARS_MAX` characters, without a line break."""
    if findings.reader or findings.line is not None:
        line = stated(findings.line, weights.level)
        if line is None or not (line.by or line.against or line.where or line.counts):
            return _fallback(article)  # an editor's words say more than a kind of event with nothing to it
        return tell(line, weights.nouns)
    event = _main(findings, weights)
    claims = [
        claim
        for claim in counting_claims(findings, weights)
        if claim.kind in _COUNTED and _belongs(claim, event, findings)
    ]
    claims = _weightiest(claims)
    said = event is not None and bool(event.perpetrators or event.targets or event.victims or event.place or claims)
    told = event is not None and said and support_of(event, findings) == "full"
    if not told and not (claims and event is None) and article.title:
        return _fallback(article)  # an editor's words say more than a kind of event with nothing to it
    if event is None and not claims:
        return _fallback(article)
    parts = [_event_words(event, weights) if event else "", ", ".join(_count_words(claim) for claim in claims)]
    sentence = ": ".join(part for part in parts if part) + _source_words(claims)
    return _tidy(sentence[:1].upper() + sentence[1:])


def _main(findings: Findings, weights: Weights) -> Event | None:
    """The first present event with full support, for the first is what the text is about; else the one that is worth most."""
    events = counting_events(findings, weights)
    supported = next(
        (event for event in events if support_of(event, findings) == "full" and event_points(event, weights) > 0), None
    )
    if supported is not None:
        return supported
    worth = [event_worth(event, place == 0, findings, weights) for place, event in enumerate(events)]
    return events[worth.index(max(worth))] if events else None


def _belongs(claim: Claim, event: Event | None, findings: Findings) -> bool:
    """Whether a claim is about the described event, or hangs on none or on another present one."""
    about = event_of(claim, findings)
    return about is None or event is None or about is event or (about.type, about.subtype) != ("Other", "Diplomacy")


def _weightiest(claims: list[Claim]) -> list[Claim]:
    """The largest number of each kind, at most `NUMBERS_MAX`, deaths first."""
    best: dict[str, Claim] = {}
    for claim in claims:
        if claim.kind not in best or (number_of(claim) or 0) > (number_of(best[claim.kind]) or 0):
            best[claim.kind] = claim
    return sorted(best.values(), key=lambda claim: _COUNTED.index(claim.kind))[:NUMBERS_MAX]


def _event_words(event: Event, weights: Weights) -> str:
    noun = weights.nouns.get(event.subtype or "", (event.subtype or event.type).lower())
    words = [_BEFORE.get(event.realis, "") + noun]
    if event.perpetrators:
        words.append(f"{_BY[event.perpetrator_confidence]} {_names(event.perpetrators)}")
    if against := event.targets or event.victims:
        words.append(("of " if noun in ("arrests", "abduction", "exploitation") else "against ") + _names(against))
    if event.place is not None:
        words.append(f"in {_name(event.place.name or event.place.text)}")
    if event.date:
        words.append(f"({event.date})")
    return " ".join(words)


def _count_words(claim: Claim) -> str:
    """A number with its hedge, as written where it is short: `nearly 600 captured`."""
    if claim.low is not None and claim.high is not None and claim.low != claim.high:
        number = f"{claim.low:,} to {claim.high:,}"
    else:
        value = number_of(claim)
        number = f"{value:,}" if value is not None else "many"
    hedge = (claim.hedge or "").strip().lower()
    if hedge and number == "many":
        number = hedge.removesuffix(" of")
    elif hedge and hedge not in number:
        number = f"{hedge} {number}"
    what = f" {_name(claim.object.text)}" if claim.object is not None and claim.object.text else ""
    return f"{number}{what} {claim.kind}"


def _source_words(claims: list[Claim]) -> str:
    """Who says so, of the first claim that names somebody."""
    claim = next((claim for claim in claims if claim.claimant is not None and claim.claimant.text), None)
    if claim is None or claim.claimant is None:
        return ""
    who, verb = _name(claim.claimant.text), _SAYS[claim.stance]
    return f", according to {who}" if claim.stance == "states" else f", {who} {verb}"


def _names(mentions: tuple[Mention, ...]) -> str:
    names = list(dict.fromkeys(_name(mention.text) for mention in mentions))
    return " and ".join(names[:NAMES_MAX]) + (" and others" if len(names) > NAMES_MAX else "")


def _name(text: str) -> str:
    name = " ".join(text.split())
    return name if len(name) <= NAME_CHARS_MAX else name[: NAME_CHARS_MAX - 1].rstrip() + "…"


def _fallback(article: Article) -> str:
    if article.title and article.title.strip():
        return _tidy(article.title)
    first = next((line for line in article.text.splitlines() if line.strip()), "")
    return _tidy(first) or "(no title and no text)"


def _tidy(sentence: str) -> str:
    sentence = " ".join(sentence.split())
    return sentence if len(sentence) <= WHAT_CHARS_MAX else sentence[: WHAT_CHARS_MAX - 1].rstrip() + "…"


def headline_of(article: Article) -> str:
    """The outlet's own title; without one the beginning of the text."""
    return _fallback(article)
