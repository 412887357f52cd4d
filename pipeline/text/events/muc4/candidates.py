"""What the third model looks at in each group of same-worded candidates: the tagger's numbers, words, names, parse, and what the rules read."""

import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipeline.records import Entity, Event
from pipeline.text.events.classify import Scene
from pipeline.text.events.muc4.documents import ROLES, TYPES, Floats, hashed, normal
from pipeline.text.events.muc4.spans import Candidate, Groups
from pipeline.text.events.muc4.tagging import trigger_paths

Weighed = list[tuple[str, float]]
"""Features with their values."""
Vector = tuple[npt.NDArray[np.int64], Floats]
_MODIFIERS = frozenset(("compound", "amod", "flat", "nmod:poss"))


class Article:
    """What the features need of a document, computed once."""

    def __init__(self, scenes: Sequence[Scene], entities: Sequence[Entity], events: Sequence[Event]) -> None:
        self.scenes = {scene.sentence.index: scene for scene in scenes}
        self.roles: dict[str, set[str]] = defaultdict(set)
        for event in events:
            unreal = "" if event.realis == "actual" else "x"
            for name, mentions in (
                ("pp", event.perpetrators),
                ("tt", event.targets),
                ("vv", event.victims),
                ("ww", event.weapons),
            ):
                for mention in mentions:
                    self.roles[normal(mention.text)] |= {f"{name}{unreal}{bool(event.muc4)}", f"{name}{unreal}"}
        self.roles.pop("", None)
        self.labels: dict[str, set[str]] = defaultdict(set)
        for entity in entities:
            self.labels[normal(entity.text)] |= {entity.label, *(["id"] if entity.id else [])}
        self.labels.pop("", None)
        self._paths: dict[int, list[tuple[str, str]]] = {}

    def paths(self, sentence: int) -> list[tuple[str, str]]:
        """Trigger paths of a sentence's tokens."""
        if sentence not in self._paths:
            self._paths[sentence] = trigger_paths(self.scenes[sentence])
        return self._paths[sentence]


def candidate_features(article: Article, groups: Groups, scores: Floats) -> list[Vector]:
    """Rows and values for each group of candidates; `scores` are the document's types and relevance."""
    best = {key: max(c.begins for c in candidates) for key, candidates in groups.items()}
    tops = {role: max((p for (r, _), p in best.items() if r == role), default=0.0) for role in ROLES}
    texts = {role: [text for r, text in groups if r == role] for role in ROLES}
    by_text: dict[str, dict[str, float]] = defaultdict(dict)
    for (role, text), p in best.items():
        by_text[text][role] = p
    out: list[Vector] = []
    for (role, text), candidates in groups.items():
        likeliest = max(candidates, key=lambda c: (c.begins, -c.start))
        rivals = [(t, best[role, t]) for t in texts[role] if t != text]
        other = max((p for r, p in by_text[text].items() if r != role), default=0.0)
        features = [
            *_numbers(likeliest, candidates, rivals, scores, tops[role]),
            ("other", other),
            *_words(text, likeliest),
            *_readings(article, text),
            *_nested(text, best[role, text], rivals),
            *_parse(article, likeliest),
            *_shape(article, candidates, likeliest),
        ]
        rows = np.array([hashed(f"{role}|{name}") for name, _ in features], np.int64)
        out.append((rows, np.array([value for _, value in features], np.float32)))
    return out


def _readings(article: Article, text: str) -> Weighed:
    """What the rules and the names say of these words."""
    head = text.split()[-1]
    out = [(f"rule {x}", 0.8) for x in sorted(article.roles.get(text, ()))]
    kin = {x for other, roles in article.roles.items() if other.split()[-1] == head for x in roles}
    out += [(f"rulehead {x}", 0.4) for x in sorted(kin)]
    if text in article.labels:
        return out + [(f"ent {x}", 0.7) for x in sorted(article.labels[text])]
    inside = {x for name, labels in article.labels.items() if f" {name} " in f" {text} " for x in labels}
    return out + [(f"in {x}", 0.4) for x in sorted(inside)]


def _nested(text: str, mine: float, rivals: list[tuple[str, float]]) -> Weighed:
    """How it stands against candidates that hold it or stand in it."""
    longer = max((p for t, p in rivals if f" {text} " in f" {t} "), default=0.0)
    shorter = max((p for t, p in rivals if f" {t} " in f" {text} "), default=0.0)
    out = [("super", longer), ("sub", shorter)]
    out += [("beaten by longer", 1.0)] if longer > mine else []
    return out + ([("beaten by shorter", 1.0)] if shorter > mine else [])


def _parse(article: Article, best: Candidate) -> Weighed:
    sentence = article.scenes[best.sentence].sentence
    if not sentence.is_parsed:
        return [("unparsed", 0.5)]
    tokens = sentence.tokens
    inside = range(best.first, best.last)
    heads = [k for k in inside if tokens[k].head not in inside or tokens[k].head == k]
    head = heads[-1] if heads else best.last - 1
    token = tokens[head]
    cut = any(k not in inside and tokens[k].dep in _MODIFIERS for k in sentence.children[head])
    out = [
        (f"dep {token.dep}", 0.5),
        (f"dh {token.dep} {sentence.words[token.head]}", 0.4),
        (f"tag {token.tag}", 0.4),
        ("nheads", min(3, len(heads)) / 3),
        ("cut", float(cut)),
    ]
    steps, action = article.paths(best.sentence)[head]
    return [*out, (f"path {steps}", 0.4), (f"pa {steps} {action}", 0.5)] if action else out


def _shape(article: Article, candidates: list[Candidate], best: Candidate) -> Weighed:
    """The kinds of span it is, how surely the tagger marks exactly it, and the tags at its edges."""
    kinds = frozenset[str]().union(*(c.kinds for c in candidates))
    whole = "np" in kinds
    exact = best.begins * best.inside * (1 - best.after)
    tokens = article.scenes[best.sentence].sentence.tokens
    before = tokens[best.first - 1].tag if best.first else "<"
    after = tokens[best.last].tag if best.last < len(tokens) else ">"
    return [
        *((f"kind {kind}", 0.6) for kind in sorted(kinds)),
        ("toplog", math.log(best.top / (1.0001 - min(1.0, best.top)))),
        ("mean", best.mean),
        ("meanlog", math.log(max(best.mean, 1e-4))),
        ("bestmean", max(c.mean for c in candidates)),
        ("exact", exact),
        ("exactlog", math.log(max(1e-5, exact))),
        (f"before kind {best.before} {whole}", 0.4),
        (f"beh {best.behind} {whole}", 0.4),
        (f"ft {tokens[best.first].tag}", 0.3),
        (f"lt {tokens[best.last - 1].tag}", 0.3),
        (f"bt {before}", 0.3),
        (f"at {after}", 0.4),
    ]


def _numbers(
    best: Candidate, candidates: list[Candidate], rivals: list[tuple[str, float]], scores: Floats, top: float
) -> list[tuple[str, float]]:
    log_odds = math.log(best.begins / (1.0001 - best.begins))
    nowhere = math.prod(1 - min(0.99, c.begins) for c in candidates)
    return [
        ("bias", 1.0),
        ("log odds", log_odds),
        ("anywhere", -math.log(nowhere + 1e-6)),
        ("mentions", math.log(len(candidates))),
        ("inside", best.inside),
        ("after", best.after),
        ("place", min(best.sentence, 12) / 12),
        ("first", min(*(c.sentence for c in candidates), 12) / 12),
        ("rank", sum(1 for _, p in rivals if p > best.begins) / 5),
        ("ratio", best.begins / top if top else 0.0),
        ("relevant", float(scores[len(TYPES)])),
        ("odds if relevant", log_odds * float(scores[len(TYPES)])),
        *((f"type {k}", float(scores[k])) for k in range(len(TYPES))),
    ]


def _words(text: str, best: Candidate) -> list[tuple[str, float]]:
    words = text.split()
    return [
        ("length", min(len(words), 6) / 6),
        ("one word", float(len(words) == 1)),
        (f"head {words[-1]}", 0.7),
        (f"first {words[0]}", 0.5),
        (f"text {text}", 0.7),
        (f"suffix {words[-1][-3:]}", 0.4),
        (f"before {best.before}", 0.4),
        (f"behind {best.behind}", 0.4),
        *((f"action {action}", 0.25) for action in best.actions),
        *((f"word {word}", 0.3) for word in words),
    ]
