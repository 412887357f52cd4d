"""Which stories are about one incident."""

from datetime import UTC, date, datetime, timedelta

from msgspec.structs import replace

from pipeline.incidents import Traits, agreement, keys, same_incident
from pipeline.records import Place

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MOGADISHU = Place("Mogadishu", 0, 9, "geo:53654", "Mogadishu", "SO", 2.04, 45.34)
AFGOOYE = Place("Afgooye", 0, 7, "geo:1", "Afgooye", "SO", 2.14, 45.12)  # 26 km away
KISMAYO = Place("Kismayo", 0, 7, "geo:2", "Kismayo", "SO", -0.36, 42.55)
SOMALIA = Place("Somalia", 0, 7, "geo:51537", "Somalia", "SO")
BOMB = Traits(
    family="violence",
    subtype="Remote explosive/landmine/IED",
    day=date(2026, 3, 1),
    seen=NOON,
    place=MOGADISHU,
    actors=("group:al-shabaab",),
    victims=("people",),
    weapons=("bomb",),
)
ADVISORY = Traits(family="cyber", seen=NOON, cves=("CVE-2026-1001", "CVE-2026-1002"))


def test_two_tellings_of_one_bombing_are_one_incident() -> None:
    other = replace(BOMB, actors=(), victims=("civilian",), seen=NOON + timedelta(hours=5))
    assert same_incident(other, [BOMB])


def test_a_town_nearby_agrees_and_another_city_contradicts() -> None:
    assert same_incident(replace(BOMB, place=AFGOOYE), [BOMB])
    assert not same_incident(replace(BOMB, place=KISMAYO), [BOMB])


def test_the_same_country_alone_is_not_enough() -> None:
    vague = replace(BOMB, place=SOMALIA, actors=(), victims=(), weapons=())
    assert not same_incident(vague, [replace(BOMB, place=SOMALIA, actors=(), victims=(), weapons=())])


def test_another_day_another_bomb() -> None:
    assert not same_incident(replace(BOMB, day=date(2026, 3, 4)), [BOMB])
    assert not same_incident(replace(BOMB, day=None, seen=NOON + timedelta(days=4)), [BOMB])


def test_an_arrest_is_not_the_bombing() -> None:
    assert not same_incident(replace(BOMB, family="arrest"), [BOMB])


def test_advisories_need_the_same_cves_whatever_else_agrees() -> None:
    assert same_incident(replace(ADVISORY, cves=("CVE-2026-1001", "CVE-2026-1002", "CVE-2026-1003")), [ADVISORY])
    assert not same_incident(replace(ADVISORY, cves=("CVE-2026-2001",)), [ADVISORY])
    assert not same_incident(replace(ADVISORY, cves=()), [ADVISORY])


def test_a_story_must_agree_with_half_of_an_incident_so_chains_break() -> None:
    assert not same_incident(BOMB, [BOMB, replace(BOMB, place=KISMAYO), replace(BOMB, place=KISMAYO)])


def test_agreement_is_symmetric() -> None:
    others = (replace(BOMB, place=AFGOOYE), replace(BOMB, place=None), replace(BOMB, actors=()), ADVISORY)
    for other in others:
        assert agreement(BOMB, other)[0] == agreement(other, BOMB)[0]


def test_stories_that_could_agree_share_a_key() -> None:
    assert set(keys(BOMB)) & set(keys(replace(BOMB, place=AFGOOYE, actors=())))
    assert set(keys(ADVISORY)) & set(keys(replace(ADVISORY, cves=("CVE-2026-1001",))))
