"""Rules that take their words from a list beside them. The names are invented."""

from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.text.knowledge import default_knowledge
from pipeline.watch.compiled import compile_rules, fold_words
from pipeline.watch.rules import WatchRule, Where, read_rules, to_toml
from pipeline.watch.wordfiles import WORDS_MAX, read_words, with_words

RULES = '[watch.people]\nwords = ["Tesh"]\nwords_file = "people.csv"\n'


def read(folder: Path, text: str = RULES) -> WatchRule:
    rule = read_rules(text, "rules.toml")["people"]
    return with_words(rule, folder, Where("rules.toml", text, "people"))


def test_every_cell_of_a_list_is_a_name() -> None:
    text = 'name,aliases\n# ours\nJános Exämple,"Example, J."\n\nOldrik Vann , \n'
    assert read_words(text) == ["János Exämple", "Example, J.", "Oldrik Vann"]


def test_the_words_of_the_file_are_kept_in_the_rule(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("\ufeffOldrik Vann\nTesh\n", encoding="utf-8")
    rule = read(tmp_path)
    assert (rule.words, rule.words_file) == (("Tesh", "Oldrik Vann"), "")
    (again,) = read_rules(to_toml("people", rule), "kept").values()
    assert again == rule
    (ready,) = compile_rules({"people": rule}, default_knowledge()).rules
    assert any(word in f" {fold_words('Police hold OLDRÍK VANN.')} " for word in ready.words)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, r"rules\.toml:3: watch\.people\.words_file: .*people\.csv can't be read"),
        ("# nobody\n", "has no words in it"),
        ("\n".join(f"name {n}" for n in range(WORDS_MAX + 1)), "at most 20,000"),
    ],
)
def test_a_list_that_is_none_is_refused_with_its_line(tmp_path: Path, content: str | None, says: str) -> None:
    if content is not None:
        (tmp_path / "people.csv").write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=says):
        read(tmp_path)


def test_where_there_is_no_file_beside_it_the_key_is_refused() -> None:
    with pytest.raises(ConfigError, match="tocsin watch add FILE"):
        compile_rules(read_rules(RULES, "the rules"), default_knowledge())
