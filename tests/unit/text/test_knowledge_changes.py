"""Changes to the knowledge base: what a list attaches to, what it makes new, and that everything can be undone. Bodies are invented."""

from pipeline.text.knowledge import Alias, Knowledge, Subject
from pipeline.text.knowledge.attach import attach
from pipeline.text.knowledge.changes import Edge, KnowledgeChange, apply
from pipeline.text.knowledge.lists import Listed


def subject(number: str, name: str, *names: str, label: str = "GROUP") -> Subject:
    aliases = (Alias(name, kind="name", confidence=1.0), *(Alias(n) for n in names))
    return Subject(id=number, name=name, label=label, kind="x", source="invented", aliases=aliases)  # type: ignore[arg-type]


BRIGADE = subject("group:lantern-brigade", "Lantern Brigade", "Lamp Front", "Brigade of the Lantern")
HERON = subject("attack:G9999", "Quiet Heron", "UNC99999")
OTHER = subject("group:reed", "Reed Movement", "Marsh Army")
KNOWN = (BRIGADE, HERON, OTHER)


def listed(name: str, *names: str, family: str = "group", attack: tuple[str, ...] = ()) -> Listed:
    return Listed(key=name, name=name, family=family, names=names, attack=attack)  # type: ignore[arg-type]


def bring(*records: Listed) -> KnowledgeChange:
    return attach(KNOWN, records, source="list", prefix="x").change


def test_a_record_joins_by_its_attack_id_whatever_its_name() -> None:
    change = bring(listed("Heronry", "Silent Wader", family="actor", attack=("G9999",)))
    assert not change.subjects
    assert [(e.subject, e.alias.name) for e in change.edges] == [("attack:G9999", "Silent Wader")]


def test_a_record_joins_by_its_own_name_in_another_spelling() -> None:
    change = bring(listed("LANTERN  BRIGADE", "Lamps of the North"))
    assert [(e.subject, e.alias.name) for e in change.edges] == [("group:lantern-brigade", "Lamps of the North")]


def test_two_shared_aliases_join_and_one_does_not() -> None:
    two = bring(listed("Northern Lamps", "Lamp Front", "Brigade of the Lantern"))
    assert not two.subjects
    one = bring(listed("Northern Lamps", "Lamp Front"))
    assert [s.name for s in one.subjects] == ["Northern Lamps"]
    shared = next(a for a in one.subjects[0].aliases if a.name == "Lamp Front")
    assert shared.needs_context, "it plainly means another body"


def test_a_record_between_two_bodies_joins_neither() -> None:
    change = bring(listed("Unity Council", "Lamp Front", "Brigade of the Lantern", "Reed Movement", "Marsh Army"))
    assert [s.name for s in change.subjects] == ["Unity Council"]


def test_malware_is_never_joined_to_a_group_of_its_name() -> None:
    change = bring(listed("Lantern Brigade", family="malware"))
    assert [s.id for s in change.subjects] == ["malware:x-lantern-brigade"]


def test_words_and_short_names_need_context() -> None:
    made = bring(listed("Torchbearers of the East", "Hunter", "TBE", "Torch-Bearers East")).subjects[0]
    needs = {alias.name: alias.needs_context for alias in made.aliases}
    assert needs == {"Torchbearers of the East": False, "Hunter": True, "TBE": True, "Torch-Bearers East": False}


def test_the_same_list_again_brings_nothing() -> None:
    records = [listed("Lantern Brigade", "Lamps of the North"), listed("Torchbearers of the East", "TBE")]
    first = attach(KNOWN, records, source="list", prefix="x")
    again = attach(apply(KNOWN, [first.change]), records, source="list", prefix="x")
    assert not again.change.subjects
    assert not again.change.edges
    assert again.known == 2


def test_undoing_a_change_leaves_nothing_of_it_and_all_of_the_others() -> None:
    imported = bring(listed("Torchbearers of the East"), listed("Lantern Brigade", "Lamps of the North"))
    removed = KnowledgeChange(kind="alias-remove", source="own", hidden=(Edge(BRIGADE.id, BRIGADE.aliases[1]),))
    both = {s.id: s for s in apply(KNOWN, [imported, removed])}
    assert {a.name for a in both[BRIGADE.id].aliases} == {
        "Lantern Brigade",
        "Brigade of the Lantern",
        "Lamps of the North",
    }
    assert apply(KNOWN, [removed]) != KNOWN
    assert apply(KNOWN, []) == KNOWN
    one = {s.id: s for s in apply(KNOWN, [removed])}
    assert set(one) == {s.id for s in KNOWN}


def test_a_later_word_on_a_name_wins() -> None:
    sure = KnowledgeChange(kind="alias-add", source="a", edges=(Edge(BRIGADE.id, Alias("Lamps", confidence=0.5)),))
    surer = KnowledgeChange(kind="alias-add", source="b", edges=(Edge(BRIGADE.id, Alias("Lamps", confidence=0.9)),))
    found = [a for a in apply(KNOWN, [sure, surer])[0].aliases if a.name == "Lamps"]
    assert [a.confidence for a in found] == [0.9]


def test_a_name_for_a_body_that_is_gone_waits_without_effect() -> None:
    lost = KnowledgeChange(kind="alias-add", source="a", edges=(Edge("group:nobody", Alias("Nobodies")),))
    assert apply(KNOWN, [lost]) == KNOWN


def test_what_was_added_is_found_in_a_text_and_the_version_tells() -> None:
    change = bring(listed("Torchbearers of the East"))
    plain, more = Knowledge(KNOWN), Knowledge(apply(KNOWN, [change]))
    text = "A spokesman of the Torchbearers of the East denied it."
    assert not plain.find(text)
    assert [m.readings[0].subject.id for m in more.find(text)] == ["group:x-torchbearers-of-the-east"]
    assert plain.version != more.version
