"""Which stories are about one incident."""

from datetime import UTC, date, datetime, timedelta

from msgspec.structs import replace

from pipeline.incidents.clustering import Told, group
from pipeline.incidents.matching import Traits, agreement, fold, keys, names_in, rarity_of
from pipeline.records import Article, ArticleId, Entity, Place, StoryId, VersionId

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MOGADISHU = Place("Mogadishu", 0, 9, "geo:53654", "Mogadishu", "SO", 2.04, 45.34)
AFGOOYE = Place("Afgooye", 0, 7, "geo:1", "Afgooye", "SO", 2.14, 45.12)  # 26 km away
KISMAYO = Place("Kismayo", 0, 7, "geo:2", "Kismayo", "SO", -0.36, 42.55)
SOMALIA = Place("Somalia", 0, 7, "geo:51537", "Somalia", "SO")
BOMB = Traits(
    family="violence",
    names={"mogadishu": 0.75, "hamar": 1.5, "weyne": 1.5},
    day=date(2026, 3, 1),
    seen=NOON,
    place=MOGADISHU,
    actors=("group:al-shabaab",),
)
ADVISORY = Traits(family="cyber", seen=NOON, cves=("CVE-2026-1001", "CVE-2026-1002"))


def is_joined(story: Traits, others: list[Traits]) -> bool:
    """Whether a story ends in one incident with one of the others."""
    pool = [Told(StoryId(f"story:{n}"), traits) for n, traits in enumerate([story, *others])]
    return any("story:0" in stories and len(stories) > 1 for stories in group(pool, lambda _: 1.0))


def test_two_tellings_of_one_bombing_are_one_incident() -> None:
    other = replace(BOMB, actors=(), names={"hamar": 1.0, "lido": 1.0}, seen=NOON + timedelta(hours=5))
    assert is_joined(other, [BOMB])


def test_a_town_nearby_agrees_and_another_city_contradicts() -> None:
    other = replace(BOMB, names={"hamar": 1.0})
    assert is_joined(replace(other, place=AFGOOYE), [BOMB])
    assert not is_joined(replace(other, place=KISMAYO), [BOMB])


def test_country_day_and_kind_alone_are_not_enough() -> None:
    vague = replace(BOMB, place=SOMALIA, names={}, actors=())
    assert not is_joined(vague, [vague])


def test_a_name_that_everybody_bears_says_little() -> None:
    a, b = (
        replace(BOMB, place=None, names={"hamar": 1.0}, day=None),
        replace(BOMB, place=None, names={"hamar": 1.0}, day=None, actors=()),
    )
    assert agreement(a, b, rarity_of({"hamar": 1}, 100))[0] > agreement(a, b, rarity_of({"hamar": 60}, 100))[0]


def test_another_day_another_bomb() -> None:
    other = replace(BOMB, names={"hamar": 1.0}, actors=())
    assert not is_joined(replace(other, day=date(2026, 3, 4)), [BOMB])
    assert not is_joined(replace(other, day=None, seen=NOON + timedelta(days=4)), [BOMB])


def test_a_claim_or_an_arrest_joins_by_its_names_and_place() -> None:
    assert is_joined(replace(BOMB, family="arrest", names={"hamar": 1.5}), [BOMB])


def test_advisories_need_the_same_cves_whatever_else_agrees() -> None:
    assert is_joined(replace(ADVISORY, cves=("CVE-2026-1001", "CVE-2026-1002", "CVE-2026-1003")), [ADVISORY])
    alike = replace(ADVISORY, names={"halden": 1.5, "tidegate": 1.5})
    assert not is_joined(replace(alike, cves=("CVE-2026-2001",)), [alike])


def test_agreement_is_symmetric() -> None:
    others = (replace(BOMB, place=AFGOOYE), replace(BOMB, place=None), replace(BOMB, actors=()), ADVISORY)
    for other in others:
        assert agreement(BOMB, other)[0] == agreement(other, BOMB)[0]


def test_stories_that_agree_share_a_key() -> None:
    assert set(keys(BOMB)) & set(keys(replace(BOMB, place=AFGOOYE, actors=())))
    assert set(keys(ADVISORY)) & set(keys(replace(ADVISORY, cves=("CVE-2026-1001",))))


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


def test_folding_is_idempotent() -> None:
    for word in ("Côte", "O'Brien’s", "ŞIRNAK", "al-Qa'ida"):
        assert fold(fold(word)) == fold(word)
