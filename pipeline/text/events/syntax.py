"""Who does it and who suffers it: the agents and patients of a trigger, by the dependency tree or, without one, by the window.

The tree is walked, not matched: relative pronouns, coordination, control ("accused the government of releasing"), participles ("killed by",
"killing 12"), "by" phrases and light verbs ("carried out an attack"). A subject is never inherited across parataxis or a report
("X said Y killed": X is not Y). Voice is read from the auxiliaries before the labels are trusted.
"""

from dataclasses import dataclass

from pipeline.text.events.lexicon import Cue
from pipeline.text.events.phrases import Phrase, phrase_at, run_after, run_before
from pipeline.text.events.tokens import Sentence

CLIMB_STEPS_MAX = 6
"""How far up the tree a missing subject is looked for."""
_BE = frozenset("is are was were be been being am gets got get 's".split())
_DAYS = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday today yesterday morning night week month year".split()
)
_NOMINAL = frozenset(("NN", "PR", "CD", "DT", "JJ", "FW", "WP", "WD", "VB", ""))
_RELATIVE = frozenset(("who", "which", "that", "whom"))
_LIGHT = frozenset(
    "carry carries carried carrying launch launches launched launching stage staged staging conduct conducted conducting commit committed "
    "committing perpetrate perpetrated make made mount mounted execute executed plan planned planning organize organized organise organised "
    "claim claimed orchestrate orchestrated undertake undertook unleash unleashed hold held wage waged open opened lead led".split()
)
_CROWD_WORDS = frozenset("people persons others civilians children residents percent countries".split())
_ON = frozenset(("on", "against", "at", "upon", "targeting", "in"))
_REPORT = frozenset(
    "said says say told reported reports announced added stated confirmed claimed noted warned believe believes believed know knows".split()
)


@dataclass(frozen=True, slots=True)
class Roles:
    """Phrases in the order found; empty where the sentence names none."""

    agents: tuple[Phrase, ...] = ()
    patients: tuple[Phrase, ...] = ()
    is_passive: bool = False


def _with_conjuncts(sentence: Sentence, k: int) -> list[int]:
    tokens = sentence.tokens
    return [k, *(c for c in sentence.children[k] if tokens[c].dep == "conj" and tokens[c].tag[:2] != "VB")]


def _below(sentence: Sentence, k: int, *deps: str) -> list[int]:
    return [x for c in sentence.children[k] if sentence.tokens[c].dep in deps for x in _with_conjuncts(sentence, c)]


def _case(sentence: Sentence, k: int) -> str:
    """The preposition of an oblique or nominal modifier."""
    for child in sentence.children[k]:
        if sentence.tokens[child].dep in {"case", "mark"} and child < k:
            return sentence.tokens[child].lower
    return ""


def is_passive(sentence: Sentence, verb: int) -> bool:
    """Whether the participle at `verb` is passive, by its auxiliaries (the tagger confuses VBD with VBN)."""
    token = sentence.tokens[verb]
    if sentence.is_parsed:
        below = sentence.children[verb]
        if any(sentence.tokens[c].dep in {"aux:pass", "nsubj:pass"} for c in below):
            return True
        auxiliaries = {sentence.words[c] for c in below if sentence.tokens[c].dep.startswith("aux") and c < verb}
        if auxiliaries:
            return bool(auxiliaries & _BE) and token.tag == "VBN"
        if token.dep in {"conj", "xcomp"} and token.head != verb and _has_number(sentence, verb):
            return token.tag == "VBN" and is_passive(sentence, token.head)  # "23 soldiers were killed and 41 wounded"
        return token.dep == "acl" and token.tag in {"VBN", "VBD"}
    if not token.lower.endswith(("ed", "en", "un", "ain", "ot", "own", "aten", "eld", "ken")):
        return False
    before = sentence.words[max(0, verb - 4) : verb]
    after = sentence.words[verb + 1 : verb + 3]
    return bool(set(before) & (_BE - {"'s"})) or "by" in after


def _has_number(sentence: Sentence, verb: int) -> bool:
    """Whether a number stands for those who suffer `verb`, below it in the tree or right before it."""
    below = any(sentence.tokens[c].dep == "nummod" for c in sentence.children[verb])
    return below or (verb > 0 and sentence.tokens[verb - 1].tag == "CD")


def _agents_by(sentence: Sentence, verb: int) -> list[int]:
    return _below(sentence, verb, "obl:agent") or [
        x
        for x in _below(sentence, verb, "obl", "nmod")
        if _case(sentence, x) == "by" and sentence.tokens[x].tag.startswith(("NN", "PRP"))
    ]


def _subjects(sentence: Sentence, verb: int) -> list[int]:
    """Tokens that do what `verb` says, climbing where the verb has no subject of its own. A passive governor hands on its subject."""
    at = verb
    for _ in range(CLIMB_STEPS_MAX):
        own = _below(sentence, at, "nsubj", "nsubj:pass", "csubj")
        if own:
            return _relative_head(sentence, at, own)
        token = sentence.tokens[at]
        if token.dep in {"acl", "acl:relcl"} and token.head != at:
            return _with_conjuncts(sentence, token.head)
        if token.dep not in {"conj", "xcomp", "advcl", "ccomp"} or token.head == at:
            return []
        head = token.head
        if token.dep == "ccomp" and sentence.words[head] in _REPORT:
            return []
        if token.dep in {"advcl", "xcomp"}:
            controlled = _below(sentence, head, "obj")
            if controlled and (_case(sentence, at) in {"of", "for", "from"} or token.dep == "xcomp"):
                return controlled
        at = head
    return []


def _relative_head(sentence: Sentence, verb: int, own: list[int]) -> list[int]:
    token = sentence.tokens[verb]
    if sentence.words[own[0]] in _RELATIVE and token.dep == "acl:relcl" and token.head != verb:
        return _with_conjuncts(sentence, token.head)
    return own


def _verb_roles(sentence: Sentence, verb: int) -> Roles:
    token = sentence.tokens[verb]
    if is_passive(sentence, verb):
        patients = _below(sentence, verb, "nsubj:pass", "nsubj")
        if patients:
            patients = _relative_head(sentence, verb, patients)
        elif token.dep in {"acl", "acl:relcl"}:
            patients = _with_conjuncts(sentence, token.head)
        elif token.dep == "conj":
            patients = _subjects(sentence, verb)
        agents = _agents_by(sentence, verb)
        return Roles(_phrases(sentence, agents), _phrases(sentence, patients), is_passive=True)
    objects = _below(sentence, verb, "obj", "iobj")
    for particle in _below(sentence, verb, "obl"):
        if _case(sentence, particle) in {"on", "at", "upon", "into", "against"} and not objects:
            objects = [particle]
    if not objects:
        # "killed and wounded hundreds": the object stands at the last of the verbs
        shared = [
            c for c in sentence.children[verb] if sentence.tokens[c].dep == "conj" and not _below(sentence, c, "nsubj")
        ]
        objects = [x for c in shared[:2] for x in _below(sentence, c, "obj")][:3]
    return Roles(_phrases(sentence, _subjects(sentence, verb)), _phrases(sentence, objects))


def _counts_people(sentence: Sentence, k: int) -> bool:
    """ "Nearly 20 people" after "by" are those who suffered or signed, seldom those who bombed."""
    number = any(sentence.tokens[c].dep.startswith("nummod") for c in sentence.children[k])
    return sentence.words[k] in _CROWD_WORDS and (number or sentence.words[k - 1][:1].isdigit())


def _noun_roles(sentence: Sentence, noun: int) -> Roles:
    agents: list[int] = [k for k in _agents_by(sentence, noun) if not _counts_people(sentence, k)]
    patients: list[int] = []
    for child in _below(sentence, noun, "nmod", "obl", "acl"):
        case = _case(sentence, child)
        if case in _ON - {"in", "at"} or (case == "of" and sentence.tokens[child].tag.startswith(("NN", "CD"))):
            patients.append(child)
    agents += _below(sentence, noun, "nmod:poss")
    token = sentence.tokens[noun]
    if token.dep == "obj" and sentence.words[token.head] in _LIGHT:
        agents += _subjects(sentence, token.head)
    if token.dep in {"nsubj:pass", "nsubj"} and sentence.words[token.head] in _LIGHT:
        agents += _agents_by(sentence, token.head)
    return Roles(_phrases(sentence, agents), _phrases(sentence, patients))


def _phrases(sentence: Sentence, heads: list[int]) -> tuple[Phrase, ...]:
    named = [head for head in heads[:4] if sentence.tokens[head].tag[:2] in _NOMINAL and sentence.tokens[head].is_word]
    return tuple(phrase_at(sentence, head) for head in named)


def _window_roles(sentence: Sentence, cue: Cue) -> Roles:
    """Without a parse: the run before and the run after, exchanged in the passive."""
    words = sentence.words
    if cue.form == "noun":
        after = words[cue.last : cue.last + 1]
        target = run_after(sentence, cue.last + 1) if after and after[0] in _ON | {"of"} else None
        by = _by_phrase(sentence, cue.last)
        return Roles(tuple(p for p in (by,) if p), tuple(p for p in (target,) if p))
    first = cue.first
    while first and words[first - 1] in _BE | {
        "has",
        "have",
        "had",
        "also",
        "been",
        "not",
        "reportedly",
        "then",
        "later",
        "would",
        "to",
        "could",
    }:
        first -= 1
    before = run_before(sentence, first)
    if is_passive(sentence, cue.first):
        by = _by_phrase(sentence, cue.last)
        return Roles(tuple(p for p in (by,) if p), tuple(p for p in (before,) if p), is_passive=True)
    after_run = run_after(sentence, cue.last)
    return Roles(tuple(p for p in (before,) if p), tuple(p for p in (after_run,) if p))


def _by_phrase(sentence: Sentence, k: int) -> Phrase | None:
    for at in range(k, min(len(sentence.words) - 1, k + 8)):
        if sentence.words[at] in {",", ";"}:
            return None
        if sentence.words[at] == "by":
            found = run_after(sentence, at + 1)
            counted = found is not None and found.words[-1] in _CROWD_WORDS and any(w[0].isdigit() for w in found.words)
            return None if counted else found
    return None


def roles_of(sentence: Sentence, cue: Cue) -> Roles:
    """Agents and patients of the trigger; days ("said Wednesday they …") are neither."""
    found = _roles(sentence, cue)
    agents = tuple(p for p in found.agents if p.words[-1] not in _DAYS)
    if len(agents) < len(found.agents) and not agents and cue.form == "verb":
        agents = tuple(p for p in _window_roles(sentence, cue).agents if p.is_pronoun)
    return Roles(agents, tuple(p for p in found.patients if p.words[-1] not in _DAYS), is_passive=found.is_passive)


def _roles(sentence: Sentence, cue: Cue) -> Roles:
    if not sentence.is_parsed:
        return _window_roles(sentence, cue)
    if cue.form == "noun" and not sentence.tokens[cue.last - 1].tag.startswith("VB"):
        return _noun_roles(sentence, cue.last - 1)
    head = cue.first
    if not sentence.tokens[head].tag.startswith("VB"):
        verbs = [k for k in range(cue.first, cue.last) if sentence.tokens[k].tag.startswith("VB")]
        if not verbs:
            return _window_roles(sentence, cue)
        head = verbs[0]
    return _verb_roles(sentence, head)
