"""Reports in other languages than English: numbers, counts, places, what rings, by the same rules over each language's words."""

from datetime import UTC, datetime

import pytest

from pipeline.records import Article, ArticleId, Findings, VersionId
from pipeline.text.findings import Analyzer
from pipeline.text.languages import LANGUAGES
from pipeline.text.languages.lexicon import load
from pipeline.text.languages.numbers import find_numbers
from pipeline.text.languages.words import sentences_of
from tests.gold.score_languages import Tally, article_of, gold, judge, line_of

WORTH_MIN, KIND_MIN, PLACE_MIN, COUNTS_MIN, CALM_MAX = 0.90, 0.80, 0.85, 0.80, 0.03


@pytest.fixture(scope="module")
def analyzer() -> Analyzer:
    return Analyzer("rules")


def read(analyzer: Analyzer, text: str, language: str) -> Findings:
    day = datetime(2026, 3, 4, 12, tzinfo=UTC)
    return analyzer.analyse(
        [
            Article(
                article_id=ArticleId("a"),
                version_id=VersionId("a"),
                feed="f",
                fetched=day,
                published=day,
                text=text,
                language=language,
            )
        ]
    )[0]


NUMBERS = [
    ("fr", "quatre-vingt-douze personnes", 92, 92),
    ("fr", "une vingtaine de morts", 20, 20),
    ("fr", "des dizaines de morts", 24, None),
    ("fr", "au moins 1 200 morts", 1200, None),
    ("fr", "entre vingt et trente morts", 20, 30),
    ("es", "treinta y dos heridos", 32, 32),
    ("es", "más de una docena de muertos", 12, None),
    ("es", "12.000 desplazados", 12000, 12000),
    ("pt", "vinte e três feridos", 23, 23),
    ("ru", "двадцать три человека", 23, 23),
    ("ru", "погибли десятки человек", 24, None),
    ("ru", "не менее 20 человек", 20, None),
    ("uk", "п'ятеро людей", 5, 5),
    ("ar", "ثلاثة وعشرون شخصا", 23, 23),
    ("ar", "ثلاثة عشر شخصا", 13, 13),
    ("ar", "١٢ شخصا", 12, 12),
    ("ar", "أكثر من عشرين مدنيا", 20, None),
]


@pytest.mark.parametrize(("language", "text", "low", "high"), NUMBERS)
def test_numbers_in_words_and_digits(language: str, text: str, low: int | None, high: int | None) -> None:
    lexicon = load(language)
    sentence = sentences_of(text, lexicon.clitics, lexicon.abbreviations)[0]
    number = find_numbers(sentence, lexicon, lexicon.find(sentence))[0]
    assert (number.low, number.high) == (low, high)


def test_an_event_has_its_class_place_date_and_numbers(analyzer: Analyzer) -> None:
    text = "Des hommes armés ont attaqué mardi le village de Tongoro, au Mali, tuant douze civils et en blessant cinq, a annoncé le gouverneur."
    found = read(analyzer, text, "fr")
    event = found.events[0]
    assert (event.subtype, event.date, event.realis) == ("Attack", "2026-03-03", "actual")
    assert event.place is not None
    assert (event.place.text, event.place.country) == ("Tongoro", "ML")
    assert [p.text for p in event.perpetrators] == ["hommes armés"]
    assert [(c.kind, c.low, c.high) for c in found.claims] == [("killed", 12, 12), ("wounded", 5, 5)]
    assert all(text[c.start : c.end] == c.text for c in found.claims)
    assert found.claims[0].claimant is not None
    assert found.claims[0].claimant.text == "gouverneur"


def test_a_figure_of_speech_rings_nothing(analyzer: Analyzer) -> None:
    found = read(
        analyzer, "La hausse des taux a fait l'effet d'une bombe sur les marchés financiers mardi à Abidjan.", "fr"
    )
    assert found.worth is not None
    assert found.worth < 0.2
    assert found.line is None


def test_a_claim_of_responsibility_names_who_claims(analyzer: Analyzer) -> None:
    found = read(analyzer, "Le JNIM a revendiqué mardi l'attaque contre un camp militaire à Diafarabé, au Mali.", "fr")
    claim = next(c for c in found.claims if c.kind == "responsibility")
    assert claim.claimant is not None
    assert claim.claimant.text == "JNIM"


def test_nobody_has_claimed_it_is_no_claim(analyzer: Analyzer) -> None:
    found = read(
        analyzer,
        "Un kamikaze a tué six personnes mardi à Maroua, au Cameroun. L'attentat n'a pas été revendiqué par Boko Haram.",
        "fr",
    )
    assert all(c.kind != "responsibility" for c in found.claims)


BARE = [
    ("ru", "В понедельник при обстреле Купянска погиб мирный житель.", 1),
    ("ar", "قتل جنديان في انفجار عبوة ناسفة قرب بغداد.", 2),
    ("ar", "مقتل صحفي برصاص مسلحين في طرابلس.", 1),
]


@pytest.mark.parametrize(("language", "text", "number"), BARE)
def test_people_counted_by_their_word_alone(analyzer: Analyzer, language: str, text: str, number: int) -> None:
    killed = [c for c in read(analyzer, text, language).claims if c.kind == "killed"]
    assert [(c.low, c.high) for c in killed] == [(number, number)]


PLACES = [
    ("ru", "При ударе беспилотников в Харькове погибли трое.", "Kharkiv"),
    ("uk", "Унаслідок удару дронів у Харкові загинули троє людей.", "Kharkiv"),
    ("ar", "قتل 3 أشخاص في غارة جوية على مدينة الحديدة.", "Hodeidah"),
    ("ar", "فجر انتحاري نفسه ببغداد وقتل 3 أشخاص.", "Baghdad"),
    ("es", "Un ataque con drones mató a tres personas en Járkov.", "Kharkiv"),
]


@pytest.mark.parametrize(("language", "text", "place"), PLACES)
def test_declined_and_joined_names_are_the_same_place(analyzer: Analyzer, language: str, text: str, place: str) -> None:
    event = read(analyzer, text, language).events[0]
    assert event.place is not None
    assert event.place.name == place


def test_soldiers_who_are_counted_are_no_army(analyzer: Analyzer) -> None:
    line = read(analyzer, "Douze soldats ont été tués mardi dans une embuscade près de Gao, au Mali.", "fr").line
    assert line is not None
    assert [(c.kind, c.low, c.object) for c in line.counts] == [("killed", 12, "soldiers")]


def test_a_line_in_another_script_has_english_names(analyzer: Analyzer) -> None:
    line = read(analyzer, "قتل سبعة مدنيين يوم الثلاثاء في غارة جوية على مدينة الحديدة.", "ar").line
    assert line is not None
    assert line.what is not None
    assert line.what.value == "Air/drone strike"
    assert line.where[0].value == "Hodeidah (الحديدة)"
    assert [(c.kind, c.low, c.object) for c in line.counts] == [("killed", 7, "civilians")]


def test_gold_reaches_its_aims(analyzer: Analyzer) -> None:
    tally = Tally()
    rows = [row for language in LANGUAGES for row in gold(language, odd=False)]
    articles = [article_of(row) for row in rows]
    for row, article, found in zip(rows, articles, analyzer.analyse(articles), strict=True):
        list(judge(row, line_of(article, found), tally))
    assert tally.f1("worth") >= WORTH_MIN
    assert tally.share("kind") >= KIND_MIN
    assert tally.share("place") >= PLACE_MIN
    assert tally.f1("counts") >= COUNTS_MIN
    assert tally.share("calm") >= 1 - CALM_MAX
