"""Text as it comes: lower case, capitals, title case, hard-wrapped, without full stops; each gives nearly the line of the plain text.

The reports, their people and groups' deeds are invented.
"""

import re
import textwrap
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.records import Article, ArticleId, Line, VersionId
from pipeline.text.findings import Analyzer
from pipeline.text.line import stated
from pipeline.text.model.casing import Casing
from pipeline.text.model.wrapped import join_lines
from tests.support.growth import assert_growth

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
REPORTS = (
    "Gunmen killed 12 farmers in the village of Gora in Nigeria's Zamfara state on Tuesday, police said. The attackers arrived on motorcycles before dawn and burned several houses. A police spokesman said officers had been sent to the area.",
    "A suicide bomber killed 23 people and wounded 40 at a market in the Afghan city of Herat on Monday. The Taliban claimed responsibility for the attack. Doctors at the main hospital said children were among the dead.",
    "Turkish warplanes bombed positions of the Kurdistan Workers' Party in northern Iraq on Friday, killing at least 15 fighters, the army said. The strikes hit caves and depots near Zap. The group did not comment.",
    "A roadside bomb killed four soldiers near the town of Spin Boldak in southern Afghanistan on Saturday. The soldiers were on patrol when their vehicle was hit. The governor blamed the Taliban for the blast.",
    "Police in Nairobi arrested 17 suspected members of al-Shabaab on Thursday. The men were held in the suburb of Eastleigh after a raid on a house. Officers said they had found grenades and rifles.",
    "Armed men abducted 38 students from a school in Kaduna state in northwestern Nigeria late on Wednesday, officials said. Soldiers are searching the nearby forest. Parents gathered at the school in the morning.",
    "Russian missiles hit an apartment block in the Ukrainian city of Kharkiv on Sunday, killing nine civilians, the mayor said. More than 20 people were wounded. Rescuers worked through the night.",
    "Clashes between the Congolese army and M23 rebels left 30 people dead near the town of Sake in eastern Congo on Tuesday, a local doctor said. Thousands of residents fled towards Goma. The rebels said they had taken two villages.",
    "Protesters set fire to government buildings in the Peruvian city of Juliaca on Monday. Police used tear gas against the crowd. Eighteen people were injured, the health ministry said.",
    "Israeli forces shot dead three Palestinians during a raid in the West Bank city of Jenin on Thursday, the Palestinian health ministry said. The army said the men had opened fire on soldiers. Schools in the city were closed.",
    "Separatist rebels kidnapped seven oil workers in Nigeria's Bayelsa state on Friday. The workers were taken from a boat in the creeks. The company said it was in contact with the authorities.",
    "A car bomb exploded outside a police station in the Colombian city of Cali on Saturday, killing two policemen and wounding 11. The authorities blamed dissidents of the FARC. The mayor called for calm.",
    "Islamic State fighters attacked an army post in Burkina Faso's Soum province on Sunday and killed 14 soldiers, the general staff said. Six others are missing. Reinforcements were sent from Djibo.",
    "Mortar shells fired by Houthi rebels hit a residential district of the Yemeni city of Taiz on Wednesday, killing five children, a medic said. The rebels denied the attack. Hospitals asked for blood.",
)


def wrap(column: int) -> Callable[[str], str]:
    return lambda text: "\n".join(textwrap.wrap(text, column))


def titled(text: str) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in text.split(" "))


FORMS: dict[str, tuple[Callable[[str], str], float]] = {
    "wrapped at 72": (wrap(72), 0.95),
    "wrapped at 40": (wrap(40), 0.95),
    "lower case": (str.lower, 0.95),
    "capitals": (str.upper, 0.95),
    "capitals wrapped at 40": (lambda text: wrap(40)(text.upper()), 0.94),
    "lower case wrapped at 72": (lambda text: wrap(72)(text.lower()), 0.94),
    "title case": (titled, 0.94),
    "no full stops": (lambda text: re.sub(r"\.(?=\s|$)", "", text), 0.9),
}
"""Each form, and the least share of the plain texts' stated elements that it must keep (measured: .93 without full stops, .97 and more else)."""
EXTRA_MAX = 0.12
"""And so many others, as a share of the plain texts' elements, may be stated beside them."""


@pytest.fixture(scope="module")
def analyzer() -> Analyzer:
    return Analyzer()


def elements(analyzer: Analyzer, texts: list[str]) -> list[set[tuple[object, ...]]]:
    articles = [
        Article(
            article_id=ArticleId("a"),
            version_id=VersionId("v"),
            feed="f",
            title=None,
            text=t,
            published=NOW,
            fetched=NOW,
        )
        for t in texts
    ]
    return [parts(stated(f.line, "newsroom")) for f in analyzer.analyse(articles)]


def parts(line: Line | None) -> set[tuple[object, ...]]:
    if line is None:
        return set()
    named = [("by", e) for e in line.by] + [("against", e) for e in line.against] + [("where", e) for e in line.where]
    found: set[tuple[object, ...]] = {(side, " ".join(e.value.casefold().split())) for side, e in named}
    found |= {("what", line.what.value if line.what else None), ("when", line.when.value if line.when else None)}
    found |= {(c.kind, c.low, c.high) for c in line.counts}
    return found | {(c.kind, " ".join(c.by.value.casefold().split())) for c in line.counts if c.by}


@pytest.fixture(scope="module")
def plain(analyzer: Analyzer) -> list[set[tuple[object, ...]]]:
    return elements(analyzer, list(REPORTS))


def test_the_plain_reports_have_whole_lines(plain: list[set[tuple[object, ...]]]) -> None:
    assert all(len(line) >= 4 for line in plain)


@pytest.mark.parametrize("form", FORMS)
def test_each_form_gives_nearly_the_line_of_the_plain_text(
    form: str, analyzer: Analyzer, plain: list[set[tuple[object, ...]]]
) -> None:
    make, floor = FORMS[form]
    found = elements(analyzer, [make(t) for t in REPORTS])
    kept = sum(len(a & b) for a, b in zip(found, plain, strict=True))
    extra = sum(len(a - b) for a, b in zip(found, plain, strict=True))
    whole = sum(map(len, plain))
    assert kept / whole >= floor
    assert extra / whole <= EXTRA_MAX


@pytest.mark.parametrize(
    "text",
    [
        "Bomb kills four soldiers in Oskel town\nGunmen abduct nine students at school\nRebels take a border post near Lorim\nArmy denies its convoy was attacked",
        "\n".join(f"{n:064x}" for n in range(5)),
        "name      killed    wounded   place\nOskel     12        30        market\nLorim     3         4         bridge",
        "Demands of the group, sent to the station:\n- the release of all of its prisoners now\n- an end to the bombing of the villages\n- talks",
        "One long paragraph of a single line that says that gunmen killed four people.\nAnother that says more of it.",
        "",
        "\n\n",
    ],
)
def test_lists_tables_and_titles_keep_their_lines(text: str) -> None:
    assert join_lines(text) == text


def test_a_wrapped_paragraph_under_its_title_is_joined_and_the_title_stands_alone() -> None:
    text = "Bomb kills four\n\n" + wrap(40)(REPORTS[1]) + "\n\n" + wrap(40)(REPORTS[3])
    assert join_lines(text) == "\n\n".join(("Bomb kills four", REPORTS[1], REPORTS[3]))


@given(st.text(st.sampled_from("ab cD.\n\t,-é"), max_size=300))
def test_offsets_hold(text: str) -> None:
    casing = Casing({"ab": "Ab"}, ("the",))
    joined = join_lines(text)
    assert len(joined) == len(text)
    assert all(a == b or (a, b) == ("\n", " ") for a, b in zip(text, joined, strict=True))
    assert len(casing.part_sentences(casing.restore(joined))) == len(text)


def test_joining_and_parting_take_linear_time() -> None:
    casing = Casing({}, ("the", "men"))
    for work in (
        lambda n: join_lines("the men went\n" * n),
        lambda n: casing.part_sentences("the men went The men " * n),
    ):
        assert_growth(lambda work=work: work(1_000), lambda work=work: work(8_000), most=16)  # type: ignore[misc]
