"""Rules are refused with file, line and the nearest thing that exists; a snapshot is the same for the same rules."""

import pytest

from pipeline.errors import ConfigError
from pipeline.text.knowledge import default_knowledge
from pipeline.watch.compiled import compile_rules
from pipeline.watch.rules import decode_rules, encode_rules, read_rules, to_toml, version_of
from tests.support.cases import rule


def refused(body: str, heading: str = "[watch.mine]") -> str:
    text = f"{heading}\n{body}\n"
    with pytest.raises(ConfigError) as error:
        compile_rules(read_rules(text, "rules.toml"), default_knowledge(), source="rules.toml", text=text)
    return str(error.value)


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        ('about = "x"\nactor = ["Taliban"]', ("rules.toml:3", "'watch.mine.actor'", "did you mean 'actors'?")),
        ('actors = ["Talliban"]', ("rules.toml:2", "watch.mine.actors", "did you mean 'Taliban'?")),
        ('places = ["Kabool"]', ("rules.toml:2", "watch.mine.places", "did you mean")),
        ('places = ["Sahel"]', ("rules.toml:2", "say how far it reaches")),
        ('types = ["Suicide bombing"]', ("did you mean 'Suicide bomb'?",)),
        ('counts = ["dead > 3"]', ('"killed >= 10"', "killed, wounded")),
        ('words = ["bomb"]\ncooldown = "soon"', ("rules.toml:3", "30m, 6h, 7d")),
        ('words = ["bomb"]\ncap = "20"', ('"5 in 24h"',)),
        ('words = ["bomb"]\nalerts = "5"', ('"5 in 24h"',)),
        ('words = ["!!"]', ("has no word in it",)),
        ('grades = ["Z"]', ("none of A, B, C",)),
        ('without = ["drill"]', ("no condition",)),
        ('severity = "huge"', ("rules.toml:2", "watch.mine.severity")),
    ],
)
def test_a_mistake_is_refused_where_it_stands_with_what_may_have_been_meant(body: str, parts: tuple[str, ...]) -> None:
    said = refused(body)
    assert all(part in said for part in parts), said


def test_names_and_other_tables_are_refused() -> None:
    assert "small letters" in refused('words = ["x"]', "[watch.Mine]")
    assert "unknown table 'rules'" in refused('words = ["x"]', "[rules.mine]")


def test_a_rule_goes_through_a_snapshot_and_back_to_toml() -> None:
    text = '[watch.mine]\nactors = ["Taliban"]\nsources = "3 in 2h"\ndeliver = "digest"\n'
    rules = read_rules(text, "rules.toml")
    content = encode_rules(rules)
    assert decode_rules(content) == rules
    assert version_of(content) == version_of(encode_rules(dict(reversed(rules.items()))))
    assert read_rules(to_toml("mine", rules["mine"]), "again") == rules


def test_what_a_name_was_taken_for_is_told() -> None:
    notes = "\n".join(rule('actors = ["Islamic State"]\nplaces = ["Kabul", "Afghanistan", "Tripoli, Lebanon"]').notes)
    assert "group:islamic-state and its branches" in notes
    assert "Kabul (AF), 15 km around" in notes
    assert "all of Afghanistan (AF)" in notes
    assert "(LB)" in notes
