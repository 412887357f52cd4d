"""The loader of the sample files: what it reads, and what it refuses with which words."""

from pathlib import Path

import pytest

from connectors.samples.blocks import html_text, plain_text
from connectors.samples.load import load_samples, read_collection, read_sample
from connectors.samples.records import Bullets, Code, Grid, Heading, Paragraph
from pipeline.errors import ConfigError

OUTLETS = """
[wire]
title = "Wire"
description = "Invented."
format = "rss2"
carries = "text"
grade = "A"
tags = ["wire"]
"""


def article(offset_s: int = 0, expected: str = "alert = false", body: str = "One.\n", extra: str = "") -> str:
    return f'+++\ntitle = "A title"\noffset_s = {offset_s}\n{extra}\n[expected]\n{expected}\n+++\n{body}'


def write(folder: Path, **files: str) -> Path:
    (folder / "outlets.toml").write_text(OUTLETS)
    for name, text in files.items():
        path = folder / "wire" / f"{name.replace('__', '.')}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return folder


def test_reads_every_kind_of_block() -> None:
    body = "## Head\n\nTwo lines\nof one paragraph.\n\n- a\n- b\n\n```\nx = 1\n\ny\n```\n\n| T | V |\n| --- | --- |\n| ip | 1 |\n"
    sample = read_sample("wire", "a.md", article(body=body))
    assert sample.blocks == (
        Heading("Head"),
        Paragraph("Two lines of one paragraph."),
        Bullets(("a", "b")),
        Code("x = 1\n\ny"),
        Grid((("T", "V"), ("ip", "1"))),
    )
    assert plain_text(sample.blocks) == "Head\nTwo lines of one paragraph.\na\nb\nx = 1\n\ny\nT | V\nip | 1"


def test_html_is_escaped() -> None:
    assert html_text((Paragraph("a < b & c"),)) == "<p>a &lt; b &amp; c</p>"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no head\n", r"wire/a\.md:1: the head has to stand between two lines of \+\+\+"),
        ("+++\ntitle = \n+++\nx\n", r"wire/a\.md: not TOML"),
        (article(extra='titel = "x"'), r"wire/a\.md:4: unknown key 'titel'; did you mean 'title'\?"),
        (article(expected='alert = false\nstroy = "x"'), r"wire/a\.md:7: unknown key 'expected\.stroy'; did you mean 'story'\?"),
        (article(expected='alert = "perhaps"'), r"wire/a\.md:6: expected\.alert"),
        (article(expected='alert = true\ncategory = "sport"'), r"wire/a\.md:7: expected\.category"),
        (article(body="\n"), r"wire/a\.md:8: the article has no text"),
        (article(body="On {wekday}.\n"), r"wire/a\.md: unknown placeholder '\{wekday\}'"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_with_file_line_and_key(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read_sample("wire", "a.md", text)


def test_a_bad_version_in_the_file_name_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"wire/a\.b\.md: a later version is called"):
        read_sample("wire", "a.b.md", article())


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a": article(), "a__3": article(9, 'alert = false\nstory = "wire/a"\nverdict = "revision"')}, "count 1, 2, 3"),
        ({"a": article(5), "a__2": article(5, 'alert = false\nstory = "wire/a"\nverdict = "revision"')}, "later than the one"),
        ({"a": article(5), "a__2": article(9, 'alert = false\nstory = "wire/a"\nverdict = "near"')}, "of a later version is"),
        ({"a": article(0, 'alert = false\nstory = "wire/b"\nverdict = "near"')}, "'wire/b' is no article"),
        ({"a": article(9), "b": article(0, 'alert = false\nstory = "wire/a"\nverdict = "near"')}, "is published later"),
        ({"a": article(0), "b": article(9, 'alert = false\nstory = "wire/a"')}, "'new' if and only if"),
        ({"a": article(0, "alert = true")}, "needs expected.category and expected.incident"),
        (
            {
                "a": article(0),
                "b": article(1, 'alert = false\nstory = "wire/a"\nverdict = "near"'),
                "c": article(2, 'alert = false\nstory = "wire/b"\nverdict = "near"'),
            },
            "itself belongs to the story 'wire/a'",
        ),
    ],
)  # fmt: skip
def test_a_gold_that_contradicts_itself_is_refused(tmp_path: Path, files: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read_collection(write(tmp_path, **files))


def test_a_folder_without_an_outlet_is_refused(tmp_path: Path) -> None:
    (write(tmp_path) / "other").mkdir()
    with pytest.raises(ConfigError, match="other: no such outlet"):
        read_collection(tmp_path)


def test_articles_come_in_order_of_publication(tmp_path: Path) -> None:
    read = read_collection(write(tmp_path, late=article(9), early=article(-9)))
    assert [sample.name for sample in read.samples] == ["wire/early", "wire/late"]


def test_the_shipped_samples_load() -> None:
    collection = load_samples()
    assert {s.outlet for s in collection.samples} | {"coastline"} == set(collection.outlets)
