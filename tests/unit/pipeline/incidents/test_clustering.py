"""Incidents are groups of stories that agree: in any order, merged by a bridge, parted when it goes, and as people decided."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from pipeline.incidents.clustering import MemoryIncidents, Told, group, name, shifts
from pipeline.incidents.matching import Traits
from pipeline.records import IncidentId, Place, StoryId
from pipeline.records.identity import incident_id

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MOGADISHU = Place("Mogadishu", 0, 9, "geo:53654", "Mogadishu", "SO", 2.04, 45.34)
KISMAYO = Place("Kismayo", 0, 7, "geo:2", "Kismayo", "SO", -0.36, 42.55)


def told(number: int, *names: str, place: Place | None = None, hours: float = 0, incident: int | None = None) -> Told:
    traits = Traits(
        family="violence",
        names=dict.fromkeys(names, 1.5),
        seen=NOON + timedelta(hours=hours, minutes=number),
        place=place,
    )
    return Told(StoryId(f"story:{number:02}"), traits, inc(incident) if incident is not None else None)


def inc(number: int) -> IncidentId:
    return incident_id(StoryId(f"story:{number:02}"))


def pair(a: int, b: int) -> frozenset[StoryId]:
    return frozenset((StoryId(f"story:{a:02}"), StoryId(f"story:{b:02}")))


def rare(_: str) -> float:
    return 1.0


def numbers(groups: list[tuple[StoryId, ...]]) -> list[list[int]]:
    return sorted(sorted(int(story[-2:]) for story in stories) for stories in groups)


HOTEL = told(1, "hamar", "weyne", incident=1)
BARRACKS = told(2, "yaaq", "bariwe", incident=2)
BRIDGE = told(3, "hamar", "weyne", "yaaq", "bariwe")
POOL = [HOTEL, BARRACKS, BRIDGE]


def test_a_report_that_ties_two_incidents_merges_them_under_the_earlier_name() -> None:
    groups = group(POOL, rare)
    assert numbers(groups) == [[1, 2, 3]]
    names = name(groups, POOL)
    assert set(names.values()) == {inc(1)}
    (shift,) = shifts(POOL, names, rare)
    assert (shift.kind, shift.came_from, shift.went_to, shift.moved) == ("merge", inc(2), inc(1), (BARRACKS.story,))
    assert "bariwe" in shift.reason


def test_when_the_bridge_is_revised_away_the_incidents_come_apart_and_the_lost_name_comes_back() -> None:
    merged = [replace(t, incident=inc(1)) for t in (HOTEL, BARRACKS)]
    pool = [*merged, replace(BRIDGE, incident=inc(1), traits=told(3, "hamar", "weyne").traits)]
    groups = group(pool, rare)
    assert numbers(groups) == [[1, 3], [2]]
    names = name(groups, pool, former={inc(2)}, taken={inc(1)})
    assert names == {HOTEL.story: inc(1), BARRACKS.story: inc(2), BRIDGE.story: inc(1)}
    (shift,) = shifts(pool, names, rare)
    assert (shift.kind, shift.came_from, shift.went_to) == ("split", inc(1), inc(2))


def test_a_withdrawn_report_holds_nothing_together_and_stays_where_it_agreed() -> None:
    merged = [replace(t, incident=inc(1)) for t in POOL]
    merged[2] = replace(merged[2], traits=replace(BRIDGE.traits, is_withdrawn=True))
    assert numbers(group(merged, rare)) == [[1], [2, 3]]


def test_places_and_things_that_contradict_each_other_outweigh_a_bridge() -> None:
    market = {"place": MOGADISHU, "things": ("struck:market",), "specific": ("hamar",), "countries": ("SO",)}
    base = {"place": KISMAYO, "things": ("struck:base",), "specific": ("yaaq",), "countries": ("SO",)}
    hotel = replace(HOTEL, traits=replace(HOTEL.traits, **market))
    hotel_again = replace(told(5, "hamar", "weyne"), traits=replace(told(5, "hamar", "weyne").traits, **market))
    barracks = [replace(t, traits=replace(t.traits, **base)) for t in (BARRACKS, told(4, "yaaq", "bariwe"))]
    assert [1, 2, 3, 4, 5] not in numbers(group([hotel, hotel_again, *barracks, BRIDGE], rare))


def test_stories_far_apart_in_time_say_nothing_about_each_other() -> None:
    long = [told(n, "hamar", "weyne", hours=48 * n) for n in range(1, 6)]
    assert numbers(group(long, rare)) == [[1, 2, 3, 4, 5]]


def test_what_a_person_decided_stands() -> None:
    assert numbers(group(POOL, rare, apart={pair(1, 2)})) != [[1, 2, 3]]
    alien = told(4, "lido")
    assert numbers(group([HOTEL, alien], rare, together={pair(1, 4)})) == [[1, 4]]
    silent = replace(alien, traits=replace(alien.traits, is_withdrawn=True))
    assert numbers(group([HOTEL, silent], rare, together={pair(1, 4)})) == [[1, 4]]


def test_a_large_incident_moves_whole_or_not_at_all() -> None:
    large = [replace(t, incident=inc(1), whole=True) for t in (HOTEL, BARRACKS, told(5, "lido"))]
    assert numbers(group(large, rare)) == [[1, 2, 5]]
    assert numbers(group([*large, BRIDGE], rare)) == [[1, 2, 3, 5]]


def test_a_group_without_a_name_gets_one_that_is_not_in_use() -> None:
    pool = [replace(HOTEL, incident=inc(9)), replace(BARRACKS, incident=inc(9))]
    groups = [(HOTEL.story,), (BARRACKS.story,)]
    names = name(groups, pool, taken={inc(1), inc(2)})
    assert len(set(names.values())) == 2
    assert inc(9) in names.values()
    assert not {inc(1), inc(2)} & set(names.values())


@settings(max_examples=60, deadline=None)
@given(st.permutations([*POOL, told(4, "lido", "weyne"), told(5, "lido", "hamar"), told(6, "xamar", place=MOGADISHU)]))
def test_the_order_of_the_pool_changes_nothing(pool: list[Told]) -> None:
    assert numbers(group(pool, rare)) == numbers(group(sorted(pool, key=lambda t: t.story), rare))


@settings(max_examples=60, deadline=None)
@given(st.permutations(POOL))
def test_stories_that_come_one_by_one_end_in_the_same_incidents(arriving: list[Told]) -> None:
    known = MemoryIncidents()
    for one in arriving:
        known.join(one.story, one.traits)
    assert len({known.incident(one.story) for one in arriving}) == 1


@pytest.mark.parametrize("count", [1, 12])
def test_every_story_has_exactly_one_incident(count: int) -> None:
    pool = [told(n, f"name{n % 4}", f"place{n % 4}", f"x{n}") for n in range(count)]
    groups = group(pool, rare)
    assert sorted(s for g in groups for s in g) == sorted(t.story for t in pool)
    assert set(name(groups, pool)) == {t.story for t in pool}
