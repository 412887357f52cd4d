"""A stated line as a sentence: what happened, by whom, against whom, where, when, how many, says who."""

from pipeline.records import Line, LineCount
from pipeline.text.line.names import is_name, is_people_alone, whole

TOLD_CHARS_MAX = 300
"""Longest sentence, characters."""
NUMBERS_MAX = 4
_BEFORE = {"attempted": "attempted ", "threatened": "threatened ", "planned": "planned ", "denied": "denied: "}
_BY = {
    None: "by",
    "reported": "by",
    "claimed": "claimed by",
    "suspected": "suspected to be by",
    "accused": "blamed on",
    "denied": "denied by",
}
_OF = frozenset(("arrests", "abduction", "exploitation", "takedown", "release"))
_ORDER = (
    "killed",
    "wounded",
    "abducted",
    "captured",
    "missing",
    "released",
    "surrendered",
    "displaced",
    "seized",
    "accounts",
    "records",
    "data",
    "money",
)
_ABOVE = frozenset(("more than", "over"))
_VERBS = {"captured": "arrested or captured"}
_QUANTITY = frozenset(
    "a an the one two three four five six seven eight nine ten eleven twelve dozens dozen scores hundreds thousands some several many about around nearly almost "
    "over up to at least more than another additional total of other my our his her its their these those".split()
)


def tell(line: Line, nouns: dict[str, str]) -> str:
    """The sentence of a stated line; `nouns`: the words for classes, by sub-type."""
    kind = line.what.value if line.what else "Event"
    subtype = kind.partition(": ")[2] or kind
    noun = nouns.get(subtype, subtype.lower())
    words = [_BEFORE.get(line.realis, "") + noun]
    if line.by:
        words.append(f"{_BY[line.by_how]} {listed([e.value for e in line.by])}")
    against = [e.value for e in line.against if not (line.counts and is_people_alone(e.value))]  # their number says it
    if against:
        words.append(("of " if noun in _OF else "against ") + listed(against))
    if line.where:
        words.append(f"in {whole(line.where[0].value)}")
    if line.when:
        words.append(f"({line.when.value})")
    surest = {
        c.kind: c for c in reversed(line.counts)
    }  # the first of each kind: another claimant's number stands beside the sentence
    counts = sorted(surest.values(), key=lambda c: _ORDER.index(c.kind) if c.kind in _ORDER else len(_ORDER))[
        :NUMBERS_MAX
    ]
    sentence = ": ".join(part for part in (" ".join(words), ", ".join(_count(c) for c in counts)) if part)
    said = list(dict.fromkeys(c.by.value for c in counts if c.by and is_name(c.by.value)))
    if said:
        sentence += f", according to {whole(said[0])}"
    sentence = " ".join(sentence.split())
    sentence = sentence[:1].upper() + sentence[1:]
    return sentence if len(sentence) <= TOLD_CHARS_MAX else sentence[: TOLD_CHARS_MAX - 1].rstrip(" ,") + "…"


def listed(names: list[str]) -> str:
    """Names in a row: "a", "a and b", "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _amount(count: LineCount) -> str | None:
    """What was taken, in the article's own words: "640 GB of data", "data of 8,200,000 customers"; None for other counts."""
    words = " ".join((count.object or "").split())
    number = f"{count.low or count.high or 0:,}"
    hedge = f"{count.hedge} " if count.hedge else ""
    if count.kind == "data":
        return f"{hedge}{words} of data"
    if count.kind == "money":
        return f"{hedge}{words}"
    if count.kind == "records":
        return f"{hedge}{number} {words or 'records'}"
    return f"data of {hedge}{number} {words}" if count.kind == "accounts" else None


def _count(count: LineCount) -> str:
    """A number with its noun and what became of it: "at least 12 civilians killed"."""
    if (amount := _amount(count)) is not None:
        return amount
    low, high = count.low, count.high
    hedge = " ".join((count.hedge or "").split()).lower()
    if low is not None and high is not None:
        number = f"{low:,}" if low == high else f"{low:,} to {high:,}"
    elif low is not None:
        number = f"{'more than' if hedge in _ABOVE else 'at least'} {low:,}"
    else:
        number = f"up to {high:,}"
    if (
        hedge in {"nearly", "almost", "about", "around", "some", "roughly", "approximately", "an estimated", "close to"}
        and low == high
    ):
        number = f"about {number}" if hedge in {"some", "around", "roughly", "approximately"} else f"{hedge} {number}"
    return " ".join(part for part in (number, _noun(count), _VERBS.get(count.kind, count.kind)) if part)


def _noun(count: LineCount) -> str:
    """What is counted, without its number; nothing where that is no plain noun."""
    words = whole(count.object or "").replace("number of ", "").split()
    while words and (words[0].casefold() in _QUANTITY or words[0][0].isdigit()):
        words = words[1:]
    noun = " ".join(words)
    return (
        noun
        if words and is_name(noun) and len(words) <= 6 and words[0].casefold() != "others"
        else ("people" if count.low != 1 and not words and count.object else "")
    )
