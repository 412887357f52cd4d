"""Who did it, to whom, and who says so: words for people by what they are, and the small words between them.

An actor is a word of the language's table ("hommes armés": gunmen) or a known group. It did it when it stands behind "by" or before a verb of
an act; a target stands behind "against" or "on".
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.records import Entity
from pipeline.text.languages.lexicon import Hit, Lexicon
from pipeline.text.languages.words import Sentence, Token

SUBJECT_WORDS_MAX = 6
"""How far before a verb its subject may end, words."""
SAID_WORDS_MAX = 6
"""How far from a verb of saying its speaker may stand, words."""
LINKED_MAX = 5
"""Words that a phrase may go on for behind its first."""


BROKEN_UP = frozenset(("Protest with intervention", "Excessive force against protesters"))
"""Classes in which protesters are the target."""


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody in a sentence: tokens, offsets, what they are in English, and their id where known."""

    first: int
    last: int
    start: int
    end: int
    gloss: str
    id: str | None = None
    name: str | None = None
    label: str = ""


def find_people(sentence: Sentence, lexicon: Lexicon, hits: Sequence[Hit], entities: Sequence[Entity]) -> list[Who]:
    """Actors and known groups of a sentence, in order, the longer of two that overlap."""
    found = [
        _who(sentence, hit.first, _phrase_end(sentence.tokens, hit.last, lexicon), hit.name, label=hit.kind)
        for hit in hits
        if hit.kind in ("actors", "sources") and not _is_inside(hit, hits)
    ]
    for entity in entities:
        if entity.label == "GROUP" and sentence.start <= entity.start and entity.end <= sentence.end:
            span = [k for k, t in enumerate(sentence.tokens) if t.start < entity.end and entity.start < t.end]
            if span:
                found.append(
                    Who(
                        span[0],
                        span[-1] + 1,
                        entity.start,
                        entity.end,
                        entity.name or entity.text,
                        entity.id,
                        entity.name,
                        "group",
                    )
                )
    out: list[Who] = []
    for who in sorted(found, key=lambda w: (w.first, -w.last, w.label)):
        inside = next((n for n, o in enumerate(out) if who.first < o.last and o.first < who.last), None)
        if inside is None:
            out.append(who)
        elif who.id and not out[inside].id:
            old = out[inside]
            out[inside] = Who(
                min(old.first, who.first),
                max(old.last, who.last),
                min(old.start, who.start),
                max(old.end, who.end),
                who.gloss,
                who.id,
                who.name,
                "group",
            )
    return out


def _is_inside(hit: Hit, hits: Sequence[Hit]) -> bool:
    """Whether a longer word for people holds it: "ضابط شرطة" is an officer and not the police."""
    longer = (h for h in hits if h.kind == "people" and h.last - h.first > hit.last - hit.first)
    return any(h.first <= hit.first and hit.last <= h.last for h in longer)


def _who(sentence: Sentence, first: int, last: int, gloss: str, label: str) -> Who:
    return Who(first, last, sentence.tokens[first].start, sentence.tokens[last - 1].end, gloss, label=label)


def _phrase_end(tokens: tuple[Token, ...], last: int, lexicon: Lexicon) -> int:
    """Where a phrase ends: it goes on with capitals, and over links to the next word."""
    end, limit = last, last + LINKED_MAX
    while end < min(len(tokens), limit):
        token = tokens[end]
        cased = token.text[:1].isupper()
        if not token.is_sign and cased:
            end += 1
        elif lexicon.has("of", token) and _noun_at(tokens, end + 1, lexicon):
            end = _noun_at(tokens, end + 1, lexicon)
        else:
            break
    return end


def _noun_at(tokens: tuple[Token, ...], k: int, lexicon: Lexicon) -> int:
    """The end of the word behind a link, over articles; 0 where none stands there."""
    while k < len(tokens) and lexicon.has("link", tokens[k]):
        k += 1
    if k < len(tokens) and not tokens[k].is_sign and not tokens[k].is_digits and not lexicon.has("breaks", tokens[k]):
        return k + 1
    return 0


def agents_of(tokens: tuple[Token, ...], lexicon: Lexicon, hits: Sequence[Hit], people: Sequence[Who]) -> list[Who]:
    """Who did it: behind "by" near an act, or before an active verb of one."""
    able = [w for w in people if w.label in ("actors", "group")]
    acts = [h for h in hits if h.kind in ("acts", "harm")]
    out = [w for w in able if w.gloss == _doer(acts)]
    if out:
        return out[:1]
    for hit in hits:
        if hit.kind == "by":
            who = _behind(tokens, hit.last, able)
            if who and any(0 <= hit.first - a.last <= SUBJECT_WORDS_MAX * 2 for a in acts):
                out.append(who)
    if out:
        return _each_once(out)
    for act in acts:
        if (
            (act.kind != "acts" and ">" not in act.mark)
            or lexicon.has("link", tokens[act.first - 1])
            or any(h.kind == "by" and 0 <= h.first - act.last <= 3 for h in hits)
        ):
            continue
        before = [
            w for w in able if 0 <= act.first - w.last <= SUBJECT_WORDS_MAX and not _is_cut(tokens, w.last, act.first)
        ]
        if before and not any(lexicon.has("passive", t) for t in tokens[before[-1].last : act.first]):
            out.append(before[-1])
        elif lexicon.lists.get("verb_first"):
            after = [w for w in able if 0 <= w.first - act.last <= 1]
            out += after[:1]
    if not out:
        out += [
            w
            for w in able
            for a in acts
            if a.kind == "acts"
            and ">" not in a.mark
            and 0 <= w.first - a.last <= 1
            and lexicon.has("of", tokens[w.first - 1])
        ]
    return _each_once(out)


def _doer(acts: Sequence[Hit]) -> str:
    """Who does an act whoever stands where: the police break protests up, hackers break in."""
    names = {a.name for a in acts if a.kind == "acts"}
    if names & BROKEN_UP:
        return "police"
    return "hackers" if any(n.startswith("Cyber") for n in names) else ""


def _behind(tokens: tuple[Token, ...], last: int, able: Sequence[Who]) -> Who | None:
    """Whoever begins behind a word, over articles and numbers."""
    for who in able:
        if 0 <= who.first - last <= 3 and all(not t.is_sign for t in tokens[last : who.first]):
            return who
    return None


def _is_cut(tokens: tuple[Token, ...], first: int, last: int) -> bool:
    """Whether a comma stands between without another that closes what it opened."""
    commas = sum(t.text in ",;:،" for t in tokens[first:last])
    return commas % 2 == 1


def _each_once(found: Sequence[Who]) -> list[Who]:
    return list({(w.first, w.last): w for w in found}.values())


def targets_of(sentence: Sentence, lexicon: Lexicon, hits: Sequence[Hit], agents: Sequence[Who]) -> list[Who]:
    """What was struck: words for targets and people behind "against", "on" or an active verb."""
    tokens, out = sentence.tokens, []
    taken = {k for w in agents for k in range(w.first, w.last)}
    if any(h.kind == "acts" and h.name in BROKEN_UP for h in hits):
        out = [
            _who(sentence, h.first, h.last, h.name, h.kind)
            for h in hits
            if h.kind == "people" and h.name == "protesters"
        ]
        return out[:1]
    cues = [h.last for h in hits if h.kind == "against"] + [h.last for h in hits if h.kind == "acts" and ">" in h.mark]
    for hit in hits:
        if (
            hit.kind not in ("targets", "people", "actors")
            or hit.first in taken
            or hit.name.startswith(("people", "thing"))
        ):
            continue
        if any(0 <= hit.first - c <= 3 and all(_is_light(t, lexicon) for t in tokens[c : hit.first]) for c in cues):
            end = _phrase_end(tokens, hit.last, lexicon) if hit.kind == "targets" else hit.last
            gloss = hit.name.partition("|")[0]
            out.append(
                _who(sentence, hit.first, end, gloss.removesuffix("s") if "|one" in hit.name else gloss, hit.kind)
            )
    return out[:2]


def _is_light(token: Token, lexicon: Lexicon) -> bool:
    """An article, a link or a number."""
    return not token.is_sign and (
        token.is_digits or lexicon.has("link", token) or any(f in lexicon.numbers for f in token.forms)
    )


def speaker_of(sentence: Sentence, hits: Sequence[Hit], people: Sequence[Who]) -> Who | None:
    """Who says what the sentence says: behind "selon", or beside a verb of saying."""
    tokens = sentence.tokens
    for hit in hits:
        if hit.kind == "according":
            who = _behind(tokens, hit.last, people)
            if who:
                return who
    able = [w for w in people if w.label == "sources" or w.label == "group" or w.gloss in ("army", "police")]
    best: tuple[int, Who] | None = None
    for hit in hits:
        if hit.kind != "say":
            continue
        for who in able:
            after = who.first - hit.last
            before = hit.first - who.last
            gap = after if after >= 0 else before + 1 if before >= 0 else None
            if gap is not None and gap <= SAID_WORDS_MAX and (best is None or gap < best[0]):
                best = (gap, who)
    return best[1] if best else None
