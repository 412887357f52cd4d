"""An optional second opinion on events, by a language model or anything else that can be asked. Off unless a check is given.

A check is asked about the few events that may ring an alarm, one at a time, with the words of the article that show them. It may
confirm an event or take it away, and nothing else: it invents no event, changes no number and no name, so every field of what remains still
stands in the text. A check that fails or answers nothing leaves the event as it was, and is counted in `Checked.failed`.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

from msgspec.structs import replace

from pipeline.errors import ConfigError
from pipeline.records import Claim, Event, Findings

log = logging.getLogger(__name__)

CHECKS_MAX = 3
"""Events of one article that are asked about: the first ones, which matter most."""
CONTEXT_CHARS = 600
"""Text before and behind the event's words that the check is shown."""
ASKED = frozenset(("actual", "attempted", "threatened", "planned"))
"""Events of these realis are asked about; the others ring no alarm."""


class EventCheck(Protocol):
    """Answers whether a passage tells of an event; a callable with this signature is enough.

    Called from one thread at a time. It has to bound its own time: the analysis waits for it, and an article that takes longer than the
    pipeline's limit is set aside.
    """

    def __call__(self, passage: str, event: Event) -> bool | None:
        """True: it does; False: it does not (a figure of speech, fiction, another thing); None: can't tell."""
        ...


@dataclass(frozen=True, slots=True)
class Checked:
    """Findings after the check, and how many questions it failed to answer."""

    findings: Findings
    asked: int = 0
    failed: int = 0


def load_check(name: str) -> EventCheck:
    """The check called `package.module:function`. Raises ConfigError when there is none."""
    module, _, attribute = name.partition(":")
    try:
        found = getattr(import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(
            f"can't load the event check {name!r} ({error}); name it as package.module:function"
        ) from error
    if not callable(found):
        raise ConfigError(f"the event check {name!r} can't be called")
    return cast("EventCheck", found)


def check_events(check: EventCheck, text: str, findings: Findings) -> Checked:
    """The findings without the events that the check took away; their claims stay, without an event."""
    asked = failed = 0
    gone: set[int] = set()
    for k, event in enumerate(findings.events):
        if asked == CHECKS_MAX or event.realis not in ASKED:
            continue
        asked += 1
        passage = text[max(0, event.start - CONTEXT_CHARS) : event.end + CONTEXT_CHARS]
        try:
            answer = check(passage, event)
        except Exception:  # whatever a plugged-in check raises must not cost an article
            log.warning("the event check failed", exc_info=True)
            answer = None
        failed += answer is None
        if answer is False:
            gone.add(k)
    return Checked(_without(findings, gone), asked, failed)


def _without(findings: Findings, gone: set[int]) -> Findings:
    if not gone:
        return findings
    kept = [k for k in range(len(findings.events)) if k not in gone]
    return replace(
        findings,
        events=tuple(findings.events[k] for k in kept),
        claims=tuple(_moved(claim, kept) for claim in findings.claims),
    )


def _moved(claim: Claim, kept: Sequence[int]) -> Claim:
    return replace(claim, event=kept.index(claim.event) if claim.event in kept else None)
