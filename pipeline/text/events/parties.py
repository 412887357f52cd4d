"""What a phrase stands for in an event: a perpetrator, a victim, a thing attacked, a weapon, or another event.

Decided by entity labels first, then by the head word. Words are data of general English, not of any one conflict.
"""

from typing import Literal

from pipeline.records import Entity, Mention, Party
from pipeline.text.events.phrases import Phrase

Kind = Literal["person", "thing", "weapon", "event", "place"]

_PERSON_SUFFIXES = (
    "man",
    "men",
    "woman",
    "women",
    "person",
    "persons",
    "people",
    "ers",
    "ists",
    "ants",
    "ees",
    "ors",
    "ians",
    "ist",
    "ian",
    "iers",
    "ier",
)
_PERSONS = frozenset(
    "people civilians civilian soldiers troops police officers officer officials official children child boy girl boys girls student students "
    "victims victim family families relatives residents militants militant rebels rebel insurgents guerrillas guerrilla guerillas terrorists terrorist gunmen "
    "gunman fighters members member priests priest jesuits jesuit judges judge mayor minister president senator deputy candidate leader leaders "
    "peasants peasant attackers attacker assailants suspects suspect personnel guards guard bodyguards bodyguard driver drivers passengers "
    "citizens citizen nationals national hostages hostage prisoners detainees others pilgrims worshippers tourists refugees commandos commando "
    "journalists reporters workers lawyers doctors nurses teachers farmers activists protesters demonstrators wounded dead bystanders colonel general captain lieutenant sergeant major "
    "ambassador consul diplomat diplomats chief commander commanders spokesman director father mother son daughter wife husband brother sister bishop monsignor nun nuns".split()
)
THINGS = frozenset(
    "building buildings house houses home homes residence residences embassy consulate headquarters office offices station stations bus buses car cars "
    "truck trucks vehicle vehicles train trains bridge bridges bank banks hotel hotels restaurant restaurants church churches mosque mosques temple school "
    "schools university hospital hospitals airport port base bases barracks post posts checkpoint checkpoints convoy patrol camp market store stores shop shops "
    "pipeline pipelines refinery plant plants factory power tower towers pylon pylons pole poles line lines facility facilities property ship ships boat boats helicopter "
    "helicopters plane planes aircraft jet tank tanks farm farms warehouse depot mall cafe bar club court courthouse prison jail parliament palace ministry "
    "network networks system systems server servers website websites site database infrastructure village town city compound structures installations installation "
    "substation substations railway railroad road roads highway ranch estate villages towns neighborhood neighborhoods neighbourhood outpost garrison monument statue structure establishment establishments center centre".split()
)
"""Heads of phrases that name something built or owned."""
_WEAPONS = frozenset(
    "bomb bombs grenade grenades missile missiles rocket rockets mortar mortars dynamite explosives explosive mine mines landmine landmines rifle rifles gun guns "
    "pistol pistols shell shells ied ieds drone drones device devices charge charges bullet bullets machinegun machineguns knife machete ak-47 rpg".split()
)
_EVENTS = frozenset(
    "attack attacks explosion explosions blast blasts bombing bombings raid raids strike strikes airstrike airstrikes clash clashes fighting violence "
    "shooting shootings operation operations offensive ambush assault incident fire war battle conflict crash earthquake flood storm "
    "shelling bombardment protest protests riot unrest action actions accident combat massacre collapse".split()
)
_ORGANISATIONS = frozenset(
    "army police military government forces force front group groups movement organization organisation party cartel cartels mafia squad squads militia regime air navy guard "
    "agency ministry command brigade battalion union gang gangs authorities state council network guards directorate bureau department company bank".split()
)
_NO_PERSONS = frozenset(
    "number river water power paper border order letter center computer server tower corridor door floor sector reactor sensor tanker cluster router firewall quarter matter member-state winter summer sewer counter".split()
)
_QUANTITIES = frozenset(
    "dozens scores hundreds thousands several many number group one two three four five six members".split()
) - {"members"}
ARMED = frozenset(
    "guerrillas guerrilla rebels rebel terrorists terrorist gunmen gunman militants militant insurgents attackers assailants commandos individuals men subjects elements traffickers hitmen killers murderers assassins soldiers troops".split()
)


def _entity_of(phrase: Phrase, entities: tuple[Entity, ...]) -> Entity | None:
    inside = [e for e in entities if e.start < phrase.end and phrase.start < e.end and e.label != "DATE"]
    return next((e for e in inside if e.end == phrase.end), inside[-1] if inside else None)


def kind_of(phrase: Phrase, entities: tuple[Entity, ...]) -> Kind:
    """What sort of thing the phrase names."""
    head = phrase.sentence.words[phrase.head]
    if head in _QUANTITIES or head[0].isdigit():
        head = phrase.words[-1]
    if head in _WEAPONS:
        return "weapon"
    if head in _EVENTS:
        return "event"
    if head in _PERSONS:
        return "person"
    if head in THINGS:
        return "thing"
    entity = _entity_of(phrase, entities)
    if entity is not None and entity.end >= phrase.sentence.tokens[phrase.head].end:
        if entity.label in {"GPE", "LOC"}:
            return "place"
        if entity.label in {"FAC", "PRODUCT"}:
            return "thing"
        if entity.label == "WEAPON":
            return "weapon"
        if entity.label in {"PERSON", "GROUP", "NORP"}:
            return "person"
    if head.endswith(_PERSON_SUFFIXES) or (head.endswith(("er", "or")) and head not in _NO_PERSONS):
        return "person"
    return "thing"


def party_of(phrase: Phrase, text: str, entities: tuple[Entity, ...]) -> Party:
    """The phrase as a perpetrator: an organisation by its label or head, else individuals."""
    mention = phrase.mention(text, entities)
    entity = _entity_of(phrase, entities)
    head = phrase.sentence.words[phrase.head]
    whole = entity is not None and entity.end >= phrase.end
    organisation = (whole and entity is not None and entity.label in {"GROUP", "ORG", "GPE"}) or head in _ORGANISATIONS
    return Party(mention.text, mention.start, mention.end, mention.id, "organisation" if organisation else "individual")


def bare(phrase: Phrase, text: str, entities: tuple[Entity, ...]) -> Mention:
    """The phrase without leading articles and counts: "the 12 soldiers" is quoted as "soldiers"."""
    words = phrase.words
    first = phrase.first
    tokens = phrase.sentence.tokens
    while (
        first < phrase.head
        and tokens[first].end < tokens[first + 1].start
        and (
            words[first - phrase.first]
            in {
                "the",
                "a",
                "an",
                "at",
                "least",
                "about",
                "some",
                "several",
                "nearly",
                "almost",
                "between",
                "dozens",
                "of",
                "more",
                "than",
                "over",
                "two",
                "three",
                "four",
                "five",
                "six",
                "seven",
                "eight",
                "nine",
                "ten",
            }
            or words[first - phrase.first][0].isdigit()
        )
    ):
        first += 1
    return Phrase(phrase.sentence, first, phrase.last, phrase.head).mention(text, entities)
