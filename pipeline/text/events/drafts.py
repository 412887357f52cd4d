"""From cues to drafts: each trigger that is meant literally becomes a draft with class, realis, roles, place and date; drafts of one event are gathered."""

from pipeline.text.events.classify import Scene, classify, muc4_type
from pipeline.text.events.gather import Draft, fold, gather
from pipeline.text.events.lexicon import Cue
from pipeline.text.events.reading import Reading
from pipeline.text.events.realis import is_figure, is_past_era, realis_of
from pipeline.text.events.roles import fill_roles, fill_setting
from pipeline.text.events.tokens import Sentence

_OUTCOMES = frozenset(("kill", "die", "wound", "displace"))
_SETS_SCENE = frozenset(
    "following after over for of despite amid during in against about since before on from behind last".split()
)


def read_drafts(reading: Reading) -> list[Draft]:
    """The events of an article in the making, in the order of their first mention."""
    drafts: list[Draft] = []
    for scene in reading.scenes:
        if scene.sentence.start < reading.end and scene.actions:
            drafts += fold(_drafts(reading, scene))
    return gather([d for d in drafts if not _says_nobody(d)])


def _says_nobody(draft: Draft) -> bool:
    """ "No one was killed" tells of no killing; what did happen stands beside it."""
    return (
        draft.realis == "denied"
        and draft.cue.action in _OUTCOMES
        and bool(set(draft.sentence.words[: draft.cue.first]) & {"no", "nobody", "none", "without", "nor"})
    )


def _is_trigger(cue: Cue, sentence: Sentence) -> bool:
    """Whether the word is used as the lexicon says: a verb as a verb, a noun as a noun (where tags are known)."""
    if not cue.kind.startswith("action."):
        return False
    first = sentence.tokens[cue.first]
    return (
        first.dep != "amod" or first.head < cue.first or cue.last - cue.first > 1 or cue.form != "verb"
    )  # "the occupied town"


def _drafts(reading: Reading, scene: Scene) -> list[Draft]:
    out: list[Draft] = []
    for cue in scene.cues:
        if not _is_trigger(cue, scene.sentence) or is_figure(scene, cue):
            continue
        cls = classify(scene, cue)
        if cls is None:
            continue
        sentence = scene.sentence
        realis = realis_of(scene, cue, reading.year)
        if realis == "actual" and is_past_era(reading.sentences, sentence.index, reading.year):
            realis = "background"
        start, end = sentence.tokens[cue.first].start, sentence.tokens[cue.last - 1].end
        draft = Draft(cls, muc4_type(cls, cue), realis, cue, sentence, start, end, sentences={sentence.index})
        draft.prominence = _prominence(sentence, cue)
        draft.is_definite = cue.form == "noun" and sentence.words[max(0, cue.first - 2) : cue.first][-1:] in {
            ("the",),
            ("this",),
            ("that",),
        }
        if cls.type != "Other":
            fill_roles(reading, draft, scene, cue)
        fill_setting(reading, draft)
        out.append(draft)
    return out


def _prominence(sentence: Sentence, cue: Cue) -> float:
    """How much the sentence is about this trigger: -30 for a noun that only sets the scene ("following last week's bombing"), up to 20."""
    early = 6 * (1 - cue.first / len(sentence.words))
    if cue.form != "noun":
        return 14 + early
    left = sentence.words[max(0, cue.first - 4) : cue.first]
    return early - (30 if set(left) & _SETS_SCENE else 0)
