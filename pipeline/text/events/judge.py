"""The trained judge's verdict on what the rules found.

The models of `incidents` read the document whole. Where they see no incident, an event keeps its class but is none in the sense of MUC-4
(soldiers against rebels, a threat in a speech); where they see one that the rules took for background, it happened. Their fillers
replace the roles of an incident that the rules read. Background, denied and supposed events keep their MUC-4 type: it says
what they would be.
"""

from pipeline.records import Entity, Mention, Party
from pipeline.text.events.gather import Draft
from pipeline.text.events.muc4 import Filler, Incidents
from pipeline.text.events.muc4.documents import Role

_UNREAL = frozenset(("background", "denied", "hypothetical", "exercise", "fiction"))
_ABDUCTION = "Abduction/forced disappearance"
_FROM_AFAR = frozenset(("Shelling/artillery/missile attack", "Air/drone strike", "Chemical weapon"))
_VIOLENT = frozenset(("Battles", "Explosions/Remote violence", "Violence against civilians"))


VETO_WORDS_MIN = 60
"""In shorter texts the models confirm but neither take away nor fill roles: they were trained on whole reports."""


def judge(drafts: list[Draft], judged: Incidents, text: str, entities: tuple[Entity, ...]) -> list[Draft]:
    """The events with MUC-4 types confirmed or taken away, and the fillers put in."""
    is_report = len(text.split()) >= VETO_WORDS_MIN
    for draft in drafts:
        if is_report and draft.realis not in _UNREAL and draft.muc4 not in judged.types:
            draft.muc4 = None
    for name in sorted(judged.types):
        if not any(d.muc4 == name and d.realis not in _UNREAL for d in drafts):
            _raise(drafts, name)
    incidents = [d for d in drafts if d.muc4 and d.realis not in _UNREAL]
    fillers = judged.fillers if incidents and is_report else ()
    roles = {filler.role for filler in fillers}
    for draft in incidents if fillers else ():
        _clear(draft, roles)
    others = [d for d in drafts if d not in incidents and d.cls.subtype == _ABDUCTION]
    for filler in fillers:
        if not _is_abducted(filler, others):
            _put(_nearest(incidents, filler), filler, text, entities)
    return drafts


def _is_abducted(filler: Filler, others: list[Draft]) -> bool:
    """Whether the rules read it as one who was abducted elsewhere: the girls of the last paragraph are no victims of the bomb."""
    return filler.role in {"target", "victim"} and any(
        m.start < filler.end and filler.start < m.end for d in others for m in (*d.targets, *d.victims)
    )


def _raise(drafts: list[Draft], name: str) -> None:
    """Make the likeliest event an incident of type `name`."""
    same = [
        d for d in drafts if d.muc4 == name and d.realis == "background" and d.cue.inflection != "pl"
    ]  # "attacks" in general stay so
    if same:
        same[0].realis = "actual"
        return
    if name == "ATTACK":
        violent = [d for d in drafts if d.cls.type in _VIOLENT and d.realis not in _UNREAL and d.muc4 is None]
        if violent:
            violent[0].muc4 = name


def _clear(draft: Draft, roles: set[Role]) -> None:
    """Drop the parties that the rules read, for the models' are put in their place.

    Two kinds are kept where the models name none instead: perpetrators that the knowledge base knows (held out, one in ten of the others was
    right), and what an army's guns and aircraft struck with and hit, for the models learned from guerrilla war.
    """
    named = roles & {"perpetrator", "organisation"}
    draft.perpetrators = [] if named else [p for p in draft.perpetrators if p.id]
    from_afar = draft.cls.subtype in _FROM_AFAR
    draft.targets = draft.targets if from_afar and "target" not in roles else []
    draft.weapons = draft.weapons if from_afar and "weapon" not in roles else []
    draft.victims = []


def _nearest(incidents: list[Draft], filler: Filler) -> Draft:
    """The incident told in the filler's sentence or the last before it."""
    before = [d for d in incidents if d.sentence.start <= filler.start]
    return max(before, key=lambda d: d.sentence.start) if before else incidents[0]


def _put(draft: Draft, filler: Filler, text: str, entities: tuple[Entity, ...]) -> None:
    words = text[filler.start : filler.end]
    known = next((e.id for e in entities if e.id and filler.start < e.end and e.start < filler.end), None)
    mention = Mention(words, filler.start, filler.end, known)
    if filler.role in {"perpetrator", "organisation"}:
        kind = "organisation" if filler.role == "organisation" else "individual"
        draft.perpetrators.append(Party(words, filler.start, filler.end, known, kind))  # type: ignore[arg-type]
    elif filler.role == "weapon":
        draft.weapons.append(mention)
    elif filler.role == "target":
        draft.targets.append(mention)
    else:
        draft.victims.append(mention)
