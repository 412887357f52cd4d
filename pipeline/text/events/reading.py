"""One article as the rules read it: its sentences, cues, speakers, entities and day, computed once and shared by the steps."""

from collections.abc import Sequence
from datetime import datetime

from pipeline.records import Entity
from pipeline.text.claims.attribution import read_speakers
from pipeline.text.events.classify import Scene
from pipeline.text.events.lexicon import load_lexicon
from pipeline.text.events.tokens import Sentence

_BOILERPLATE = (
    "leave a reply",
    "your email address will not be published",
    "all rights reserved",
    "required fields are marked",
    "subscribe to our",
)


class Reading:
    """One article being read."""

    def __init__(
        self, sentences: Sequence[Sentence], text: str, entities: tuple[Entity, ...], published: datetime | None
    ) -> None:
        self.sentences = tuple(sentences)
        self.text = text
        self.entities = entities
        self.published = published
        self.year = published.year if published else None
        lexicon = load_lexicon()
        self.scenes = tuple(Scene(s, lexicon.find(s)) for s in self.sentences)
        self.saids = read_speakers(self.sentences, text, entities)
        self.end = _body_end(self.sentences, text)

    def entities_in(self, sentence: Sentence) -> tuple[Entity, ...]:
        """The entities of one sentence."""
        return tuple(e for e in self.entities if sentence.start <= e.start < sentence.end)


def _body_end(sentences: tuple[Sentence, ...], text: str) -> int:
    """Where the article ends and the page's own words begin."""
    for sentence in sentences:
        if text[sentence.start : sentence.end].lower().startswith(_BOILERPLATE):
            return sentence.start
    return len(text)
