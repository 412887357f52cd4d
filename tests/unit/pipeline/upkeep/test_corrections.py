"""Patches are refused when the alert does not have what they are about; their toll is counted on the marks."""

import msgspec
import pytest
from msgspec.structs import replace

from pipeline.errors import UsageError
from pipeline.records import Mention
from pipeline.text.knowledge import Knowledge, load_subjects
from pipeline.text.knowledge.changes import KnowledgeChange, apply
from pipeline.upkeep.corrections import add_name, drop_name, exclude_word, toll, warn_of
from pipeline.watch.rules import decode_rules, encode_rules, read_rules
from tests.support.cases import case, member

KNOWLEDGE = Knowledge(load_subjects())
ALERT = replace(
    case(member(indicators=[("domain", "cdn.example")])).alert, actors=(Mention("Daesh", 0, 5, "group:islamic-state"),)
)


def changed(content: str) -> Knowledge:
    return Knowledge(apply(load_subjects(), [msgspec.json.decode(content, type=KnowledgeChange)]))


def test_a_marked_value_joins_those_marked_before() -> None:
    patch = warn_of(ALERT, "CDN.example", "ours", ["old.example"])
    assert msgspec.json.decode(patch.content) == ["cdn.example", "old.example"]
    assert "cdn.example" in patch.about
    with pytest.raises(UsageError, match=r"it has: cdn\.example"):
        warn_of(ALERT, "other.example", "x", [])


def test_a_dropped_name_means_the_subject_no_more_and_an_added_one_does() -> None:
    dropped = changed(drop_name(ALERT, "daesh", "a club", KNOWLEDGE).content)
    assert KNOWLEDGE.find("Daesh attacked")
    assert not dropped.find("Daesh attacked")
    assert dropped.version != KNOWLEDGE.version
    added = changed(add_name("Black Sparrows=group:taliban", "two calls", KNOWLEDGE).content)
    assert [m.readings[0].subject.id for m in added.find("the Black Sparrows attacked")] == ["group:taliban"]


def test_what_can_not_be_patched_is_refused_with_what_can() -> None:
    with pytest.raises(UsageError, match=r"it has: Daesh \(group:islamic-state\)"):
        drop_name(ALERT, "Taliban", "x", KNOWLEDGE)
    own = replace(ALERT, actors=(Mention("Islamic State", 0, 5, "group:islamic-state"),))
    with pytest.raises(UsageError, match="is what group:islamic-state is called"):
        drop_name(own, "Islamic State", "x", KNOWLEDGE)
    for entry in ("nothing", "Name=group:no-such-group", "=group:taliban"):
        with pytest.raises(UsageError, match="NAME=ID"):
            add_name(entry, "x", KNOWLEDGE)
    with pytest.raises(UsageError, match="there are: none"):
        exclude_word("mine", "drill", None)


def test_a_rule_passes_over_a_word() -> None:
    before = encode_rules(read_rules('[watch.mine]\nwords = ["bomb"]\n', "x"))
    patch = exclude_word("mine", "drill", before)
    assert decode_rules(patch.content)["mine"].without == ("drill",)
    assert read_rules(patch.rules, "x")["mine"].without == ("drill",)


def test_the_toll_counts_what_is_lost_and_what_was_wrong_and_goes() -> None:
    count = toll({"a": "right", "b": "right", "c": "wrong", "d": "wrong"}, {"a": "-", "b": "~", "c": "~"})
    assert (count.right, count.right_lost) == (2, ("a",))
    assert (count.wrong, count.wrong_gone) == (2, ("c",))
