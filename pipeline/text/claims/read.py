"""The claims of an article: each count and each claim of responsibility with its claimant, agent, object and window."""

from itertools import pairwise

from msgspec.structs import replace

from pipeline.records import Claim, Mention, Realis
from pipeline.text.claims.attribution import Said, source_of
from pipeline.text.claims.counts import Count, find_counts
from pipeline.text.claims.responsibility import Responsibility, find_responsibility
from pipeline.text.claims.restated import find_restated
from pipeline.text.dates import find_dates, resolve_date
from pipeline.text.events.classify import Scene
from pipeline.text.events.lexicon import Cue
from pipeline.text.events.phrases import Phrase
from pipeline.text.events.reading import Reading
from pipeline.text.events.realis import is_figure, is_past_era, realis_of
from pipeline.text.events.tokens import Sentence


def read_claims(reading: Reading) -> list[Claim]:
    """Every claim as its sentence makes it, in order; `join_claims` puts them together."""
    out: list[Claim] = []
    captives = any("action.abduct" in scene.kinds for scene in reading.scenes)  # else people are rescued from the sea
    for scene in reading.scenes:
        if scene.sentence.start >= reading.end:
            break
        saids = reading.saids[scene.sentence.index]
        counts = [count for count in find_counts(scene) if not is_figure(scene, count.cue)]
        counts = [count for count in counts if count.cue.phrase != "rescue" or captives]
        out += [_count_claim(reading, scene, count, saids) for count in counts]
        out += _restated_claim(reading, scene, saids, out)
        out += [_responsibility_claim(reading, scene, found, saids) for found in find_responsibility(scene)]
    return out


RESTATED_SENTENCES = 2
"""How many sentences back the count may stand that a bare "number" means."""


def _restated_claim(reading: Reading, scene: Scene, saids: tuple[Said, ...], before: list[Claim]) -> list[Claim]:
    """The number that somebody else gives for what was counted last: a dispute, with the other's claim beside it."""
    found = find_restated(scene.sentence)
    floor = reading.sentences[max(0, scene.sentence.index - RESTATED_SENTENCES)].start
    counted = next(
        (c for c in reversed(before) if c.kind != "responsibility" and c.start >= floor and not c.part), None
    )
    if found is None or counted is None:
        return []
    verb, number = found
    start, end = scene.sentence.tokens[number.first].start, scene.sentence.tokens[number.last - 1].end
    if any(claim.start < end and start < claim.end for claim in before):
        return []
    said = next((s for s in saids if s.verb == verb), None) or source_of(saids, scene.sentence, number.first)
    return [
        replace(
            counted,
            low=number.low,
            high=number.high,
            hedge=number.hedge,
            stance=said.stance if said else "states",
            claimant=said.claimant if said else None,
            text=reading.text[start:end],
            start=start,
            end=end,
        )
    ]


def _agent_mention(reading: Reading, phrase: Phrase | None, said: Said | None) -> Mention | None:
    """Who did it; "they" in a report are those who report."""
    if phrase is None:
        return said.target if said and said.stance == "accuses" else None
    if phrase.is_pronoun:
        if said is None or phrase.words[0] not in {"they", "it", "he", "she", "we"}:
            return None
        return said.claimant
    return phrase.mention(reading.text, reading.entities)


def _since(reading: Reading, sentence: Sentence) -> str | None:
    words = sentence.words
    for k, word in enumerate(words[:-1]):
        if word != "since":
            continue
        for first, last in find_dates(reading.text, sentence.tokens[k].end, sentence.end)[:1]:
            return resolve_date(reading.text[first:last], reading.published)
    return None


_UNTIL_NOW = (
    ("so", "far"),
    ("to", "date"),
    ("now", "stands"),
    ("has", "risen"),
    ("have", "risen"),
    ("has", "climbed"),
    ("has", "reached"),
)
"""Words by which a count is of the day of the report."""


def _as_of(reading: Reading, sentence: Sentence) -> str | None:
    """The day that a count is of, where the sentence says so: "as of Sunday", "so far"."""
    words = sentence.words
    for k, pair in enumerate(pairwise(words)):
        if pair == ("as", "of"):
            for first, last in find_dates(reading.text, sentence.tokens[k + 1].end, sentence.end)[:1]:
                return resolve_date(reading.text[first:last], reading.published)
        if pair in _UNTIL_NOW and reading.published is not None:
            return reading.published.date().isoformat()
    return None


def _count_claim(reading: Reading, scene: Scene, count: Count, saids: tuple[Said, ...]) -> Claim:
    sentence = scene.sentence
    saids = (
        tuple(s for s in saids if not _owns_up(sentence, s))
        or _quoted(reading, sentence)
        or _goes_on(reading, sentence)
    )
    said = source_of(saids, sentence, count.cue.first)
    start, end = sentence.tokens[count.first].start, sentence.tokens[count.last - 1].end
    return Claim(
        kind=count.kind,
        low=count.low,
        high=count.high,
        hedge=count.hedge,
        since=_since(reading, sentence),
        as_of=_as_of(reading, sentence),
        stance=said.stance if said else "states",
        realis=_realis(reading, scene, count.cue),
        claimant=said.claimant if said else None,
        agent=_agent_mention(reading, count.agent, said),
        object=count.object.mention(reading.text, reading.entities) if count.object else None,
        text=reading.text[start:end],
        start=start,
        end=end,
        part=count.is_part,
    )


def _realis(reading: Reading, scene: Scene, cue: Cue) -> Realis:
    realis = realis_of(scene, cue, reading.year)
    past = realis == "actual" and is_past_era(reading.sentences, scene.sentence.index, reading.year)
    return "background" if past else realis


def _owns_up(sentence: Sentence, said: Said) -> bool:
    """ "Claimed responsibility" says who did it, not how many died."""
    return said.verb >= 0 and bool(set(sentence.words[said.verb + 1 : said.verb + 3]) & {"responsibility", "credit"})


def _goes_on(reading: Reading, sentence: Sentence) -> tuple[Said, ...]:
    """The attribution of the sentence before, where this one goes on with it: "They also killed …"."""
    if sentence.words[0] not in {"they", "he", "she", "it"} or "also" not in sentence.words[1:4] or not sentence.index:
        return ()
    return tuple(Said(-1, s.stance, s.claimant, s.target) for s in reading.saids[sentence.index - 1])


def _quoted(reading: Reading, sentence: Sentence) -> tuple[Said, ...]:
    """The attribution of a sentence inside quotation marks that another sentence of its paragraph carries."""
    if not (sentence.tokens[0].text in '“"' or any(sentence.is_quote_open)):
        return ()
    for other in reading.sentences[max(0, sentence.index - 2) : sentence.index + 3]:
        if other.paragraph == sentence.paragraph and reading.saids[other.index]:
            return tuple(Said(-1, s.stance, s.claimant, s.target) for s in reading.saids[other.index])
    return ()


def _responsibility_claim(reading: Reading, scene: Scene, found: Responsibility, saids: tuple[Said, ...]) -> Claim:
    sentence = scene.sentence
    start, end = sentence.tokens[found.first].start, sentence.tokens[max(found.last, found.first + 1) - 1].end
    mine = next((s for s in saids if found.first <= s.verb < found.last), None)

    def named(phrase: Phrase | None) -> Mention | None:
        if phrase is None or phrase.is_pronoun:
            return mine.claimant if mine and phrase is not None else None
        return phrase.mention(reading.text, reading.entities)

    cue = next((c for c in scene.cues if c.first >= found.first and c.kind.startswith("action.")), None)
    realis = _realis(reading, scene, cue) if cue else "actual"
    return Claim(
        kind="responsibility",
        low=found.low,
        high=found.high,
        hedge=found.hedge,
        stance=found.stance,
        realis="actual" if realis == "denied" and found.stance == "denies" else realis,
        claimant=named(found.claimant) or (mine.claimant if mine else None),
        agent=named(found.agent),
        object=named(found.object),
        text=reading.text[start:end],
        start=start,
        end=end,
    )
