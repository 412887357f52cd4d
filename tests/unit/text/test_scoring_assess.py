"""What alerts, as what and how badly; and what does not, and why."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from pipeline.records import (
    SEVERITIES,
    Article,
    ArticleId,
    Claim,
    Entity,
    Event,
    Findings,
    Indicator,
    Mention,
    Party,
    Place,
    VersionId,
)
from pipeline.text.scoring import DEFAULT, assess, severity_of

TEXT = "Kettle Front fighters captured nearly 600 men of the Pot Brigade in Spoutville. " * 4


def article(text: str = TEXT, **fields: Any) -> Article:
    base = {
        "article_id": ArticleId("art:1"),
        "version_id": VersionId("ver:1"),
        "feed": "f",
        "fetched": datetime(2026, 1, 1, tzinfo=UTC),
    }
    return Article(text=text, **{**base, **fields})  # type: ignore[arg-type]


def event(kind: str = "Battles", subtype: str | None = "Armed clash", **fields: Any) -> Event:
    return Event(**{"type": kind, "subtype": subtype, "start": 0, "end": 10, **fields})


def claim(kind: str = "killed", low: int | None = 40, **fields: Any) -> Claim:
    return Claim(**{"kind": kind, "low": low, "high": low, "text": "x", "start": 5, "end": 20, **fields})


def indicator(verdict: str = "malicious", kind: str = "domain", value: str = "kettle.example") -> Indicator:
    return Indicator(type=kind, value=value, text=value, start=1, end=9, verdict=verdict)  # type: ignore[arg-type]


GROUP = Party("Kettle Front", 0, 12, "group:kettle-front")
SPOUT = Place("Spoutville", 3, 9, "geo:1")


def rules(findings: Findings, text: str = TEXT) -> list[str]:
    return [reason.rule for reason in assess(article(text), findings).reasons]


def test_captured_and_killed_claims_alert_as_conflict_and_background_responsibility_counts_nothing() -> None:
    findings = Findings(
        events=(event("Strategic developments", "Arrests", perpetrators=(GROUP,), place=SPOUT), event("Explosions/Remote violence", "Suicide bomb", realis="background")),
        claims=(
            claim("captured", 600, hedge="nearly", since="2021-08", agent=GROUP, event=0),
            claim("killed", 40, hedge="almost", agent=GROUP),
            claim("responsibility", None, realis="background", agent=Mention("Pot Brigade", 0, 4, "group:pot"), event=1),
            claim("killed", 300, realis="background", event=1),
        ),
    )  # fmt: skip
    result = assess(article(), findings)
    assert (result.category, result.severity, result.why_not) == ("conflict", "high", None)
    named = [reason.rule for reason in result.reasons]
    assert "harm: captured 600" in named
    assert "harm: killed 40" in named
    assert not any("Suicide" in rule or "responsibility" in rule or "300" in rule for rule in named)
    assert all(
        0 <= reason.start < reason.end <= len(TEXT)
        for reason in result.reasons
        if reason.start is not None and reason.end is not None
    )


@pytest.mark.parametrize("realis", ["background", "hypothetical", "denied", "exercise", "fiction"])
def test_what_is_not_of_the_present_does_not_alert(realis: str) -> None:
    findings = Findings(
        events=(event(realis=realis, perpetrators=(GROUP,), place=SPOUT),), claims=(claim(realis=realis, event=0),)
    )
    result = assess(article(), findings)
    assert result.severity is None
    assert result.why_not == f"only {realis} events; only claims that are denied or of the past"


def test_a_claim_of_a_background_event_is_background() -> None:
    findings = Findings(events=(event(realis="background"),), claims=(claim(low=900, event=0, agent=GROUP),))
    assert assess(article(), findings).severity is None


def test_attempted_and_threatened_events_count_for_less() -> None:
    scores = [
        assess(article(), Findings(events=(event(realis=realis, place=SPOUT),))).score
        for realis in ("actual", "attempted", "threatened")
    ]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 3


@pytest.mark.parametrize(
    ("findings", "why_not"),
    [
        (Findings(), "no event or indicator found"),
        (Findings(indicators=(indicator("benign"), indicator("unknown"))), "indicators, none of them hostile"),
        (Findings(events=(event("Other", "Diplomacy"),)), "only events that alert nobody: Diplomacy"),
    ],
)
def test_why_not_in_words(findings: Findings, why_not: str) -> None:
    result = assess(article(), findings)
    assert (result.severity, result.category, result.why_not) == (None, None, why_not)


@pytest.mark.parametrize(
    "findings",
    [
        Findings(
            events=(event("Battles", "Armed clash"), event("Explosions/Remote violence", "Suicide bomb"))
        ),  # a price war; a play that bombs
        Findings(events=(event("Protests", "Peaceful protest", place=SPOUT),)),
        Findings(events=(event("Strategic developments", "Arrests", place=SPOUT),)),
        Findings(events=(event("Other", "Natural disaster", place=SPOUT),)),
        Findings(claims=(claim("killed", 3),)),  # a crash
        Findings(entities=(Entity("Kettle Front", "GROUP", 0, 12, "group:kettle-front"),)),
        Findings(claims=(claim("killed", 50, stance="denies"),)),
    ],
)
def test_plain_news_does_not_alert(findings: Findings) -> None:
    result = assess(article(), findings)
    assert result.severity is None
    assert result.why_not


def test_harm_grows_with_the_logarithm_and_is_bounded() -> None:
    scores = [
        assess(article(), Findings(events=(event(place=SPOUT),), claims=(claim(low=n, event=0),))).score
        for n in (1, 10, 100, 10**5)
    ]
    assert scores == sorted(scores)
    assert scores[2] - scores[1] == pytest.approx(scores[1] - scores[0], abs=1e-6)
    assert scores[3] <= DEFAULT.events.points["Battles"]["Armed clash"] + DEFAULT.signs.place + DEFAULT.harm.max + 1e-9


def test_only_the_largest_claim_of_a_kind_counts() -> None:
    one = Findings(events=(event(place=SPOUT),), claims=(claim(low=40, event=0),))
    many = structs.replace(one, claims=(*one.claims, claim(low=30, event=0), claim(low=40, event=0)))
    assert assess(article(), one).score == assess(article(), many).score


@pytest.mark.parametrize(("weapon", "points"), [("nerve agent", 0.20), ("car bomb", 0.06), ("rifle", 0.03)])
def test_the_worst_weapon_counts(weapon: str, points: float) -> None:
    findings = Findings(events=(event(place=SPOUT, weapons=(Mention("knife", 1, 3), Mention(weapon, 5, 9))),))
    (reason,) = [reason for reason in assess(article(), findings).reasons if reason.rule.startswith("weapon")]
    assert (reason.rule, reason.points, reason.start) == (f"weapon: {weapon}", points, 5)


def test_a_group_that_takes_part_weighs_more_than_one_that_is_named() -> None:
    entity = Entity("Kettle Front", "GROUP", 0, 12, "group:kettle-front")
    takes_part = assess(article(), Findings(entities=(entity,), events=(event(place=SPOUT, perpetrators=(GROUP,)),)))
    named = assess(article(), Findings(entities=(entity,), events=(event(place=SPOUT),)))
    assert takes_part.score - named.score == pytest.approx(DEFAULT.signs.actor - DEFAULT.signs.actor_mentioned)


def test_hostile_indicators_alert_as_cyber_and_repeats_count_once() -> None:
    few = Findings(indicators=tuple(indicator(value=f"k{n}.example") for n in range(5)))
    many = Findings(indicators=few.indicators * 3)
    result = assess(article(), few)
    assert (result.category, result.severity) == ("cyber", "low")
    assert assess(article(), many).score == result.score


CVE = indicator("unknown", "cve", "CVE-2024-3094")


def test_a_vulnerability_is_worth_more_when_severe_and_most_when_exploited() -> None:
    texts = [
        "A flaw, CVE-2024-3094.",
        "A critical flaw lets unauthenticated users in, CVE-2024-3094.",
        "A critical flaw, CVE-2024-3094, is exploited in the wild.",
    ]
    severities = [assess(article(text), Findings(indicators=(CVE,))).severity for text in texts]
    assert severities == [None, "info", "low"]


@pytest.mark.parametrize(
    "text",
    [
        "There is no evidence that it has been exploited in the wild.",
        "We are not aware of the flaw being actively exploited.",
    ],
)
def test_denied_exploitation_counts_nothing(text: str) -> None:
    assert "exploited in the wild" not in rules(Findings(indicators=(CVE,)), text)


def test_words_of_exploitation_alone_are_no_cyber_event() -> None:
    assert (
        assess(article("The players exploited in the wild west were under attack by ransomware."), Findings()).severity
        is None
    )


def test_another_language_alerts_by_an_act_with_harm() -> None:
    french = article("Une attaque a fait douze morts à Kettleville.", title="Attaque à Kettleville")
    assert assess(french, Findings(language="fr")).category == "conflict"
    assert assess(article("Le chef attaque la saison avec un beau menu."), Findings(language="fr")).severity is None


def test_severities_follow_the_thresholds() -> None:
    steps = [getattr(DEFAULT.thresholds, name) for name in SEVERITIES]
    assert [severity_of(step) for step in steps] == list(SEVERITIES)
    assert severity_of(steps[0] - 0.001) is None


KINDS = st.sampled_from([("Battles", "Armed clash"), ("Cyber", "Ransomware"), ("Other", None), ("Unheard", "Of")])
EVENTS = st.builds(
    lambda kind, realis, place: event(kind[0], kind[1], realis=realis, place=SPOUT if place else None),
    KINDS, st.sampled_from(["actual", "denied", "background", "planned"]), st.booleans(),
)  # fmt: skip
CLAIMS = st.builds(
    lambda kind, low, about: claim(kind, low, event=about),
    st.sampled_from(["killed", "captured", "responsibility", "other"]), st.none() | st.integers(0, 10**6), st.none() | st.integers(-1, 9),
)  # fmt: skip


@given(st.lists(EVENTS, max_size=4), st.lists(CLAIMS, max_size=4))
def test_exactly_one_of_severity_and_why_not_is_set_and_the_score_is_the_sum(
    events: list[Event], claims: list[Claim]
) -> None:
    result = assess(article(), Findings(events=tuple(events), claims=tuple(claims)))
    assert (result.severity is None) == (result.why_not is not None)
    assert (result.severity is None) == (result.category is None)
    assert 0 <= result.score <= 1
    assert 0 <= result.credibility <= 1
    assert result.score == pytest.approx(min(1.0, sum(reason.points for reason in result.reasons)), abs=1e-3)


BLAST = Findings(
    events=(event("Explosions/Remote violence", "Suicide bomb", place=SPOUT),), claims=(claim(low=40, event=0),)
)


def test_violence_told_for_pleasure_counts_for_less_and_says_so() -> None:
    plain = assess(article(), BLAST)
    review = assess(article(title="Review: a bomb under Spoutville"), BLAST)
    section = assess(article(categories=("Film",)), BLAST)
    assert plain.score > section.score > review.score
    assert min(reason.points for reason in review.reasons) < 0
    assert assess(article(title="Police review bomb attack"), BLAST).score == plain.score


@pytest.mark.parametrize(
    ("text", "alerts"),
    [
        ("Names and records of 1.3 million customers of Kettle were offered for sale on a forum.", True),
        ("Hackers broke into the kettle maker's network, it said.", True),
        ("The kettle maker holds data of 1.3 million customers and plans a sale in spring.", False),
    ],
)
def test_a_theft_of_data_is_read_from_the_beginning(text: str, alerts: bool) -> None:
    assert (assess(article(text), Findings()).category == "cyber") is alerts


def test_a_group_close_by_supports_an_event_and_one_far_away_does_not() -> None:
    near, far = (Entity("Kettle Front", "GROUP", at, at + 12, "group:kettle-front") for at in (100, 5000))
    assert assess(article(), Findings(events=(event(),), entities=(near,))).severity is not None
    assert assess(article(), Findings(events=(event(),), entities=(far,))).severity is None


def test_protest_in_another_language_is_unrest() -> None:
    spanish = article("La protesta dejó catorce heridos en Kettle.", title="Enfrentamientos durante una protesta")
    assert assess(spanish, Findings(language="es")).category == "unrest"


def test_a_number_of_history_is_no_news() -> None:
    placed = Findings(events=(event(place=SPOUT),))
    plague = structs.replace(placed, claims=(claim("killed", 100_000_000),))
    assert assess(article(), plague).score == assess(article(), placed).score


def test_support_decides_how_much_an_event_keeps() -> None:
    bare, placed, harmed = event(), event(place=SPOUT), event(place=SPOUT, weapons=(Mention("rifle", 1, 5),))
    points = [
        max(reason.points for reason in assess(article(), Findings(events=(one,))).reasons)
        for one in (bare, placed, harmed)
    ]
    assert points == sorted(points)
    assert len(set(points)) == 3


def test_old_news_says_what_its_age_takes() -> None:
    published = datetime(2026, 1, 1, tzinfo=UTC)
    happened = event("Explosions/Remote violence", "Suicide bomb", date="2024-05", place=SPOUT, perpetrators=(GROUP,))
    findings = Findings(events=(happened,), claims=(claim("killed", 40, event=0),))
    old = assess(article(published=published), findings)
    new = assess(
        article(published=published),
        Findings(events=(structs.replace(happened, date="2025-12-30"),), claims=findings.claims),
    )
    taken = [reason for reason in old.reasons if reason.rule == "old news: it happened 2024-05"]
    assert len(taken) == 2
    assert all(reason.points < 0 for reason in taken)
    assert old.score == pytest.approx(sum(reason.points for reason in old.reasons))
    assert [r for r in old.reasons if r not in taken] == list(new.reasons)
    assert old.score < new.score


def test_what_the_operator_watches_counts_more_up_to_the_bound() -> None:
    place = Place("Spoutville", 3, 9, "geo:1", country="KT")
    findings = Findings(events=(event(perpetrators=(GROUP,), place=place),), claims=(claim("killed", 4, agent=GROUP),))
    plain = assess(article(), findings)
    interest = structs.replace(DEFAULT.interest, countries={"KT": 0.05}, actors={"group:kettle-front": 0.2})
    watched = assess(article(), findings, weights=structs.replace(DEFAULT, interest=interest))
    more = [(r.rule, r.points, r.start) for r in watched.reasons if r.rule.startswith("of interest")]
    assert sorted(more) == [("of interest: KT", 0.05, 3), ("of interest: group:kettle-front", 0.1, 0)]
    assert watched.score == pytest.approx(plain.score + DEFAULT.interest.max)
    assert assess(article(), Findings(), weights=structs.replace(DEFAULT, interest=interest)).severity is None


def test_many_dead_are_never_low_where_no_event_was_recognised() -> None:
    named = Entity("Kettle Front", "GROUP", 0, 12, "group:kettle-front")
    few, many = (
        assess(article(), Findings(entities=(named,), claims=(claim("killed", dead), claim("wounded", 41))))
        for dead in (4, 23)
    )
    assert many.severity == "medium"
    assert few.severity in {None, "info", "low"}
