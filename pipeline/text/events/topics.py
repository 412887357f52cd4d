"""Whether an article speaks of other things: software, markets, cooking, sport, shows, whose language is full of killing and attacks.

`speaks_in_figures` counts distinct words of each topic in the beginning of an article (`data/topics.toml`) against signs that violence is meant
literally: weapons, fighters, soldiers, people killed or wounded in numbers, a listed group. Pure counting, linear in the words it looks at.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from pipeline.records import Entity
from pipeline.text.claims.counts import find_counts
from pipeline.text.events.classify import Scene
from pipeline.text.events.lexicon import DATA

_LOOSE = frozenset(
    "rebel rebels leader gang pirate warlord cartel attacker tribe bullet arrow stick stone club mine tank shell plane jet".split()
)
"""Cues that are as often figures, brands or people of peaceful trades."""
_HARMED = frozenset(("killed", "wounded", "abducted", "displaced", "missing"))
_STATISTICS = frozenset(("year", "annually", "decade"))


@dataclass(frozen=True, slots=True)
class Topics:
    """Words by topic, and when a topic is the article's: the numbers of `[limits]`."""

    words: dict[str, frozenset[str]]
    lead_words: int
    topic_words_min: int
    hard_max: int
    topic_words_sure: int
    hard_max_sure: int


@cache
def load_topics() -> Topics:
    """The topics that ship with tocsin; a malformed file fails at load."""
    table = tomllib.loads((DATA / "topics.toml").read_text(encoding="utf-8"))
    return Topics({name: frozenset(words) for name, words in table["topics"].items()}, **table["limits"])


def speaks_in_figures(scenes: Sequence[Scene], entities: Sequence[Entity]) -> bool:
    """Whether the article's beginning is about a topic of peace and nothing in it says that violence is meant literally."""
    topics = load_topics()
    lead: list[Scene] = []
    words: list[str] = []
    for scene in scenes:
        if len(words) >= topics.lead_words:
            break
        lead.append(scene)
        words += scene.sentence.words
    seen = set(words[: topics.lead_words])
    most = max(len(seen & of_topic) for of_topic in topics.words.values())
    if most < topics.topic_words_min:
        return False
    end = lead[-1].sentence.end
    hard = _hard_signs(lead) + any(e.label == "GROUP" and e.id and e.start < end for e in entities)
    return hard <= (topics.hard_max_sure if most >= topics.topic_words_sure else topics.hard_max)


def _hard_signs(scenes: Sequence[Scene]) -> int:
    """How many different signs of literal violence there are."""
    signs: set[str] = set()
    for scene in scenes:
        for cue in scene.cues:
            if (
                (cue.kind.startswith(("weapon.", "context.armed")) and cue.phrase not in _LOOSE)
                or (
                    cue.kind == "context.state"
                    and cue.phrase
                    in {
                        "soldier",
                        "troops",
                        "army",
                        "police",
                        "security forces",
                        "policeman",
                    }
                )
                or cue.kind.startswith("action.suicide")
                or cue.phrase
                in {
                    "kidnap",
                    "abduct",
                    "airstrike",
                    "air strike",
                    "shelling",
                }
            ):
                signs.add(cue.phrase)
        if (
            any(c.kind in _HARMED and c.object is not None for c in find_counts(scene))
            and not set(scene.sentence.words) & _STATISTICS
        ):
            signs.add("harmed")
    return len(signs)
