"""What sort of people the victims of an event are, by the words that name them. Data of general English, not of any one conflict."""

from collections.abc import Iterable

from pipeline.records import Mention, VictimKind

_KINDS: dict[VictimKind, frozenset[str]] = {
    "child": frozenset("child children boy boys girl girls baby babies infant infants pupil pupils schoolchildren schoolgirls toddler".split()),
    "military": frozenset("soldier soldiers troop troops army recruits recruit marines marine sailor sailors sergeant colonel captain general lieutenant major peacekeeper peacekeepers servicemen paratroopers guardsmen".split()),
    "police": frozenset("police policeman policemen policewoman officer officers constable constables gendarme gendarmes".split()),
    "armed group": frozenset("militant militants rebel rebels insurgent insurgents guerrilla guerrillas gunman gunmen fighter fighters terrorist terrorists jihadists bandits militiamen attackers".split()),
    "official": frozenset("mayor governor minister president senator deputy councillor councilor judge prosecutor magistrate official officials ambassador consul diplomat diplomats candidate politician attorney".split()),
    "journalist": frozenset("journalist journalists reporter reporters cameraman photographer editor".split()),
    "aid worker": frozenset(("aid", "relief", "humanitarian")),
    "religious": frozenset("priest priests imam bishop nun nuns monk monks jesuit jesuits cleric clerics pastor worshippers pilgrims".split()),
    "prisoner": frozenset("prisoner prisoners inmate inmates detainee detainees hostage hostages captive captives".split()),
    "civilian": frozenset("civilian civilians people person persons man men woman women villager villagers resident residents farmer farmers student students teacher teachers worker workers passenger passengers driver drivers family families refugee refugees trader traders tourists peasants peasant doctor doctors nurse nurses activist activists lawyer lawyers businessman shopkeeper fishermen herders guests mourners protesters demonstrators patients".split()),
}  # fmt: skip


def kinds_of(victims: Iterable[Mention]) -> tuple[VictimKind, ...]:
    """The kinds, each once, in the order of `VictimKind`'s table; empty where the words tell none."""
    words = {word for victim in victims for word in victim.text.casefold().replace("-", " ").split()}
    return tuple(kind for kind, of_kind in _KINDS.items() if words & of_kind)
