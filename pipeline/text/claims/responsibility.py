"""Claims of responsibility, denials and accusations: who is said to have done it, by whom.

"The group claimed responsibility for dozens of attacks" makes the group claimant and agent; "denied involvement" denies; "the minister blamed
the rebels for the blast" makes the minister the claimant and the rebels the agent. "No group has claimed responsibility" makes no claim.
"""

from dataclasses import dataclass

from pipeline.records import Stance
from pipeline.text.claims.numbers import find_numbers
from pipeline.text.events.classify import Scene
from pipeline.text.events.phrases import Phrase, run_after, run_before
from pipeline.text.events.syntax import roles_of

OBJECT_WORDS_MAX = 10
"""How far after "responsibility" its object may begin, words."""
_NOBODY = frozenset(("no", "nobody", "none", "not", "never", "n't", "neither", "yet"))
_OBJECT_NOUNS = frozenset(
    "attack attacks bombing bombings blast blasts explosion explosions killing killings murder murders assassination assassinations kidnapping "
    "kidnappings abduction shooting shootings massacre ambush raid strike strikes airstrike airstrikes assault incident violence hack breach cyberattack "
    "outage leak intrusion operation deaths death it fire shelling rocket rockets missile bomb bombs ransomware campaign".split()
)


@dataclass(frozen=True, slots=True)
class Responsibility:
    """One claim of responsibility, before its phrases become mentions."""

    stance: Stance
    claimant: Phrase | None
    agent: Phrase | None
    object: Phrase | None
    low: int | None
    high: int | None
    hedge: str | None
    first: int
    last: int


def _object_after(scene: Scene, k: int) -> Phrase | None:
    """The phrase after "for", "in" or "of" that follows token `k`."""
    words = scene.sentence.words
    for at in range(k, min(len(words) - 1, k + OBJECT_WORDS_MAX)):
        if words[at] in {"for", "in", "of", "over"}:
            start = at + 1
            if words[start : start + 1] == ("carrying",) or words[start : start + 1] == ("staging",):
                start += 2 if words[start + 1 : start + 2] == ("out",) else 1
            return _with_number(scene, start)
    return None


def _with_number(scene: Scene, start: int) -> Phrase | None:
    """The phrase at `start`, over a vague number ("dozens of attacks")."""
    words = scene.sentence.words
    phrase = run_after(scene.sentence, start)
    for number in find_numbers(scene.sentence):
        if number.first == start and words[number.last : number.last + 1] == ("of",):
            return run_after(scene.sentence, number.last + 1)
    return phrase


def _read(
    scene: Scene, first: int, last: int, stance: Stance, *, agent: Phrase | None, claimant: Phrase | None
) -> Responsibility:
    about = _object_after(scene, last)
    number = next(
        (n for n in find_numbers(scene.sentence) if about and last <= n.first <= about.first and n.is_count), None
    )
    low, high, hedge = (number.low, number.high, number.hedge) if number else (None, None, None)
    if number and number.hedge and number.high is None:
        low = None  # "dozens of attacks" counts no attacks
    return Responsibility(stance, claimant, agent, about, low, high, hedge, first, about.last if about else last)


def find_responsibility(scene: Scene) -> tuple[Responsibility, ...]:
    """The claims of responsibility of one sentence."""
    if "action.attribute" not in scene.kinds and not set(scene.sentence.words) & {
        "accused",
        "accuse",
        "accuses",
        "accusing",
        "denied",
        "denies",
    }:
        return ()
    sentence, out = scene.sentence, []
    words = sentence.words
    for cue in scene.cues:
        if cue.kind != "action.attribute" or cue.form != "verb":
            continue
        before = words[max(0, cue.first - 7) : cue.first]
        if set(before) & _NOBODY and not set(before) & {"only"}:
            continue
        agents = roles_of(sentence, cue).agents
        subject = agents[0] if agents else run_before(sentence, cue.first)
        if cue.phrase == "blame":
            out += _blamed(scene, cue.first, cue.last, subject)
        else:
            out.append(_read(scene, cue.first, cue.last, "claims", agent=subject, claimant=subject))
    for k, word in enumerate(words):
        if word.startswith("accus"):
            out += _accused(scene, k)
        elif word in {"denied", "denies", "deny"} and set(words[k + 1 : k + 4]) & {
            "responsibility",
            "involvement",
            "role",
            "link",
            "carrying",
            "being",
            "any",
        }:
            subject = run_before(sentence, k)
            if set(words[k + 1 : k + 5]) & {"responsibility", "involvement", "role", "carrying", "link"}:
                out.append(_read(scene, k, k + 2, "denies", agent=subject, claimant=subject))
    return tuple(out)


def _names_attack(scene: Scene, first: int, last: int) -> bool:
    return any(w in _OBJECT_NOUNS for w in scene.sentence.words[first:last])


def _index(words: tuple[str, ...], word: str, k: int) -> int:
    """Where `word` stands after `k`, within reach; else past the end."""
    return words.index(word, k) if word in words[k : k + OBJECT_WORDS_MAX] else len(words)


def _blamed(scene: Scene, first: int, last: int, subject: Phrase | None) -> list[Responsibility]:
    """ "blamed X for Y", "blamed Y on X", "was blamed on X"."""
    words = scene.sentence.words
    on, cause = (_index(words, word, last) for word in ("on", "for"))
    if on < cause:
        at = on
        agent, about = run_after(scene.sentence, at + 1), run_after(scene.sentence, last)
        if about is None:  # "the attack was blamed on X"
            about, subject = subject, None
        end = agent.last if agent else last
        if agent is None or about is None or not _names_attack(scene, about.first, about.last):
            return []
        return [Responsibility("accuses", subject, agent, about, None, None, None, first, end)]
    agent = run_after(scene.sentence, last)
    if agent is None or not _names_attack(scene, agent.last, agent.last + OBJECT_WORDS_MAX):
        return []
    return [_read(scene, first, agent.last, "accuses", agent=agent, claimant=subject)]


def _accused(scene: Scene, k: int) -> list[Responsibility]:
    """ "accused X of the attack", "accused X of carrying out the bombing", "X was accused of"."""
    words = scene.sentence.words
    if "of" not in words[k + 1 : k + 12]:
        return []
    of = words.index("of", k + 1)
    agent = (
        run_after(scene.sentence, k + 1)
        if of > k + 1
        else run_before(scene.sentence, k - 1 if words[k - 1] in {"was", "were"} else k)
    )
    if agent is not None and agent.last > of > agent.first:
        agent = Phrase(scene.sentence, agent.first, of, of - 1)
    subject = None if of == k + 1 else run_before(scene.sentence, k)
    about = words[of + 1 : of + 7]
    if agent is None or not (
        set(about[:5]) & _OBJECT_NOUNS
        or about[:1]
        in {
            ("carrying",),
            ("bombing",),
            ("attacking",),
            ("killing",),
            ("shelling",),
            ("orchestrating",),
            ("masterminding",),
            ("hacking",),
            ("launching",),
        }
    ):
        return []
    return [_read(scene, k, of, "accuses", agent=agent, claimant=subject)]
