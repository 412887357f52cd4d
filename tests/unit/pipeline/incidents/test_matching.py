"""Which stories are about one incident: what agrees, what contradicts, and what is said about it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from pipeline.incidents.clustering import Told, group, opened
from pipeline.incidents.likeness import FACTS, WORDS, compare
from pipeline.incidents.matching import Traits, agreement, default_model, is_near, keys, rarity_of
from pipeline.incidents.relation import relation_of
from pipeline.incidents.things import things_in
from pipeline.incidents.traits import names_in
from pipeline.incidents.words import direction, fold, likeness, overlap, stem
from pipeline.records import Article, ArticleId, Entity, Place, StoryId, VersionId

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MOGADISHU = Place("Mogadishu", 0, 9, "geo:53654", "Mogadishu", "SO", 2.04, 45.34)
KISMAYO = Place("Kismayo", 0, 7, "geo:2", "Kismayo", "SO", -0.36, 42.55)
SOMALIA = Place("Somalia", 0, 7, "geo:51537", "Somalia", "SO")


def words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(stem(word) for word in text.split()))


BOMB = Traits(
    family="violence",
    names={"mogadishu": 0.75, "hamar": 1.5, "weyne": 1.5},
    day=date(2026, 3, 1),
    seen=NOON,
    place=MOGADISHU,
    actors=("group:al-shabaab",),
    language="en",
    title=words("car bomb kills nine at hamar weyne market"),
    words=words("car bomb kills nine traders at hamar weyne market in mogadishu al-shabaab"),
    proper=words("hamar weyne mogadishu al-shabaab"),
    what="Remote explosive/landmine/IED",
    kinds=("bomb",),
    spots=("mogadishu", "hamar weyne"),
    specific=("hamar weyne", "mogadishu"),
    parties=words("traders al-shabaab"),
    toll={"killed": 9},
    numbers=(9,),
    things=("means:vehicle", "struck:market"),
    countries=("SO",),
)
RETOLD = replace(
    BOMB,
    names={"hamar": 1.0, "mogadishu": 0.75},
    actors=(),
    seen=NOON + timedelta(hours=5),
    title=words("nine shoppers dead in blast in somali capital"),
    words=words(
        "nine shoppers dead in blast in somali capital explosives in a parked car tore through stalls in hamar"
    ),
    specific=("hamar",),
    spots=("hamar", "mogadishu"),
    parties=words("shoppers"),
)
HOSPITAL = replace(
    BOMB,
    names={"mogadishu": 0.75, "medina": 1.5},
    actors=(),
    title=words("gunmen shoot doctor outside medina hospital"),
    words=words("gunmen shoot doctor outside medina hospital in mogadishu and flee"),
    proper=words("medina mogadishu"),
    what="Attack",
    kinds=("attack",),
    specific=("medina", "mogadishu"),
    spots=("medina", "mogadishu"),
    parties=words("gunmen doctor"),
    toll={"killed": 1},
    numbers=(),
    things=("means:shooting", "struck:hospital"),
)
ADVISORY = Traits(
    family="cyber", seen=NOON, cves=("CVE-2026-1001", "CVE-2026-1002"), names={"tidegate": 1.5}, kinds=("cyber",)
)


def is_joined(story: Traits, others: list[Traits]) -> bool:
    """Whether a story ends in one incident with one of the others."""
    pool = [Told(StoryId(f"story:{n}"), traits) for n, traits in enumerate([story, *others])]
    return any("story:0" in stories and len(stories) > 1 for stories in opened(group(pool, lambda _: 1.0), pool))


def test_two_tellings_of_one_bombing_are_one_incident() -> None:
    assert is_joined(RETOLD, [BOMB])
    assert is_joined(RETOLD, [BOMB, HOSPITAL])


def test_another_target_in_the_same_city_on_the_same_day_is_another_incident() -> None:
    assert not is_joined(HOSPITAL, [BOMB])
    assert not is_joined(HOSPITAL, [BOMB, RETOLD])


def test_another_city_contradicts() -> None:
    text = words("nine shoppers dead in blast in kismayo explosives in a parked car tore through stalls near the port")
    elsewhere = replace(
        RETOLD,
        place=KISMAYO,
        names={"kismayo": 1.5},
        specific=("kismayo",),
        spots=("kismayo",),
        title=text[:7],
        words=text,
    )
    assert not is_joined(elsewhere, [BOMB])


def test_a_higher_toll_does_not_part_reports() -> None:
    later = replace(RETOLD, toll={"killed": 14}, numbers=(14,), seen=NOON + timedelta(hours=20), relation="toll")
    assert is_joined(later, [BOMB])


def test_country_day_and_kind_alone_are_not_enough() -> None:
    vague = Traits(
        family="violence",
        seen=NOON,
        day=date(2026, 3, 1),
        place=SOMALIA,
        what="Attack",
        kinds=("attack",),
        countries=("SO",),
    )
    assert not is_joined(vague, [vague])


def test_a_name_that_everybody_bears_says_little() -> None:
    few, many = rarity_of({"hamar": 1}, 100), rarity_of({"hamar": 60}, 100)
    assert agreement(BOMB, RETOLD, few)[0] > agreement(BOMB, RETOLD, many)[0]


def test_another_day_another_bomb() -> None:
    assert not is_joined(replace(RETOLD, day=date(2026, 3, 6), seen=NOON + timedelta(days=5)), [BOMB])


def test_who_follows_may_come_late_and_opens_nothing() -> None:
    late = replace(RETOLD, seen=NOON + timedelta(days=9), opens=False)
    assert not is_near(late, BOMB)
    assert is_near(replace(late, relation="arrest"), BOMB)
    assert is_joined(replace(RETOLD, opens=False, relation="reaction"), [BOMB])
    assert not is_joined(replace(RETOLD, opens=False), [replace(BOMB, opens=False)])
    assert not is_joined(replace(RETOLD, opens=False, tells=0.1), [BOMB])


def test_a_follower_ties_no_two_incidents_together() -> None:
    pool = [Told(StoryId(f"story:{n}"), t) for n, t in enumerate([BOMB, HOSPITAL, replace(RETOLD, opens=False)])]
    assert len(opened(group(pool, lambda _: 1.0), pool)) == 2


def test_advisories_with_other_cves_are_less_alike_than_with_the_same() -> None:
    other = replace(ADVISORY, cves=("CVE-2026-2001",))
    assert agreement(ADVISORY, other)[0] < agreement(ADVISORY, ADVISORY)[0]


def test_agreement_is_symmetric() -> None:
    for other in (RETOLD, HOSPITAL, replace(BOMB, place=None), replace(BOMB, actors=()), ADVISORY):
        assert agreement(BOMB, other)[0] == pytest.approx(agreement(other, BOMB)[0])


def test_every_weight_has_the_sign_that_its_comparison_may_have() -> None:
    model = default_model()
    for weights, signs in ((model.facts, FACTS), (model.words, FACTS | WORDS)):
        assert weights.weights.keys() <= signs.keys()
        assert all(signs[name] * weight >= 0 for name, weight in weights.weights.items() if signs[name])


def test_words_are_weighed_only_within_a_language() -> None:
    rare = rarity_of({}, 100)
    assert WORDS.keys() <= compare(BOMB, RETOLD, rare).keys()
    assert not WORDS.keys() & compare(BOMB, replace(RETOLD, language="fr"), rare).keys()


def test_it_says_what_speaks_for_one_event_and_what_against() -> None:
    _, why = agreement(BOMB, HOSPITAL)
    assert "something else was struck" in why.partition("; but ")[2]
    assert "the number 9" in agreement(BOMB, RETOLD)[1]


def test_stories_that_agree_share_a_key() -> None:
    assert set(keys(BOMB)) & set(keys(RETOLD))
    unnamed = replace(RETOLD, names={}, place=None)
    assert set(keys(BOMB)) & set(keys(unnamed))
    assert set(keys(ADVISORY)) & set(keys(replace(ADVISORY, cves=("CVE-2026-1001",), names={})))


def test_names_are_words_that_few_reports_bear() -> None:
    text = "KABUL (Wire) - Police said on Monday that Taliban gunmen raided Deh Mazrang in Afghanistan. Witnesses fled."
    article = Article(
        article_id=ArticleId("art:1"),
        version_id=VersionId("ver:1"),
        feed="wire",
        title="Raid on Deh Mazrang market",
        text=text,
        fetched=NOON,
    )
    taliban = text.index("Taliban")
    names = names_in(article, [Entity("Taliban", "GROUP", taliban, taliban + 7, "group:taliban")])
    assert names["mazrang"] > 1
    assert not {"monday", "taliban", "afghanistan", "police", "wire", "witnesses"} & names.keys()


def test_a_capital_that_is_not_named_is_a_name_all_the_same() -> None:
    text = "Police said that gunmen stormed a bank in the Haitian capital on Monday."
    article = Article(article_id=ArticleId("a"), version_id=VersionId("v"), feed="wire", text=text, fetched=NOON)
    assert "port-au-prince" in names_in(article, [])


def test_folding_is_idempotent() -> None:
    for word in ("Côte", "O'Brien’s", "ŞIRNAK", "al-Qa'ida"):
        assert fold(fold(word)) == fold(word)


def test_forms_of_a_word_share_a_stem_and_like_words_are_near() -> None:
    assert len({stem(w) for w in ("bomb", "bombs", "bombed", "bombing", "bombings", "bomber")}) == 1
    strike, raid, market = words("drone strike"), words("warplane missile"), words("consumer prices")
    assert likeness(strike, raid) > likeness(strike, market)
    assert overlap(strike, strike) == pytest.approx(1.0)
    assert direction(strike, ()) == overlap((), strike) == likeness((), ()) == 0.0


@pytest.mark.parametrize(
    ("text", "things"),
    [
        ("Two pupils were hurt when a drone hit their school", {"struck:school", "means:drone"}),
        ("Militants torched a clinic", {"struck:hospital", "means:fire"}),
        ("A power station was struck by missiles", {"struck:power", "means:missile"}),
        ("The minister opened talks", set()),
    ],
)
def test_things_that_were_struck_and_with_what(text: str, things: set[str]) -> None:
    assert things <= set(things_in(text))
    assert things or not things_in(text)


@pytest.mark.parametrize(
    ("title", "text", "relation"),
    [
        ("Gunmen kill five in Orvane market", "Gunmen killed five people in a market in Orvane on Monday.", "report"),
        ("Court sentences bomber to life", "A court sentenced a man to life for a bombing.", "hearing"),
        ("Militants claim Orvane bombing", "The group claimed responsibility for the bombing in Orvane.", "claim"),
        ("Army denies shelling village", "The army denied that it had shelled the village.", "denial"),
        ("Death toll in Orvane blast rises to 31", "The death toll in the blast rose to 31 on Sunday.", "toll"),
    ],
)
def test_what_a_report_is_to_its_incident(title: str, text: str, relation: str) -> None:
    assert relation_of(title, text).relation == relation


def test_what_tells_of_no_incident() -> None:
    assert relation_of("Singer tops charts", "The singer's new record topped the charts again.").tells < 0.5
