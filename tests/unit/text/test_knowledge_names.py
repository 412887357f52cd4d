"""Names in texts: spelling, case, length, ambiguity, and cost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.knowledge import Alias, Knowledge, Subject
from tests.support.growth import assert_growth


def subject(subject_id: str, *names: str, context: tuple[str, ...] = ()) -> Subject:
    aliases = tuple(Alias(name) for name in names) + tuple(Alias(name, needs_context=True) for name in context)
    return Subject(id=subject_id, name=names[0], label="GROUP", kind="test", source="invented", aliases=aliases)


KNOWLEDGE = Knowledge(
    [
        subject("group:islamic-front", "Islamic Front", "IF-North", context=("IF",)),
        subject("group:islamic-front-river", "Islamic Front River Province", "IFRP"),
        subject("group:al-qamar", "al-Qamar", "القمر الأحمر"),
        subject("group:harvest", "Lord's Harvest Army"),
        subject("malware:bluegate", "BlueGate"),
        subject("malware:reloc", "ReLoc"),
        subject("group:moon", "Лунный отряд"),
        subject("group:red-party", "CPX (Red)"),
        subject("group:liberty", "Qaeda al-Mujahidin"),
    ]
)


def found(text: str) -> list[tuple[str, str]]:
    return [(text[match.start : match.end], match.readings[0].subject.id) for match in KNOWLEDGE.find(text)]


@pytest.mark.parametrize(
    ("text", "name", "subject_id"),
    [
        ("the Islamic Front said", "Islamic Front", "group:islamic-front"),
        ("the Islamic Front’s men", "Islamic Front", "group:islamic-front"),
        ("Islamic Front-River Province men", "Islamic Front-River Province", "group:islamic-front-river"),
        ("Islamic Front's River Province", "Islamic Front's River Province", "group:islamic-front-river"),
        ("by IF–North yesterday", "IF–North", "group:islamic-front"),
        ("Al Qamar fighters", "Al Qamar", "group:al-qamar"),
        ("el-Qamar-linked", "el-Qamar", "group:al-qamar"),
        ("AL-QAMAR FIGHTERS KILLED", "AL-QAMAR", "group:al-qamar"),
        ("Lord’s Harvest Army", "Lord’s Harvest Army", "group:harvest"),
        ("the Blue-Gate loader", "Blue-Gate", "malware:bluegate"),
        ("bluegate was seen", "bluegate", "malware:bluegate"),
        ("Blue Gate", "Blue Gate", "malware:bluegate"),
        ("вместе с Лунным отрядом", "Лунным отрядом", "group:moon"),
        ("وقال القمر الأحمر", "القمر الأحمر", "group:al-qamar"),
        ("the CPX (Red) said", "CPX (Red)", "group:red-party"),
        ("of al-Kaida al-Mujahideen, of", "Kaida al-Mujahideen", "group:liberty"),
    ],
)
def test_spellings_of_a_name_are_one(text: str, name: str, subject_id: str) -> None:
    assert found(text) == [(name, subject_id)]


@pytest.mark.parametrize(
    "text",
    [
        "an islamic front of many",  # no capital
        "if north winds blow",  # an acronym is case-sensitive
        "the Islamic. Front page",  # across sentences
        "Islamic, and Front",
        "ambassador Qamaruddin",  # never inside a word
        "re loc",  # too short to be cut differently
        "Blueg ate",
        "",
    ],
)
def test_other_words_are_no_names(text: str) -> None:
    assert found(text) == []


def test_the_longest_name_wins() -> None:
    assert found("Islamic Front River Province and Islamic Front") == [
        ("Islamic Front River Province", "group:islamic-front-river"),
        ("Islamic Front", "group:islamic-front"),
    ]


def test_an_ambiguous_acronym_counts_for_nothing_in_a_line_of_capitals() -> None:
    assert found("ONLY IF THE RIVER RISES ABOVE THE BRIDGE") == []
    assert found("only IF the river rises") == [("IF", "group:islamic-front")]


def test_one_name_of_two_bodies_has_both_readings_surest_first() -> None:
    sure = Subject(
        id="group:a", name="A", label="GROUP", kind="t", source="s", aliases=(Alias("Red Dawn", confidence=0.9),)
    )
    unsure = Subject(
        id="group:b", name="B", label="GROUP", kind="t", source="s", aliases=(Alias("Red Dawn", confidence=0.4),)
    )
    (match,) = Knowledge([unsure, sure]).find("the Red Dawn attacks")
    assert [reading.subject.id for reading in match.readings] == ["group:a", "group:b"]


def test_the_version_tells_snapshots_apart() -> None:
    one, two = subject("group:a", "Alpha Men"), subject("group:b", "Beta Men")
    assert Knowledge([one, two]).version == Knowledge([two, one]).version
    assert Knowledge([one]).version != Knowledge([one, two]).version


@pytest.mark.slow
def test_many_names_cost_no_more_than_few() -> None:
    text = "The Islamic Front and the army of the river fought near the old bridge on Monday. " * 200
    many = Knowledge(
        [*KNOWLEDGE.subjects(), *(subject(f"group:n{i}", f"Brigade Number {i} of Place {i}") for i in range(5_000))]
    )
    assert_growth(lambda: KNOWLEDGE.find(text), lambda: many.find(text), most=3)


@given(st.text(max_size=400))
def test_any_text_is_searched(text: str) -> None:
    end = 0
    for match in KNOWLEDGE.find(text):
        assert end <= match.start < match.end <= len(text)
        end = match.end
