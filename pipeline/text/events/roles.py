"""The roles of a draft: who did it, to whom and what, with what, where and when, each as words of the article."""

from pipeline.records import Entity, Mention, Place
from pipeline.text.dates import find_dates, resolve_date
from pipeline.text.events.classify import Scene
from pipeline.text.events.gather import Draft
from pipeline.text.events.lexicon import Cue
from pipeline.text.events.parties import bare, kind_of, party_of
from pipeline.text.events.phrases import Phrase
from pipeline.text.events.reading import Reading
from pipeline.text.events.syntax import roles_of
from pipeline.text.events.tokens import Sentence
from pipeline.text.places import place_of

_PLACE_WORDS = frozenset(("in", "at", "near", "outside", "around", "across", "inside", "of", "from", "on", "to"))
_NO_FILLERS = frozenset(("killed", "dead", "wounded", "injured", "each", "ransom", "others", "some", "many"))


def fill_roles(reading: Reading, draft: Draft, scene: Scene, cue: Cue) -> None:
    """Put in the parties, things and weapons that the trigger's sentence names."""
    entities = reading.entities_in(scene.sentence)
    roles = roles_of(scene.sentence, cue)
    for phrase in roles.agents:
        kind = kind_of(phrase, entities)
        if phrase.is_pronoun or kind == "event" or (kind in {"thing", "place"} and not _acts(phrase, entities)):
            continue
        if kind == "weapon":
            draft.weapons.append(bare(phrase, reading.text, entities))
            draft.start = min(draft.start, phrase.start)
        else:
            draft.perpetrators.append(party_of(phrase, reading.text, entities))
    for phrase in roles.patients:
        kind = kind_of(phrase, entities)
        if phrase.is_pronoun or kind in {"event", "place"}:
            continue
        mention = bare(phrase, reading.text, entities)
        if (
            mention.text.casefold() in _NO_FILLERS
            or not any(c.isalpha() for c in mention.text)
            or mention.text.casefold().startswith("cve-")
        ):
            continue
        if kind == "weapon":
            if cue.action in {"explode", "grenade", "shell", "suicide-bomb", "disrupt-weapons"}:
                draft.weapons.append(mention)
        elif kind == "person":
            draft.victims.append(mention)
        else:
            draft.targets.append(mention)
        draft.end = (
            max(draft.end, phrase.end) if phrase.first >= cue.first and phrase.first - cue.last <= 4 else draft.end
        )
    for other in scene.cues:
        if other.kind.startswith("weapon.") and cue.action not in {"arrest", "disrupt-weapons"}:
            first, last = scene.sentence.tokens[other.first], scene.sentence.tokens[other.last - 1]
            draft.weapons.append(Mention(reading.text[first.start : last.end], first.start, last.end))


def _acts(phrase: Phrase, entities: tuple[Entity, ...]) -> bool:
    """Whether a thing or place can be a perpetrator: an organisation or a state."""
    return any(
        e.label in {"GROUP", "ORG", "GPE", "NORP"} and e.start < phrase.end and phrase.start < e.end for e in entities
    )


def fill_setting(reading: Reading, draft: Draft) -> None:
    """Put in the place and the date that the draft's sentence names."""
    sentence = draft.sentence
    draft.place = _place(reading, sentence, draft)
    for first, last in find_dates(reading.text, sentence.start, sentence.end):
        before = reading.text[max(0, first - 8) : first].lower().split()
        if before[-1:] == ["since"]:
            continue
        draft.date = resolve_date(reading.text[first:last], reading.published)
        if draft.date:
            break


UNKNOWN_PLACE_DISTANCE = 50
"""By how much further a place that no table knows counts: "a village in Zamfara" is in Zamfara, whatever the village is called."""


def _leads_there(sentence: Sentence, span: tuple[int, int]) -> bool:
    """Whether it is only where a road goes: "on the Miranshah road", "on the road to Miranshah"."""
    roads = {"road", "highway", "motorway"}
    before, after = sentence.words[max(0, span[0] - 2) : span[0]], sentence.words[span[1] : span[1] + 1]
    return bool(set(after) & roads) or (before[-1:] == ("to",) and bool(set(before) & roads))


def _place(reading: Reading, sentence: Sentence, draft: Draft) -> Place | None:
    """The place nearest to the trigger that a preposition of place leads in; else the first of the sentence."""
    best: tuple[float, Entity] | None = None
    for entity in reading.entities_in(sentence):
        if entity.label not in {"GPE", "LOC"}:
            continue
        span = sentence.at(entity.start, entity.end)
        if span is None:
            continue
        led = sentence.words[max(0, span[0] - 3) : span[0]]
        distance = (
            abs(span[0] - draft.cue.first)
            + (0 if set(led) & _PLACE_WORDS else 100)
            - (20 if led[-1:] in {("in",), ("near",), ("at",)} else 0)
        )
        if set(led[-1:]) & {"told", "with", "by", "against", "'s"} or _leads_there(sentence, span):
            distance += 100
        if place_of(entity) is None:
            distance += UNKNOWN_PLACE_DISTANCE
        if best is None or distance < best[0]:
            best = (distance, entity)
    if best is None or best[0] >= 100:
        return None
    entity = best[1]
    return place_of(entity) or Place(entity.text, entity.start, entity.end, entity.id, entity.name)
