"""An optional second opinion: it may take events away and nothing else, and its failures cost nothing."""

import pytest

from pipeline.errors import ConfigError
from pipeline.records import Event, Findings
from pipeline.text.events.check import CHECKS_MAX, check_events, load_check
from pipeline.text.events.find import find_events_and_claims

TEXT = "A bomb exploded outside a bank in Maran on Tuesday, killing 12 people. In a separate attack, gunmen abducted a mayor."


def found() -> Findings:
    events, claims = find_events_and_claims(TEXT)
    assert len(events) > 1
    return Findings(events=events, claims=claims)


def says_no(passage: str, event: Event) -> bool | None:
    return False if event.subtype == "Remote explosive/landmine/IED" else None


def test_an_event_taken_away_leaves_its_claims_without_it() -> None:
    before = found()
    after = check_events(says_no, TEXT, before)
    assert [e.subtype for e in after.findings.events] == [
        e.subtype for e in before.events if e.subtype != "Remote explosive/landmine/IED"
    ]
    assert [(c.kind, c.low) for c in after.findings.claims] == [(c.kind, c.low) for c in before.claims]
    assert all(c.event is None or c.event < len(after.findings.events) for c in after.findings.claims)


def test_the_check_sees_the_words_of_the_event() -> None:
    seen: list[str] = []

    def look(passage: str, event: Event) -> bool | None:
        seen.append(passage)
        assert TEXT[event.start : event.end] in passage
        return True

    assert check_events(look, TEXT, found()).findings == found()
    assert 0 < len(seen) <= CHECKS_MAX


def test_a_check_that_raises_changes_nothing_and_is_counted() -> None:
    def broken(passage: str, event: Event) -> bool | None:
        raise TimeoutError

    after = check_events(broken, TEXT, found())
    assert after.findings == found()
    assert after.failed == after.asked > 0


def test_a_name_that_is_no_check_is_refused_with_the_way_to_name_one() -> None:
    with pytest.raises(ConfigError, match=r"package\.module:function"):
        load_check("nowhere.at_all:check")
    assert load_check("pipeline.text.findings:reads_english") is not None
