"""What a cyber event has beside actor and victim: the malware used, and the sector that the victim belongs to.

Malware is what the entities call so in the event's sentences, or else in the headline and lead; the sector is told by words beside the victim.
"""

from pipeline.records import Mention
from pipeline.text.events.gather import Draft
from pipeline.text.events.reading import Reading

LEAD_SENTENCES = 3
"""Where malware and sector are looked for when the event's own sentences name none."""
_SECTORS: dict[str, frozenset[str]] = {
    "health": frozenset("hospital hospitals clinic clinics health healthcare medical patients pharmacy pharmaceutical".split()),
    "finance": frozenset("bank banks banking financial insurer insurance payment payments crypto cryptocurrency exchange stock brokerage credit".split()),
    "energy": frozenset("energy power electricity grid oil gas pipeline refinery nuclear utility utilities".split()),
    "government": frozenset("ministry ministries government municipal municipality parliament council embassy court election federal state agency".split()),
    "defence": frozenset("defence defense military army contractor aerospace missile".split()),
    "education": frozenset("university universities school schools college students campus".split()),
    "telecommunications": frozenset("telecom telecoms telecommunications broadband mobile operator provider isp".split()),
    "transport": frozenset("airline airlines airport airports port railway rail shipping logistics freight ferry".split()),
    "manufacturing": frozenset("manufacturer manufacturing factory factories carmaker steel chipmaker semiconductor".split()),
    "retail": frozenset("retailer retailers supermarket supermarkets shop shops store stores ecommerce".split()),
    "media": frozenset("newspaper broadcaster television radio publisher media news".split()),
    "water": frozenset("water wastewater sewage dam".split()),
    "technology": frozenset("software cloud hosting saas developer technology tech cybersecurity".split()),
}  # fmt: skip


def malware_of(reading: Reading, draft: Draft) -> tuple[Mention, ...]:
    """The malware named with the event, each once."""
    found: dict[str, Mention] = {}
    lead = set(range(LEAD_SENTENCES))
    for indices in (draft.sentences, lead):
        for index in sorted(indices):
            sentence = reading.sentences[index] if index < len(reading.sentences) else None
            for entity in reading.entities_in(sentence) if sentence else ():
                if entity.label == "MALWARE":
                    found.setdefault(
                        entity.id or entity.text.casefold(), Mention(entity.text, entity.start, entity.end, entity.id)
                    )
        if found:
            break
    return tuple(found.values())


def sector_of(reading: Reading, draft: Draft) -> str | None:
    """The sector of the victim: by the words of the targets, else of the event's sentences; None where words of none or of two alike stand."""
    words = [word for target in draft.targets for word in target.text.casefold().split()]
    sentences = [
        word for k in sorted(draft.sentences) if k < len(reading.sentences) for word in reading.sentences[k].words
    ]
    for place in (words, sentences):
        counts = {name: len(set(place) & of_sector) for name, of_sector in _SECTORS.items()}
        best = max(counts.values())
        if best and list(counts.values()).count(best) == 1:
            return next(name for name, count in counts.items() if count == best)
    return None
