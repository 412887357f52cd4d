"""What an alert states: laws over any line the reader may hand on, and the sentences of some."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.records import Element, Line, LineCount
from pipeline.text.line import LEVELS, account, left_out, stated, tell
from pipeline.text.line.names import can_act, is_name, is_role_alone, whole
from pipeline.text.scoring import DEFAULT

NAMES = st.one_of(
    st.sampled_from(
        [
            "police",
            "the Taliban",
            "coal miners",
            "(the group",
            '"others',
            "others",
            "",
            " , ",
            "it",
            "U.S. forces",
            "a «front",
            "gunmen [",
            "…",
        ]
    ),
    st.text(max_size=90),
)
CHANCE = st.floats(0, 1, allow_nan=False)
ELEMENTS = st.builds(Element, NAMES, CHANCE, st.integers(0, 500), st.integers(0, 500))
NUMBER = st.one_of(st.none(), st.integers(0, 5000))
COUNTS = st.builds(
    LineCount,
    kind=st.sampled_from(["killed", "wounded", "abducted", "captured", "seized", "displaced"]),
    low=NUMBER,
    high=NUMBER,
    hedge=st.sampled_from([None, "at least", "nearly", "some", "up to"]),
    by=st.one_of(st.none(), ELEMENTS),
    object=st.one_of(st.none(), NAMES),
    p=CHANCE,
    start=st.integers(0, 500),
    end=st.integers(0, 500),
)
LINES = st.builds(
    Line,
    what=st.one_of(st.none(), st.builds(Element, st.sampled_from(["Attack", "Arrests", "Air/drone strike", "Cyber: Data leak", "Other: Diplomacy"]), CHANCE)),
    realis=st.sampled_from(["actual", "attempted", "threatened", "denied"]),
    by=st.lists(ELEMENTS, max_size=5).map(tuple),
    by_how=st.sampled_from([None, "claimed", "accused", "suspected"]),
    against=st.lists(ELEMENTS, max_size=5).map(tuple),
    where=st.lists(ELEMENTS, max_size=3).map(tuple),
    counts=st.lists(COUNTS, max_size=5).map(tuple),
)  # fmt: skip


@given(LINES, st.sampled_from(sorted(LEVELS)))
def test_nothing_empty_open_repeated_or_unsure_is_stated(line: Line, level: str) -> None:
    said = stated(line, level)  # type: ignore[arg-type]
    if said is None:
        return
    least = LEVELS[level]  # type: ignore[index]
    for side, bar in ((said.by, least.by), (said.against, least.against)):
        assert all(e.p >= bar and is_name(e.value) and e.value == whole(e.value) for e in side)
        assert len({e.value.casefold() for e in side}) == len(side)
    assert all(c.p >= least.counts and (c.low is not None or c.high is not None) for c in said.counts)
    told = tell(said, DEFAULT.nouns)
    assert told
    assert told[0] == told[0].upper()
    assert "\n" not in told
    assert not re.search(r"\b(by|against|of|in|and|to)\s*(:|,|$)", told)
    assert not re.search(r"\bothers and others\b", told)
    for opening, closing in ("()", "[]", "“”", "«»"):
        assert told.count(opening) == told.count(closing)


@given(LINES)
def test_a_stricter_level_states_no_more(line: Line) -> None:
    desk, blocking = stated(line, "desk"), stated(line, "blocking")
    if blocking is not None:
        assert desk is not None
        assert {e.value for e in blocking.by} <= {whole(e.value) for e in line.by}
        assert len(blocking.counts) <= len(desk.counts)


@given(LINES)
def test_of_everything_that_is_left_out_it_is_said_why(line: Line) -> None:
    said = stated(line, "newsroom") or Line()
    told = " ".join(left_out(line, "newsroom"))
    for element in line.by:
        if element.start not in {e.start for e in said.by}:
            assert repr(element.value) in told


def element(value: str, p: float = 0.9) -> Element:
    return Element(value, p, 0, 1)


def count(kind: str, low: int | None, high: int | None, p: float = 0.9, **more: object) -> LineCount:
    return LineCount(kind=kind, low=low, high=high, p=p, start=0, end=1, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            Line(what=element("Suicide bomb"), by=(element("Taliban"),), by_how="claimed", against=(element("police post"),), where=(element("Kandahar"),), counts=(count("killed", 4, 4, object="four policemen"),)),
            "Suicide bombing claimed by Taliban against police post in Kandahar: 4 policemen killed",
        ),
        (
            Line(what=element("Attack"), counts=(count("wounded", 3, 3), count("killed", 12, None, object="at least 12 civilians", by=element("a doctor")))),
            "Attack: at least 12 civilians killed, 3 wounded, according to a doctor",
        ),
        (Line(what=element("Arrests"), realis="planned", against=(element("two men"), element("their driver"), element("a guard"))), "Planned arrests of two men, their driver and a guard"),
        (Line(what=element("Abduction/forced disappearance"), counts=(count("abducted", 30, 40),)), "Abduction: 30 to 40 abducted"),
        (Line(what=element("Attack"), counts=(count("killed", 600, 600, hedge="nearly"),)), "Attack: nearly 600 killed"),
    ],
)  # fmt: skip
def test_told(line: Line, sentence: str) -> None:
    assert tell(line, DEFAULT.nouns) == sentence


def test_one_number_a_kind_unless_somebody_else_says_another() -> None:
    police, doctor = element("police"), element("a doctor")
    line = Line(
        what=element("Attack"),
        counts=(
            count("killed", 4, 4, 0.9, by=police),
            count("killed", 6, 6, 0.8, by=doctor),
            count("killed", 9, 9, 0.7),
        ),
    )
    said = stated(line, "newsroom")
    assert said is not None
    assert [c.low for c in said.counts] == [4, 6]


def test_without_a_class_nothing_is_stated() -> None:
    assert stated(Line(by=(element("police"),)), "desk") is None
    assert stated(None, "desk") is None


@pytest.mark.parametrize(
    ("by", "kept"),
    [
        (("Russian missiles",), []),
        (("suspected Islamist attack", "police"), ["police"]),
        (("mortar shells of the army",), []),
        (("Turkish warplanes",), ["Turkish warplanes"]),
        (("warplanes",), []),
        (("attackers", "gunmen"), ["gunmen"]),
        (("the attackers", "the men"), ["the attackers"]),
        (("al-Shabaab militant group", "the group"), ["al-Shabaab militant group"]),
    ],
)
def test_an_agent_can_act_and_the_attackers_are_named_only_where_nobody_is(
    by: tuple[str, ...], kept: list[str]
) -> None:
    said = stated(Line(what=element("Attack"), by=tuple(map(element, by))), "newsroom")
    assert said is not None
    assert [e.value for e in said.by] == kept


@pytest.mark.parametrize(
    ("kind", "against", "kept"),
    [
        ("Suicide bomb", ("car", "checkpoint"), ["checkpoint"]),
        ("Suicide bomb", ("police van",), ["police van"]),
        ("Attack", ("car",), ["car"]),
        ("Attack", ("four policemen", "three others"), ["four policemen"]),
        ("Attack", ("two of the injured", "dead three farmers"), ["three farmers"]),
        ("Arrests", ("number of people",), ["people"]),
        ("Attack", ("15 people", "farmers"), ["farmers"]),
    ],
)
def test_a_target_is_somebody_or_something_and_neither_the_means_nor_a_part_of_the_dead(
    kind: str, against: tuple[str, ...], kept: list[str]
) -> None:
    said = stated(Line(what=element(kind), against=tuple(map(element, against))), "newsroom")
    assert said is not None
    assert [e.value for e in said.against] == kept


def test_people_whose_number_is_told_are_not_told_twice() -> None:
    line = Line(
        what=element("Suicide bomb"),
        against=(element("15 people"),),
        counts=(count("killed", 15, None, hedge="more than", object="15 people"),),
    )
    assert tell(line, DEFAULT.nouns) == "Suicide bombing: more than 15 people killed"


@given(LINES, st.sampled_from(sorted(LEVELS)))
def test_each_element_is_accounted_for_once_and_as_it_is_stated(line: Line, level: str) -> None:
    told = account(line, level)  # type: ignore[arg-type]
    elements = (
        sum(map(len, (line.by, line.against, line.where, line.counts)))
        + (line.what is not None)
        + (line.when is not None)
    )
    assert len(told) == elements
    said = stated(line, level)  # type: ignore[arg-type]
    if said is None:
        assert all(one.startswith("left out") for one in told)
        assert len(left_out(line, level)) == elements  # type: ignore[arg-type]


@given(LINES)
def test_a_sentence_has_no_number_without_a_noun_or_a_kind_and_no_agent_that_is_a_thing(line: Line) -> None:
    said = stated(line, "desk")
    if said is None:
        return
    assert all(can_act(e.value) for e in said.by)
    assert sum(is_role_alone(e.value) for e in said.by) <= 1
    for part in tell(said, DEFAULT.nouns).partition(": ")[2].split(", "):
        assert not re.fullmatch(r"(?:at least |about |up to |more than )?[\d,]+(?: to [\d,]+)?", part)
