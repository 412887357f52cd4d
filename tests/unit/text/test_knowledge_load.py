"""The knowledge base: what its files may say, and that the shipped ones keep to it."""

from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.text.knowledge import Subject, default_knowledge, load_subjects

RECORD = '["group:a"]\nname = "Alpha"\nkind = "t"\nsource = "invented"\n'


def load(folder: Path, text: str) -> tuple[Subject, ...]:
    (folder / "x.toml").write_text(text, encoding="utf-8")
    return load_subjects(folder)


def test_a_record_with_all_forms_of_aliases(tmp_path: Path) -> None:
    text = (
        RECORD
        + 'aliases = ["Alfa", "?AA", "??Word", { name = "Old A", kind = "former", until = "2016-07", source = "press" }]\n'
    )
    (alpha,) = load(tmp_path, text)
    names = {alias.name: alias for alias in alpha.aliases}
    assert set(names) == {"Alpha", "Alfa", "AA", "Word", "Old A"}
    assert names["AA"].needs_context
    assert names["Word"].confidence < names["AA"].confidence < names["Alfa"].confidence
    assert (names["Old A"].kind, names["Old A"].until, names["Old A"].source) == ("former", "2016-07", "press")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (RECORD + 'aliasses = ["B"]\n', "did you mean 'aliases'"),
        ('["group:a"]\nname = "Alpha"\nkind = "t"\n', "source is missing"),
        (RECORD + 'parent = "group:b"\n', "parent = 'group:b' has no record"),
        (RECORD + 'aliases = ["Alpha"]\n', "stands there twice"),
        (RECORD + 'aliases = [{ name = "B", confidence = 1.5 }]\n', "not within 0..1"),
        (RECORD + 'aliases = [{ name = "B", know = 1 }]\n', "unknown field"),
        (RECORD + 'aliases = [" B"]\n', "blanks"),
        ('["nothing:a"]\nname = "A"\nkind = "t"\nsource = "s"\n', "ids begin with one of"),
        ("[broken", "x.toml"),
    ],
)
def test_a_bad_record_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=r"group:a|x\.toml|nothing:a") as caught:
        load(tmp_path, text)
    assert message in str(caught.value)
    assert "x.toml" in str(caught.value) or "group:a" in str(caught.value)


def test_an_id_has_one_record(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(RECORD, encoding="utf-8")
    (tmp_path / "b.toml").write_text(RECORD, encoding="utf-8")
    with pytest.raises(ConfigError, match="has a record already"):
        load_subjects(tmp_path)


def test_the_shipped_base_is_large_enough_and_sound() -> None:
    subjects = default_knowledge().subjects()
    groups = [one for one in subjects if one.id.startswith("group:")]
    cyber = [one for one in subjects if one.id.startswith(("attack:", "actor:", "malware:", "tool:"))]
    assert len(groups) >= 200
    assert len(cyber) >= 250
    assert all(one.source and one.kind for one in subjects)


def test_branches_are_followed_upwards() -> None:
    knowledge = default_knowledge()
    assert knowledge.is_branch("group:katiba-macina", "group:al-qaida")
    assert not knowledge.is_branch("group:al-qaida", "group:katiba-macina")
    assert not knowledge.is_branch("group:unknown", "group:al-qaida")


@pytest.mark.parametrize(
    ("name", "subject_id"),
    [
        ("al-Qa'ida", "group:al-qaida"),
        ("Al Qaeda", "group:al-qaida"),
        ("Taleban", "group:taliban"),
        ("Hizbollah", "group:hezbollah"),
        ("Lashkar-i-Tayyaba", "group:lashkar-e-taiba"),
        ("Талибаном", "group:taliban"),
        ("хуситов", "group:houthis"),
        ("حماس", "group:hamas"),
        ("真主党", "group:hezbollah"),
        ("Fancy Bear", "attack:G0007"),
        ("mimikatz", "attack:S0002"),
        ("CobaltStrike", "attack:S0154"),
    ],
)
def test_names_that_the_news_uses(name: str, subject_id: str) -> None:
    assert [match.readings[0].subject.id for match in default_knowledge().find(f"x {name} y")] == [subject_id]
