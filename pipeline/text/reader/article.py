"""What two decisions over a whole article look at: of which class is the main event, and is the article worth an alert."""

import math

from pipeline.text.reader.gather import Gathered
from pipeline.text.reader.looks import Look, Mains
from pipeline.text.reader.report import Trigger

MAIN_MIN = 0.3
"""Triggers from this chance on are the main event's company when its class is decided."""
SURE_MIN = 0.6
"""From this chance on they are marked as sure."""
WORD_CHARS_MIN = 4
LEAD_SENTENCES = 2
KINDS: tuple[str, ...] = (
    "Armed clash",
    "Government regains territory",
    "Non-state actor overtakes territory",
    "Chemical weapon",
    "Air/drone strike",
    "Suicide bomb",
    "Shelling/artillery/missile attack",
    "Remote explosive/landmine/IED",
    "Grenade",
    "Sexual violence",
    "Attack",
    "Abduction/forced disappearance",
    "Excessive force against protesters",
    "Protest with intervention",
    "Peaceful protest",
    "Violent demonstration",
    "Mob violence",
    "Agreement",
    "Arrests",
    "Change to group/activity",
    "Disrupted weapons use",
    "Headquarters or base established",
    "Looting/property destruction",
    "Non-violent transfer of territory",
    "Other: Diplomacy",
    "Other: Organized crime",
    "Other: Man-made disaster",
    "Other: Natural disaster",
)
"""Classes of main events that were learned: ACLED's sub-types (2024), and what ACLED does not name."""


def anchor_of(mains: Mains) -> Trigger | None:
    """The trigger that is likeliest the main event."""
    return max(mains.main, key=lambda t: mains.main[t], default=None)


def words_of_kind(gathered: Gathered, mains: Mains) -> list[str]:
    """What the class of the main event is told by: what the rules call it, its triggers, their company, the words of their sentences."""
    anchor = anchor_of(mains)
    named = anchor.cls if anchor else None
    out = [f"R:{named.type}: {named.subtype}" if named else "R:none"]
    for trigger in gathered.report.triggers:
        p = mains.main.get(trigger, 0.0)
        if p < MAIN_MIN:
            continue
        mark = "hi" if p > SURE_MIN else "mid"
        out += [f"{mark}c:{trigger.cls.subtype if trigger.cls else None}", f"{mark}a:{trigger.cue.action}"]
        out += [f"{mark}p:{trigger.cue.phrase}", *(f"{mark}k:{cue.kind}" for cue in trigger.scene.cues)]
        out += [f"w:{word}" for word in trigger.sentence.words if len(word) >= WORD_CHARS_MIN]
    out += [f"t:{name}" for name in sorted(gathered.types)]
    out += [f"e0:{event.subtype}" for event in gathered.events[:1]]
    return out + [f"n:{count.kind}" for count in gathered.report.counts]


def look_at_article(gathered: Gathered, mains: Mains) -> Look:
    """Is it worth an alert?"""
    report, setting, events, types = gathered.report, gathered.setting, gathered.events, gathered.types
    anchor = anchor_of(mains)
    chances = sorted(mains.main.values(), reverse=True)
    sentences = report.sentences
    lead = sentences[:LEAD_SENTENCES]
    first = events[0] if events else None
    killed = [c.low or c.high or 0 for c in report.counts if c.kind == "killed"]
    numbers = [
        *[*chances, 0.0, 0.0, 0.0][:3],
        sum(chances),
        float(len(report.triggers)),
        float(len(sentences)),
        len(report.triggers) / max(1, len(sentences)),
        float(anchor.sentence.index if anchor else 99),
        float(anchor.cls.rank if anchor and anchor.cls else 0),
        float(anchor is not None and anchor.realis == "actual"),
        float(anchor is not None and anchor.realis == "background"),
        float(len(events)),
        float(first is not None and first.realis == "actual"),
        float(bool(first and first.perpetrators)),
        float(bool(first and (first.targets or first.victims))),
        float(bool(first and first.place)),
        float(len(report.counts)),
        math.log1p(max(killed, default=0)),
        float(len(types)),
        float(any(e.label == "GROUP" for e in report.reading.entities)),
        float(sum(e.label == "GROUP" for e in report.reading.entities)),
        *(setting.of_sentence(lead[0]) if lead else [0.0] * len(setting.empty)),
    ]
    words: list[str] = []
    for sentence in sentences:
        mark = "l" if sentence.index < LEAD_SENTENCES else "w"
        words += [f"{mark}:{word}" for word in sentence.words if word.isalpha()]
        if mark == "l":
            words += [f"b:{a} {b}" for a, b in zip(sentence.words, sentence.words[1:], strict=False)]
            words += [f"lc:{cue.kind}" for cue in report.reading.scenes[sentence.index].cues]
        words += [f"c:{cue.kind}" for cue in report.reading.scenes[sentence.index].cues]
    words += [f"e:{e.subtype}|{e.realis}" for e in events] + [f"t:{name}" for name in sorted(types)]
    if anchor is not None:
        words += [f"A:{anchor.cls.subtype if anchor.cls else None}|{anchor.realis}|{min(anchor.sentence.index, 3)}"]
    return numbers, words
