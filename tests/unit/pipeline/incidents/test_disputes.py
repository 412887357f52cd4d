"""Disputed: two claimants, one kind, one event, one sort of people, one day, numbers that can't both be right. All reports are invented."""

from typing import Any

import pytest

from pipeline.incidents.disputes import disputed_kinds
from pipeline.records import AlertClaim, ArticleId, Source, StoryId, VersionId


def claim(low: int | None, by: str | None = None, **more: Any) -> AlertClaim:
    given: dict[str, Any] = {"kind": "killed", "version": "v1", "as_of": "2026-03-01T10:00:00+00:00"} | more
    version = VersionId(given.pop("version"))
    return AlertClaim(**{"low": low, "high": low, "claimant": by, "version_id": version, "start": 0, "end": 1} | given)


def source(number: int, feed: str = "", agency: str | None = None) -> Source:
    return Source(
        article_id=ArticleId(f"a{number}"), version_id=VersionId(f"v{number}"), story=StoryId(f"s{number}"),
        feed=feed or f"feed {number}", verdict="new", agency=agency,
    )  # fmt: skip


SOURCES = [source(1), source(2), source(3, feed="feed 1"), source(4, agency="AP"), source(5, agency="AP")]
LATER = "2026-03-01T15:00:00+00:00"
NEXT_WEEK = "2026-03-09T10:00:00+00:00"
SOLDIERS, CIVILIANS = {"object": "government soldiers"}, {"object": "civilians"}


@pytest.mark.parametrize(
    ("what", "claims"),
    [
        ("two who are quoted in one article", [claim(8, "the army"), claim(20, "the rebels")]),
        (
            "two who are quoted in two articles",
            [claim(8, "the army"), claim(20, "a doctor", version="v2", as_of=LATER)],
        ),
        ("two outlets at one time", [claim(8), claim(20, version="v2")]),
        ("an outlet and who is quoted elsewhere", [claim(30), claim(8, "police", version="v2")]),
        ("one sort of people", [claim(8, "the army", **SOLDIERS), claim(20, "the rebels", object="soldiers")]),
        ("more of some than of all", [claim(30, "the rebels", **SOLDIERS), claim(12, "the army", object="people")]),
        ("a floor above the other's number", [claim(30, "a doctor", hedge="at least"), claim(12, "police")]),
        ("a denial of what another states", [claim(30, "a doctor"), claim(None, "police", stance="denies")]),
        ("a day and a time of that day", [claim(8, "the army", as_of="2026-03-01"), claim(20, "the rebels")]),
    ],
)
def test_two_claimants_who_can_not_both_be_right_dispute(what: str, claims: list[AlertClaim]) -> None:
    assert disputed_kinds(claims, SOURCES) == ("killed",), what
    assert disputed_kinds(claims[::-1], SOURCES) == ("killed",), what


@pytest.mark.parametrize(
    ("what", "claims"),
    [
        ("a claimant's newer toll", [claim(12, "police"), claim(15, "the police", version="v2", as_of=LATER)]),
        ("an agency's newer toll", [claim(12, version="v4"), claim(15, version="v5", as_of=LATER)]),
        ("a feed's newer and lower toll", [claim(15), claim(12, version="v3", as_of=LATER)]),
        ("another outlet's larger toll hours later", [claim(12), claim(15, version="v2", as_of=LATER)]),
        ("a part against a total", [claim(40, "police"), claim(12, "a doctor", object="children", part=True)]),
        ("some against all", [claim(40, "police", object="people"), claim(12, "a doctor", object="children")]),
        ("two sorts of people", [claim(8, "the army", **SOLDIERS), claim(20, "the rebels", **CIVILIANS)]),
        ("floors that overlap", [claim(12, "police", hedge="at least"), claim(30, "a doctor")]),
        ("hedges that overlap", [claim(100, "police", hedge="about"), claim(95, "a doctor", hedge="nearly")]),
        ("freed and abducted", [claim(38, "police", kind="released"), claim(40, "a doctor", kind="abducted")]),
        ("a number of another event", [claim(8, "the army"), claim(20, "the rebels", also=True)]),
        ("numbers of two weeks", [claim(8, "the army"), claim(20, "a doctor", version="v2", as_of=NEXT_WEEK)]),
        ("one claimant's two numbers of one report", [claim(8, "police"), claim(20, "police"), claim(20, "a doctor")]),
        ("an article's own words and whom it quotes", [claim(8), claim(20, "the army")]),
        ("one who denies and states", [claim(8, "the army"), claim(20, "the army", stance="denies")]),
    ],
)  # fmt: skip
def test_whoever_can_be_right_beside_another_disputes_nothing(what: str, claims: list[AlertClaim]) -> None:
    assert disputed_kinds(claims, SOURCES) == (), what
    assert disputed_kinds(claims[::-1], SOURCES) == (), what


def test_a_group_that_denies_disputes_only_who_names_it() -> None:
    denial = claim(None, "the Harbour Front", kind="responsibility", stance="denies", agent="the Harbour Front")
    other = claim(None, "the Red Dawn", kind="responsibility", stance="claims", agent="the Red Dawn", version="v2")
    accuser = claim(None, "police", kind="responsibility", stance="accuses", agent="Harbour Front", version="v2")
    assert disputed_kinds([denial, other], SOURCES) == ()
    assert disputed_kinds([denial, accuser], SOURCES) == ("responsibility",)
