"""What the recognisers exchange: the scene they look at, and what they saw."""

import re
from collections.abc import Callable
from typing import NamedTuple

from pipeline.text.indicators.refang import View


class Candidate(NamedTuple):
    """An indicator in the view, not judged yet."""

    kind: str
    value: str
    start: int
    end: int


class Found(NamedTuple):
    """What one recogniser saw, and the place in the view where the scan goes on."""

    candidates: tuple[Candidate, ...]
    resume: int


class Scene:
    """The view under scan, with what the recognisers ask of it again and again."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.text = view.text
        self.is_mobile = "Android" in view.text or "APK" in view.text or "package name" in view.text
        self.is_mac = "Mac" in view.text or "OS X" in view.text or "macOS" in view.text or ".dmg" in view.text
        self.names_bots = "elegram" in view.text or " bot " in view.text
        self._next: dict[str, int] = {}
        self.names_attack = "ATT&CK" in view.text or "ATT&amp;CK" in view.text or "MITRE" in view.text

    def written(self, start: int, end: int) -> str:
        """The stretch `start`..`end` of the view as the source has it."""
        first, last = self.view.span(start, end)
        return self.view.source[first:last]

    def is_defanged(self, start: int, end: int) -> bool:
        """Whether the stretch differs from how it was written."""
        return bool(self.view.places) and self.written(start, end) != self.text[start:end]

    def next_place(self, word: str, start: int) -> int:
        """Where `word` stands next at or after `start`, or -1. Remembered, so that many questions cost one pass."""
        known = self._next.get(word)
        if known is None or 0 <= known < start:
            known = self._next[word] = self.text.find(word, start)
        return known


Recogniser = Callable[[Scene, re.Match[str]], Found]


def nothing(match: re.Match[str]) -> Found:
    """No indicator here; go on behind the match."""
    return Found((), match.end())


def one(kind: str, value: str, start: int, end: int) -> Found:
    """One indicator; go on behind it."""
    return Found((Candidate(kind, value, start, end),), end)
