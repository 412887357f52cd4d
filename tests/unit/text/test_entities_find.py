"""Entities of whole articles: groups under one id, people, places and organisations kept apart, nothing from the page around."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.records import Entity
from pipeline.text.entities import find_entities, find_layout, without_byline
from pipeline.text.entities.definitions import find_definitions
from pipeline.text.knowledge import default_knowledge
from tests.support.growth import assert_growth


def find(text: str, *model: tuple[str, str], language: str = "en") -> list[Entity]:
    """Entities of `text`; `model` gives (words, label) of what a model would find, each at its first place."""
    spans = [(text.index(words), text.index(words) + len(words), label) for words, label in model]
    return list(find_entities(text, spans, default_knowledge(), language=language))


def labels(text: str, *model: tuple[str, str]) -> dict[str, str]:
    return {entity.text: entity.label for entity in find(text, *model)}


def ids(text: str, *model: tuple[str, str]) -> dict[str, str | None]:
    return {entity.text: entity.id for entity in find(text, *model)}


class TestGroups:
    def test_the_article_says_what_its_own_word_means(self) -> None:
        text = (
            "Islamic State-Khorasan Province struck again.\n\n"
            "“We fight Daesh,” an official said, using a local, derogatory name for IS-Khorasan. Daesh fled."
        )
        found = find(text)
        assert {entity.id for entity in found if entity.text == "Daesh"} == {"group:islamic-state-khorasan"}

    def test_without_such_words_the_name_keeps_its_usual_meaning(self) -> None:
        assert ids("Iraqi troops fought Daesh in Mosul.")["Daesh"] == "group:islamic-state"

    def test_a_name_of_a_branch_is_not_made_its_parents(self) -> None:
        text = "They condemned ISIS-K attacks. He used an acronym for Islamic State."
        assert ids(text)["ISIS-K"] == "group:islamic-state-khorasan"

    def test_square_brackets_and_a_line_that_ends_within_the_name(self) -> None:
        found = ids("The River Plains Liberation Front [RPLF] attacked. The RPLF said so.")
        assert found["RPLF"] == "name:river-plains-liberation-front"
        wrapped = "The River Plains Liberation\nFront [RPLF] attacked."
        assert [wrapped[slice(*d.long)] for d in find_definitions(wrapped, ())] == ["River Plains Liberation\nFront"]
        apart = "News of the River Plains Liberation\n\nFront [RPLF] attacked."
        assert find_definitions(apart, ()) == []

    def test_an_abbreviation_defined_in_the_text_is_followed(self) -> None:
        text = "The River Plains Liberation Front (RPLF) attacked. The RPLF said so."
        found = ids(text)
        assert found["RPLF"] == found["River Plains Liberation Front"] == "name:river-plains-liberation-front"
        assert labels(text)["RPLF"] == "GROUP"

    def test_an_ambiguous_acronym_needs_its_article(self) -> None:
        assert ids("Tehrik-i-Taliban Pakistan (TTP) claimed it; the TTP denied the rest.")["TTP"] == "group:ttp"
        assert "TTP" not in ids("The TTP of the pipeline is measured in seconds.")

    @pytest.mark.parametrize(
        ("text", "group"),
        [
            (
                "Islamic Jihad fired rockets from Gaza; Israel and Palestinian officials said militants attacked.",
                "group:palestinian-islamic-jihad",
            ),
            (
                "Islamic Jihad militants were tried in Egypt, Egyptian police said after the attack.",
                "group:egyptian-islamic-jihad",
            ),
        ],
    )
    def test_one_name_of_two_bodies_goes_by_country(self, text: str, group: str) -> None:
        assert ids(text)["Islamic Jihad"] == group

    def test_without_a_country_such_a_name_is_a_group_without_id(self) -> None:
        text = "The group Islamic Jihad claimed the attack, and militants killed two soldiers."
        assert ids(text).get("Islamic Jihad") is None

    def test_the_base_is_mostly_a_word(self) -> None:
        assert "The Base" not in ids("The Base was attacked by militants and soldiers were killed.")

    def test_words_for_the_kind_are_no_part_of_the_name(self) -> None:
        assert labels("The REvil ransomware gang encrypted the network of a victim.")["REvil"] == "MALWARE"

    def test_a_possessive_and_a_compound_leave_the_name_alone(self) -> None:
        assert set(ids("Afghanistan’s Taliban and the U.S.-Taliban deal")) == {"Afghanistan", "Taliban", "U.S."}

    def test_a_new_group_is_known_by_its_form(self) -> None:
        assert labels("Fighters of Katibat al-Nahr al-Kabir crossed the river.")["Katibat al-Nahr al-Kabir"] == "GROUP"


class TestPeople:
    def test_a_role_is_no_part_of_a_name(self) -> None:
        text = "“We won,” spokesman Kamal Hadari told reporters. Hadari left. Gen. Piotr Lis stayed."
        assert {
            name for name, label in labels(text, ("spokesman Kamal Hadari", "PERSON")).items() if label == "PERSON"
        } == {
            "Kamal Hadari",
            "Hadari",
            "Piotr Lis",
        }

    def test_a_surname_is_the_person_and_never_a_place(self) -> None:
        text = "Envoy Anna Kent said so. “No,” said Kent, who left for London. Kent spoke."
        found = find(text, ("Kent,", "GPE"))
        assert {(entity.label, entity.id) for entity in found if entity.text == "Kent"} == {
            ("PERSON", "name:anna-kent")
        }

    def test_a_place_stays_one_where_things_happen_in_it(self) -> None:
        text = "The writer Jack London, who was born there, arrived. A bomb exploded in London."
        found = [entity.label for entity in find(text, ("Jack London", "PERSON")) if entity.text == "London"]
        assert found == ["GPE"]

    def test_two_people_of_one_surname_stay_unnamed(self) -> None:
        text = "President Ali Rahman met General Omar Rahman. Rahman smiled."
        (short,) = [entity for entity in find(text) if entity.text == "Rahman"]
        assert (short.label, short.id) == ("PERSON", None)

    def test_the_country_before_a_name_is_no_part_of_it(self) -> None:
        text = "The special envoy for Armenia Emma Stone West said it."
        assert labels(text, ("Armenia Emma Stone West", "PERSON")) == {"Armenia": "GPE", "Emma Stone West": "PERSON"}

    @pytest.mark.parametrize("word", ["God", "Maj", "Foreign Minister"])
    def test_titles_and_gods_are_nobody(self, word: str) -> None:
        assert labels(f"They thanked {word} for it.", (word, "PERSON")).get(word) != "PERSON"

    def test_a_model_that_knows_a_person_outweighs_a_city(self) -> None:
        assert labels("Then Cordoba smiled.", ("Cordoba", "PERSON")) == {"Cordoba": "PERSON"}

    def test_an_auxiliary_is_no_given_name(self) -> None:
        text = "Senator Ann Porter spoke. Will Porter go on?"
        assert [one.text for one in find(text, ("Will Porter", "PERSON"))] == ["Ann Porter", "Porter"]

    def test_east_asian_surnames_come_first(self) -> None:
        text = "President Zhou Minghua spoke. Zhou left."
        assert {one.id for one in find(text)} == {"name:zhou-minghua"}

    def test_names_that_hold_places(self) -> None:
        text = "Paris Hilton met the Bank of Tripoli and flew to Paris."
        assert labels(text, ("Paris Hilton", "PERSON")) == {
            "Paris Hilton": "PERSON",
            "Bank of Tripoli": "ORG",
            "Paris": "GPE",
        }


class TestOrganisationsAndOthers:
    @pytest.mark.parametrize(
        "name",
        [
            "General Directorate of Intelligence",
            "Ministry of Defense and Aerospace",
            "Kano State Police",
            "University of Sana",
            "Federal Bureau of Investigation",
        ],
    )
    def test_forms_of_organisations(self, name: str) -> None:
        assert labels(f"Officers of the {name} said so on Monday.")[name] == "ORG"

    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("It fled to the U.N. on Monday.", "U.N."),
            ("The New York-based Human Rights Institute said so.", "Human Rights Institute"),
            ("The National League for Democracy won.", "National League for Democracy"),
            ("The River Hockey Club on May 3 lost to them.", "River Hockey Club"),
            ("Men of the 65th Air Division left.", "65th Air Division"),
        ],
    )
    def test_edges_of_organisations(self, text: str, name: str) -> None:
        assert [entity.text for entity in find(text) if entity.label == "ORG"] == [name]

    def test_a_list_of_actors_is_no_organisation(self) -> None:
        assert "Hamas and Interior Ministry" not in labels("Hamas and Interior Ministry officers clashed.")

    def test_buildings_ships_and_weapons(self) -> None:
        text = "A drone hit the MV Northern Star near Mount Arafat; rebels with AK-47 rifles and a car bomb took Bagram Air Base."
        assert labels(text) == {
            "drone": "WEAPON",
            "MV Northern Star": "PRODUCT",
            "Mount Arafat": "LOC",
            "AK-47 rifles": "WEAPON",
            "car bomb": "WEAPON",
            "Bagram Air Base": "FAC",
        }

    def test_cyber_names(self) -> None:
        text = "UNC9999 used the FoxRain backdoor and Mimikatz; the hackers, also tracked as Fancy Bear, sent phishing."
        found = find(text)
        assert [(one.text, one.label, one.id) for one in found] == [
            ("UNC9999", "GROUP", None),
            ("FoxRain", "MALWARE", None),
            ("Mimikatz", "TOOL", "attack:S0002"),
            ("Fancy Bear", "GROUP", "attack:G0007"),
        ]

    def test_plain_words_are_no_malware_in_plain_news(self) -> None:
        assert ids("Royal Mail said the hive of activity in Cuba would play on. Hive and Royal agreed.").keys() <= {
            "Cuba",
            "Royal Mail",
        }

    def test_a_short_name_after_the_long_one(self) -> None:
        text = "Raccoon Stealer is malware that exfiltrated credentials. Raccoon returned in June."
        found = ids(text)
        assert found["Raccoon"] == found["Raccoon Stealer"] is not None


class TestZones:
    TEXT = (
        "Rebels Take Northern Town\n\nBy Mona Petrova\n\nNAIROBI, Kenya (AP) — Gunmen took the town of Mandera on Monday, police said, and "
        "held it until the evening, when soldiers came back with tanks.\n\nThe army said it had lost nobody in the fight.\n\n"
        "Leave a Reply\n\nYour email address will not be published. Hamas London"
    )

    def test_a_byline_is_found_and_marked(self) -> None:
        layout = find_layout(self.TEXT)
        (author,) = [entity for entity in find(self.TEXT) if entity.text == "Mona Petrova"]
        assert author.label == "PERSON"
        assert layout.is_byline(author.start, author.end)
        assert author not in without_byline(find(self.TEXT), layout)

    def test_the_dateline_is_not_the_story(self) -> None:
        layout = find_layout(self.TEXT)
        nairobi = self.TEXT.index("NAIROBI")
        assert layout.is_dateline(nairobi, nairobi + 7)
        assert not layout.is_dateline(self.TEXT.index("Mandera"), self.TEXT.index("Mandera") + 7)

    def test_nothing_comes_from_the_boilerplate(self) -> None:
        edge = self.TEXT.index("Leave a Reply")
        assert [entity for entity in find(self.TEXT) if entity.start >= edge] == []

    def test_a_bare_name_under_the_headline_is_a_byline(self) -> None:
        text = "Five Killed In Market Blast\n\nMona Petrova\n\nA bomb killed five people in a market on Monday, police said in the city."
        assert find_layout(text).bylines == ((29, 41),)

    def test_an_article_without_zones_has_none(self) -> None:
        layout = find_layout("A bomb killed five people. Subscribe to peace, he said, and read more books.")
        assert (layout.bylines, layout.datelines, layout.boilerplate) == ((), (), ())


def test_another_language_gets_known_names_and_places_only() -> None:
    text = "Талибан захватил Кабул в среду, сообщил Ахмад Карими."
    found = find(text, ("Ахмад Карими", "PERSON"), language="ru")
    assert [(one.text, one.id) for one in found] == [("Талибан", "group:taliban"), ("Кабул", "geo:1138958")]


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet=st.sampled_from("ABCabc .,(’'-\n“”IS15éالД"), max_size=200))
def test_any_text_gives_entities_apart_from_each_other(text: str) -> None:
    end = 0
    for entity in find_entities(text, [(0, len(text), "PERSON"), (0, len(text) // 2, "ORG")], default_knowledge()):
        assert end <= entity.start < entity.end <= len(text)
        assert entity.text == text[entity.start : entity.end]
        end = entity.end


@pytest.mark.slow
def test_a_long_text_takes_time_in_proportion() -> None:
    sentence = "Gen. Ahmad Karimi (AK) of the Northern River Liberation Front (NRLF) said in Kabul on Monday that the NRLF, also known as X, won. "
    few, many = sentence * 100, sentence * 800
    assert_growth(
        lambda: find_entities(few, [], default_knowledge()),
        lambda: find_entities(many, [], default_knowledge()),
        most=14,
    )


@pytest.mark.parametrize("piece", ["U.", "O'", "A-", "Al ", "A ", "(AB) ", "Abu al-", "of ", "“"])
@pytest.mark.slow
def test_no_text_takes_more_than_its_length(piece: str) -> None:
    def find(count: int) -> None:
        text = (piece * (count // len(piece) + 1))[:count]
        find_entities(text, [], default_knowledge())

    assert_growth(lambda: find(5_000), lambda: find(40_000), most=20)
