"""What the tagger looks at in each token: words and triggers around it, names, and its place in the parse where there is one."""

from collections import defaultdict
from collections.abc import Sequence

from pipeline.records import Entity
from pipeline.text.events.classify import Scene
from pipeline.text.events.lexicon import Cue
from pipeline.text.events.muc4.documents import hashed
from pipeline.text.events.tokens import Sentence

CUE_DISTANCE_MAX = 3
"""Distance classes of three words each to the nearest trigger; further away is all one."""
PATH_STEPS_MAX = 4
"""How far above a token its trigger is looked for in the parse."""

Path = tuple[str, str]
"""The dependencies from a token up to the trigger that governs it, and that trigger's action and form; empty where none does."""


def _nearest(cues: list[Cue], k: int) -> tuple[Cue | None, Cue | None]:
    left = right = None
    for cue in cues:
        if cue.last <= k:
            left = cue
        elif cue.first > k:
            right = cue
            break
    return left, right


def _word_features(sentence: Sentence, cues: tuple[Cue, ...]) -> list[list[str]]:
    """Of each token: the words and triggers around it."""
    words = ("<s>", "<s>", *sentence.words, "</s>", "</s>")
    triggers = [cue for cue in cues if cue.kind.startswith("action.")]
    kinds: dict[int, list[str]] = defaultdict(list)
    for cue in cues:
        for k in range(cue.first, cue.last):
            kinds[k].append(cue.kind)
    place = min(sentence.index // 4, 4)
    out: list[list[str]] = []
    last_by = -99
    for k, word in enumerate(sentence.words):
        last_by = k if word == "by" else last_by
        by = "by" if 0 < k - last_by <= 5 else ""
        left, right = _nearest(triggers, k)
        features = [*_around(words, k + 2), *(f"k{kind}" for kind in kinds[k]), *_beside(word, k, left, right, by)]
        out.append([*features, f"pos{place}", f"pw{place}{word}"])
    return out


def _around(words: tuple[str, ...], k: int) -> list[str]:
    word, before, after = words[k], words[k - 1], words[k + 1]
    return [
        f"w{word}",
        f"a{before}",
        f"b{after}",
        f"c{words[k - 2]}",
        f"d{words[k + 2]}",
        f"ab{before}_{word}",
        f"wb{word}_{after}",
        f"s{word[-3:]}",
        f"p{word[:4]}",
        f"ca{words[k - 2]}_{before}",
        f"bd{after}_{words[k + 2]}",
    ]


def _beside(word: str, k: int, left: Cue | None, right: Cue | None, by: str) -> list[str]:
    """The nearest triggers on both sides, with form and distance."""
    before = f"{left.action}{left.form[0]}{left.inflection}" if left else "none"
    after = f"{right.action}{right.form[0]}{right.inflection}" if right else "none"
    near = min(CUE_DISTANCE_MAX, (k - left.last) // 3) if left else 9
    far = min(CUE_DISTANCE_MAX, (right.first - k) // 3) if right else 9
    return [
        f"L{before}{near}{by}",
        f"R{after}{far}",
        f"LR{before}{after}",
        f"Lw{before}_{word}",
        f"Rw{after}_{word}",
        f"Ls{before}{near}{word[-2:]}",
        f"by{by}{before}",
    ]


def entity_labels(sentence: Sentence, entities: Sequence[Entity]) -> dict[int, tuple[str, bool]]:
    """For tokens inside names: the label with B or I, and whether the name is known."""
    out: dict[int, tuple[str, bool]] = {}
    for entity in entities:
        if not sentence.start <= entity.start < sentence.end or entity.label == "DATE":
            continue
        span = sentence.at(entity.start, entity.end)
        for k in range(*span) if span else ():
            out.setdefault(k, (f"{entity.label}{'B' if span and k == span[0] else 'I'}", bool(entity.id)))
    return out


def trigger_paths(scene: Scene) -> list[Path]:
    """Of each token, its path up to the nearest trigger above it."""
    sentence = scene.sentence
    triggers = {k: cue for cue in scene.cues if cue.kind.startswith("action.") for k in range(cue.first, cue.last)}
    if not sentence.is_parsed or not triggers:
        return [("", "")] * len(sentence.tokens)
    return [_path(sentence, k, triggers) for k in range(len(sentence.tokens))]


def _path(sentence: Sentence, k: int, triggers: dict[int, Cue]) -> Path:
    steps: list[str] = []
    at = k
    for _ in range(PATH_STEPS_MAX):
        token = sentence.tokens[at]
        if at != k and at in triggers:
            return ">".join(steps), triggers[at].action + triggers[at].form[0]
        if token.head == at:
            break
        steps.append(token.dep)
        at = token.head
    return "", ""


def _name_features(k: int, word: str, labels: dict[int, tuple[str, bool]]) -> list[str]:
    none = ("O", False)
    mine, before, after = (labels.get(j, none)[0] for j in (k, k - 1, k + 1))
    known = ["Eid"] if labels.get(k, none)[1] else []
    return [f"E{mine}", f"Ep{before}{mine}", f"En{mine}{after}", f"Ew{word}{mine}", *known]


def _syntax_features(sentence: Sentence, k: int, path: Path, label: str) -> list[str]:
    token, word = sentence.tokens[k], sentence.words[k]
    before = sentence.tokens[k - 1].tag if k else "<"
    after = sentence.tokens[k + 1].tag if k + 1 < len(sentence.tokens) else ">"
    head = sentence.words[token.head]
    out = [
        f"t{token.tag}",
        f"tp{before}{token.tag}",
        f"tn{token.tag}{after}",
        f"td{token.tag}{token.dep}",
        f"h{token.dep}_{head}",
    ]
    out.append(f"hw{head}_{word}")
    steps, action = path
    return (
        [*out, f"p{steps}", f"pa{steps}_{action}", f"pw{action}_{word}", f"pe{steps}{action}{label}"] if action else out
    )


def token_rows(scene: Scene, entities: Sequence[Entity]) -> list[list[int]]:
    """Hashed features of each token of a sentence."""
    sentence = scene.sentence
    labels = entity_labels(sentence, entities)
    paths = trigger_paths(scene)
    out: list[list[int]] = []
    for k, around in enumerate(_word_features(sentence, scene.cues)):
        features = [*around, *_name_features(k, sentence.words[k], labels)]
        if sentence.is_parsed:
            features += _syntax_features(sentence, k, paths[k], labels.get(k, ("O", False))[0])
        out.append([hashed(feature) for feature in features])
    return out
