"""What each decision looks at: numbers (for the trees) and words (hashed, for the linear models).

Every function gives (numbers, words) of one thing to be decided; the numbers have a fixed length. Words carry a prefix that says where
they stand. Later decisions look at the earlier ones through `Mains`.
"""

import math
from dataclasses import dataclass

from pipeline.records import Claim
from pipeline.text.events.tokens import Sentence
from pipeline.text.reader.paths import case_of, depth, governed, path
from pipeline.text.reader.report import Party, Report, Trigger
from pipeline.text.reader.setting import Setting

Look = tuple[list[float], list[str]]
_GOVERN = frozenset("after following since before despite over for of amid during in against about last".split())
_VERBAL = frozenset(("root", "ROOT", "ccomp", "advcl", "acl", "acl:relcl", "xcomp", "conj", "parataxis"))
KINDS = ("killed", "wounded", "captured", "abducted", "released", "surrendered", "displaced", "missing", "seized")


@dataclass(frozen=True)
class Mains:
    """What has been decided of the triggers: the chance that each tells of the main event, of another, of none."""

    main: dict[Trigger, float]
    other: dict[Trigger, float]

    def of_sentence(self, report: Report, index: int) -> tuple[float, float]:
        """The best chance of a sentence's triggers to be main, and to be another event."""
        triggers = report.index.get(index, ())
        return (
            max((self.main.get(t, 0.0) for t in triggers), default=0.0),
            max((self.other.get(t, 0.0) for t in triggers), default=0.0),
        )


def look_at_trigger(report: Report, setting: Setting, trigger: Trigger) -> Look:
    """Is it an event, and the one that the article is about?"""
    sentence, cue = trigger.sentence, trigger.cue
    token = sentence.tokens[cue.first]
    action = cue.action
    same = [t for t in report.triggers if t.cue.action == action]
    rank = trigger.cls.rank if trigger.cls else 0
    ranks = [t.cls.rank for t in report.triggers if t.cls and t.realis == "actual"]
    before = sentence.words[max(0, cue.first - 4) : cue.first]
    counted = [c for c in report.counts if sentence.start <= c.start < sentence.end]
    numbers = [
        *setting.of_sentence(sentence),
        *setting.tags(sentence, cue.first)[:1],
        float(cue.first),
        cue.first / len(sentence.words),
        float(depth(sentence, cue.first)),
        float(rank),
        float(rank - max(ranks, default=0)),
        float(len(same)),
        float(len({t.sentence.index for t in same})),
        float(any(t.sentence is setting.lead for t in same)),
        float(report.index[sentence.index].index(trigger)),
        float(len(counted)),
        float(any(c.start < trigger.end and trigger.start < c.end for c in counted)),
        float(bool(set(before) & _GOVERN)),
        float(token.dep in _VERBAL),
        float(trigger.realis == "actual"),
        float(len(report.triggers)),
        float(sentence.is_quote_open[cue.first]),
    ]
    kind = f"{action}|{cue.form}|{cue.inflection}"
    subtype = trigger.cls.subtype if trigger.cls else "none"
    head = sentence.words[token.head] if token.head >= 0 else ""
    place = min(sentence.index, 3)
    words = [
        f"a:{action}",
        f"k:{kind}",
        f"p:{cue.phrase}|{cue.inflection}",
        f"c:{subtype}",
        f"cr:{subtype}|{trigger.realis}",
        f"cp:{subtype}|{place}",
        f"d:{token.dep}",
        f"ad:{action}|{token.dep}",
        f"h:{token.dep}|{head}",
        f"s0:{sentence.words[0]}",
        f"s01:{' '.join(sentence.words[:2])}",
        *(f"-{w}" for w in before),
        *(f"-{i}{w}" for i, w in enumerate(reversed(before[-2:]))),
        *(f"+{w}" for w in sentence.words[cue.last : cue.last + 4]),
        *(f"+{i}{w}" for i, w in enumerate(sentence.words[cue.last : cue.last + 2])),
        *(f"sc:{c.kind}" for c in trigger.scene.cues),
        *(f"ac:{action}|{c.kind}" for c in trigger.scene.cues if c is not cue),
    ]
    if setting.lead is not None and sentence is not setting.lead:
        words += [f"l:{t.cue.action}|{action}" for t in report.index.get(setting.lead.index, ())]
        words += [f"lc:{t.cls.subtype if t.cls else None}|{subtype}" for t in report.index.get(setting.lead.index, ())]
    return numbers, words


def _nearest(report: Report, mains: Mains, sentence: Sentence, k: int) -> Trigger | None:
    """The trigger of the sentence to which a token is nearest by the parse, then by words, likelier main events first."""
    triggers = report.index.get(sentence.index, ())
    if not triggers:
        return None
    return min(triggers, key=lambda t: (path(sentence, k, t.cue.first)[1], abs(t.cue.first - k), -mains.main.get(t, 0)))


def look_at_count(report: Report, setting: Setting, mains: Mains, claim: Claim) -> Look | None:
    """Is it a number of the main event?"""
    sentence = report.sentence_of(claim.start)
    if sentence is None:
        return None
    span = sentence.at(claim.start, claim.end) or (0, 1)
    inside = [t for t in report.index.get(sentence.index, ()) if t.start < claim.end and claim.start < t.end]
    own = inside or [t for t in (_nearest(report, mains, sentence, span[0]),) if t]
    best, other = mains.of_sentence(report, sentence.index)
    anchor = max(mains.main, key=lambda t: mains.main[t], default=None)
    same = [c for c in report.counts if c.kind == claim.kind]
    value = claim.low if claim.low is not None else claim.high or 0
    values = [c.low if c.low is not None else c.high or 0 for c in same]
    earlier = [c for c in same if c.start < claim.start]
    object_head = claim.object.text.casefold().split()[-1] if claim.object and claim.object.text.split() else ""
    lead = setting.lead
    elsewhere = (
        sum(object_head in setting.words[s.index] for s in report.sentences if s is not sentence) if object_head else 0
    )
    numbers = [
        *setting.of_sentence(sentence),
        max((mains.main.get(t, 0.0) for t in own), default=0.0),
        max((mains.other.get(t, 0.0) for t in own), default=0.0),
        best,
        other,
        best - other,
        float(anchor is not None and anchor.sentence is sentence),
        float(sentence.index - anchor.sentence.index) if anchor else 0.0,
        float(anchor is not None and any(anchor is t for t in own)),
        math.log1p(value),
        float(value == 1),
        float(claim.hedge is not None),
        float(claim.part),
        float(claim.since is not None),
        float(claim.as_of is not None),
        float(claim.realis == "actual"),
        float(claim.claimant is not None),
        float(claim.agent is not None),
        float(len(same)),
        float(len(earlier)),
        float(value >= max(values, default=0)),
        math.log1p(max(values, default=0)) - math.log1p(value),
        float(any((c.low, c.high) == (claim.low, claim.high) for c in earlier)),
        float(len(earlier) == 0),
        float(len(report.counts)),
        float(lead is not None and object_head in setting.words[lead.index]),
        float(elsewhere),
        float(KINDS.index(claim.kind)) if claim.kind in KINDS else -1.0,
    ]
    cls = anchor.cls.subtype if anchor and anchor.cls else "none"
    first, last = span
    words = [
        f"k:{claim.kind}",
        f"kc:{claim.kind}|{cls}",
        f"o:{object_head}",
        f"ok:{claim.kind}|{object_head}",
        f"h:{(claim.hedge or '').lower()}",
        f"s0:{sentence.words[0]}",
        f"s01:{' '.join(sentence.words[:2])}",
        *(f"a:{t.cue.action}|{t.cue.form}|{t.cue.inflection}" for t in own),
        *(f"ac:{t.cue.action}|{cls}" for t in own),
        *(f"i:{w}" for w in sentence.words[first:last]),
        *(f"-{w}" for w in sentence.words[max(0, first - 4) : first]),
        *(f"+{w}" for w in sentence.words[last : last + 5]),
        *(f"w:{w}" for w in set(sentence.words)),
    ]
    return numbers, words


def look_at_party(
    report: Report, setting: Setting, mains: Mains, party: Party, roles: dict[str, set[tuple[int, int]]]
) -> Look:
    """Which role has the phrase in the main event? `roles`: character spans that the rules read, by role."""
    phrase, sentence, head = party.phrase, party.sentence, party.phrase.head
    triggers = sorted(report.index.get(sentence.index, ()), key=lambda t: -mains.main.get(t, 0.0))
    best, other = mains.of_sentence(report, sentence.index)
    near = _nearest(report, mains, sentence, head)
    main = triggers[0] if triggers and mains.main.get(triggers[0], 0) > 0.1 else None
    token = sentence.tokens[head]
    start, end = phrase.start, phrase.end
    counted = [c for c in report.counts if c.object and c.object.start < end and start < c.object.end]
    agents = [c for c in report.counts if c.agent and c.agent.start < end and start < c.agent.end]
    speaks = any(a < end and start < b for a, b in setting.speakers[sentence.index])
    entity = party.entity
    label = entity.label if entity else "none"
    same = report.like(party)
    to_main, steps_main = path(sentence, head, main.cue.first) if main else ("", 9)
    to_near, steps_near = path(sentence, head, near.cue.first) if near else ("", 9)
    case = case_of(sentence, head)
    before = sentence.words[phrase.first - 1] if phrase.first else "<s>"
    after = sentence.words[phrase.last] if phrase.last < len(sentence.words) else "</s>"
    anchor = max(mains.main, key=lambda t: mains.main[t], default=None)
    cls = anchor.cls.subtype if anchor and anchor.cls else "none"
    numbers = [
        *setting.of_sentence(sentence),
        *setting.tags(sentence, head),
        best,
        other,
        mains.main.get(main, 0.0) if main else 0.0,
        mains.main.get(near, 0.0) if near else 0.0,
        mains.other.get(near, 0.0) if near else 0.0,
        float(steps_main),
        float(steps_near),
        float(head - main.cue.first) if main else 0.0,
        float(near is main and main is not None),
        float(anchor is not None and anchor.sentence is sentence),
        float(sentence.index - anchor.sentence.index) if anchor else 0.0,
        float(party.is_modifier),
        float(entity is not None),
        float(bool(entity and entity.id)),
        float(speaks),
        float(bool(counted)),
        float(bool(agents)),
        float(phrase.first > 0 and sentence.words[phrase.first - 1] in {"a", "an"}),
        float(phrase.first > 0 and sentence.words[phrase.first - 1] in {"the", "this", "that"}),
        float(phrase.last - phrase.first),
        float(len(same)),
        float(len({p.sentence.index for p in same})),
        float(head),
        float(depth(sentence, head)),
        *(float(any(a < end and start < b for a, b in roles[role])) for role in ROLE_SETS),
    ]
    hangs, governor, sort = governed(sentence, head)
    action = f"{main.cue.action}{main.cue.form[0]}" if main else "none"
    near_action = f"{near.cue.action}{near.cue.form[0]}" if near else "none"
    kinds = sorted({c.kind for c in trigger_cues(report, sentence) if c.first < phrase.last and phrase.first < c.last})
    words = [
        f"h:{party.head}",
        f"h3:{party.head[-3:]}",
        f"t:{token.tag}",
        f"d:{token.dep}",
        f"l:{label}",
        f"lh:{label}|{party.head}" if entity is None else f"id:{entity.id}",
        f"pm:{to_main}",
        f"pma:{to_main}|{action}",
        f"pml:{to_main}|{label}",
        f"pmh:{to_main}|{party.head}",
        f"pna:{to_near}|{near_action}",
        f"ah:{action}|{party.head}",
        f"al:{action}|{label}",
        f"ca:{case}|{action}",
        f"cl:{case}|{label}",
        f"b:{before}",
        f"a:{after}",
        f"ba:{before}|{action}",
        f"g:{hangs}|{governor}",
        f"gs:{hangs}|{sort}",
        f"gl:{hangs}|{label}",
        f"gh:{hangs}|{party.head}",
        f"ga:{hangs}|{near_action}",
        f"gc:{case}|{governor}",
        f"mod:{party.is_modifier}|{label}|{near_action}",
        f"cls:{cls}|{party.head}",
        f"clp:{cls}|{to_main}",
        f"clb:{cls}|{before}",
        *(f"w:{w}" for w in phrase.words),
        *(f"cue:{kind}" for kind in kinds),
        *(f"cuep:{kind}|{to_main}" for kind in kinds),
        *(f"n:{c.kind}" for c in counted),
    ]
    return numbers, words


def trigger_cues(report: Report, sentence: Sentence) -> tuple:  # type: ignore[type-arg]
    """All cues of a sentence."""
    return report.reading.scenes[sentence.index].cues


ROLE_SETS = (
    "perpetrators",
    "targets",
    "victims",
    "weapons",
    "claim-agents",
    "muc-by",
    "muc-target",
    "muc-victim",
    "responsible",
    "accused",
    "other-perpetrators",
    "other-victims",
)
