"""An alert is a function of its incident; a revision is what differs."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from pipeline.incidents.alerts import compose
from pipeline.incidents.changes import revise
from pipeline.incidents.claims import claim_range
from pipeline.incidents.corroboration import independent
from pipeline.incidents.members import Member
from pipeline.records import (
    Alert,
    AlertClaim,
    Article,
    ArticleId,
    Assessment,
    Claim,
    Event,
    Findings,
    IncidentId,
    Indicator,
    Mention,
    Severity,
    Source,
    StoryId,
    VersionId,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
INCIDENT = IncidentId("inc:1")


def member(
    number: int,
    killed: int | None = 12,
    *,
    hedge: str | None = None,
    claimant: str | None = None,
    severity: Severity | None = "high",
    story: int | None = None,
    feed: str | None = None,
    text: str = "A bomb killed people in Oskel.",
) -> Member:
    article = Article(
        article_id=ArticleId(f"art:{number}"),
        version_id=VersionId(f"ver:{number}"),
        feed=feed or f"feed-{number}",
        title=f"Report {number}",
        text=text,
        fetched=NOON + timedelta(minutes=number),
    )
    claims = ()
    if killed is not None:
        who = Mention(claimant, 0, 1) if claimant else None
        claims = (
            Claim(
                kind="killed", low=killed, high=killed, hedge=hedge, claimant=who, text="killed people", start=7, end=20
            ),
        )
    event = Event(type="Explosions/Remote violence", subtype="Suicide bomb", start=2, end=13)
    return Member(
        article,
        StoryId(f"story:{number if story is None else story}"),
        "new",
        Findings(language="en", events=(event,), claims=claims),
        Assessment(
            category="conflict", severity=severity, score=0.5, credibility=0.5, why_not=None if severity else "no"
        ),
    )


def first(members: Sequence[Member]) -> Alert:
    alert = revise(None, compose(INCIDENT, members))
    assert alert is not None
    return alert


def test_a_first_report_creates_the_alert() -> None:
    alert = first([member(1)])
    assert (alert.revision, alert.change, alert.severity, alert.independent_sources) == (1, "created", "high", 1)
    assert alert.claims[0].text == "killed people"
    assert all(e.text == "A bomb killed people in Oskel."[e.start : e.end] for e in alert.evidence)


def test_nothing_worth_an_alert_makes_none() -> None:
    assert revise(None, compose(INCIDENT, [member(1, severity=None)])) is None


def test_the_same_again_is_no_revision() -> None:
    alert = first([member(1)])
    assert revise(alert, compose(INCIDENT, [member(1)])) is None


def test_an_independent_report_corroborates_and_a_reprint_only_adds_a_source() -> None:
    alert = first([member(1)])
    more = revise(alert, compose(INCIDENT, [member(1), member(2)]))
    assert more is not None
    assert (more.revision, more.change, more.independent_sources) == (2, "corroborated", 2)
    assert more.credibility > alert.credibility
    reprint = revise(alert, compose(INCIDENT, [member(1), member(2, story=1)]))
    assert reprint is not None
    assert (reprint.change, reprint.independent_sources) == ("revised", 1)


def test_numbers_that_hedges_can_not_reconcile_are_disputed() -> None:
    alert = first([member(1, 12, claimant="police")])
    other = revise(alert, compose(INCIDENT, [member(1, 12, claimant="police"), member(2, 30, claimant="a doctor")]))
    assert other is not None
    assert (other.change, other.disputed) == ("disputed", ("killed",))
    assert {c.claimant for c in other.claims} == {"police", "a doctor"}
    agreed = compose(INCIDENT, [member(1, 12, hedge="at least"), member(2, 30)])
    assert agreed is not None
    assert agreed.disputed == ()


def test_a_report_that_takes_everything_back_retracts_the_alert_once() -> None:
    alert = first([member(1)])
    gone = revise(alert, compose(INCIDENT, [member(1, severity=None)]))
    assert gone is not None
    assert (gone.change, gone.in_scope, gone.revision) == ("retracted", False, 2)
    assert revise(gone, None) is None
    again = revise(gone, compose(INCIDENT, [member(1)]))
    assert again is not None
    assert again.in_scope


def test_claim_ranges_follow_the_hedge() -> None:
    def ranged(hedge: str | None) -> tuple[float, float] | None:
        return claim_range(
            AlertClaim(kind="killed", low=100, high=100, hedge=hedge, version_id=VersionId("v"), start=0, end=1)
        )

    assert ranged(None) == (100, 100)
    assert ranged("at least") == (100, float("inf"))
    low, high = ranged("nearly") or (0, 0)
    assert low < 100
    assert high == 100
    low, high = ranged("some") or (0, 0)
    assert low < 100 < high


def source(number: int, story: int, feed: str, agency: str | None = None, owner: str | None = None) -> Source:
    return Source(
        article_id=ArticleId(f"art:{number}"),
        version_id=VersionId(f"ver:{number}"),
        story=StoryId(f"story:{story}"),
        feed=feed,
        verdict="new",
        agency=agency,
        owner=owner,
    )


def test_one_feed_one_story_one_agency_or_one_owner_counts_once() -> None:
    assert independent([source(1, 1, "a", owner="Bell Group"), source(2, 2, "b", owner="bell group")]) == 1
    assert independent([source(1, 1, "a", "TASS", "Russia"), source(2, 2, "b", owner="Russia")]) == 1
    assert independent([source(1, 1, "a", owner="Bell Group"), source(2, 2, "b", owner="Tower")]) == 2
    assert independent([source(1, 1, "a"), source(2, 2, "a")]) == 1
    assert independent([source(1, 1, "a"), source(2, 1, "b")]) == 1
    assert independent([source(1, 1, "a", "AP"), source(2, 2, "b", "AP")]) == 1
    assert independent([source(1, 1, "a"), source(2, 2, "b")]) == 2
    assert independent([source(1, 1, "a", "AP"), source(2, 2, "b", "Reuters"), source(3, 3, "c")]) == 3


def test_an_alert_names_the_owner_of_each_source() -> None:
    one = member(1)
    outlets = [
        replace(one.article, owner="Bell Group"),
        replace(one.article, url="https://www.bbc.co.uk/1", owner=None),
    ]
    drafts = [compose(INCIDENT, [replace(one, article=article)]) for article in outlets]
    assert [draft.sources[0].owner for draft in drafts if draft] == ["Bell Group", "BBC"]
    wire = replace(outlets[1], text="MOSCOW, November 11. /TASS/. " + one.article.text)
    draft = compose(INCIDENT, [replace(one, article=wire)])
    assert draft is not None
    assert (draft.sources[0].agency, draft.sources[0].owner) == ("TASS", "Government of Russia")


@settings(max_examples=50)
@given(
    st.permutations([member(1), member(2, 30, claimant="police"), member(3, story=1), member(4, None, severity="low")])
)
def test_the_order_of_arrival_does_not_change_the_final_state(members: list[Member]) -> None:
    alert = None
    for count in range(1, len(members) + 1):
        alert = revise(alert, compose(INCIDENT, members[:count])) or alert
    final = compose(INCIDENT, members)
    assert alert is not None
    assert final is not None
    assert replace(alert, revision=0, change="created", changes=()) == replace(final, changes=())


def test_what_does_the_harm_is_no_actor() -> None:
    told = member(1)
    claims = [
        replace(told.findings.claims[0], agent=Mention(words, 0, 3)) for words in ("A car bomb", "the gunmen", "blast")
    ]
    alert = compose(INCIDENT, [replace(told, findings=replace(told.findings, claims=tuple(claims)))])
    assert alert is not None
    assert "the gunmen" in {m.text for m in alert.actors}
    assert not {"A car bomb", "blast"} & {m.text for m in alert.actors}


def test_a_port_stands_once_for_each_address_and_rules_go_along_though_they_accuse_nobody() -> None:
    found = (
        Indicator("ipv4", "91.92.109.140", "", 0, 15, True, "malicious"), Indicator("port", "4443", "4443", 16, 20),
        Indicator("ipv4", "91.92.109.141", "", 21, 36, True, "malicious"), Indicator("port", "4443", "4443", 37, 41),
        Indicator("ipv4", "91.92.109.140", "", 50, 65, True, "malicious"), Indicator("domain", "news.example", "", 70, 82, False, "benign"),
        Indicator("yara-rule", "rule x { condition: true }", "", 90, 99, False, "benign"),
    )  # fmt: skip
    one = member(1)
    alert = first([replace(one, findings=replace(one.findings, indicators=found))])
    assert [(i.type, i.value) for i in alert.indicators] == [
        ("ipv4", "91.92.109.140"), ("port", "4443"), ("ipv4", "91.92.109.141"), ("port", "4443"),
        ("yara-rule", "rule x { condition: true }"),
    ]  # fmt: skip


def test_malware_and_sector_of_the_main_event_go_along() -> None:
    one = member(1)
    event = replace(one.findings.events[0], malware=(Mention("TIDEWASH", 0, 8),), sector="health")
    alert = first([replace(one, findings=replace(one.findings, events=(event,)))])
    assert ([m.text for m in alert.malware], alert.sector) == (["TIDEWASH"], "health")
