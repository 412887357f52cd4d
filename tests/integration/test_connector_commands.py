"""The offline commands as processes: JSON Lines in, JSON Lines out, exactly as documented."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

RSS = b"<rss version='2.0'><channel><title>T</title><item><title>a</title><link>/x</link><pubDate>7 Sep 2002 09:42 GMT</pubDate></item></channel></rss>"


def tocsin(*arguments: str, stdin: bytes = b"") -> tuple[int, list[dict[str, Any]]]:
    done = subprocess.run(
        [sys.executable, "-m", "pipeline.cli", *arguments], input=stdin, capture_output=True, timeout=300
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def lines(*objects: object) -> bytes:
    return b"".join(json.dumps(o).encode() + b"\n" for o in objects)


def test_feed_parse(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.xml", tmp_path / "bad.xml"
    good.write_bytes(RSS)
    bad.write_bytes(b"<html><body>no</body></html>")
    code, (first, second) = tocsin("feed", "parse", str(good), str(bad), "--url", "https://n.example/f")
    assert code == 1
    assert set(first) == {"id", "format", "title", "language", "entries", "warnings"}
    assert (first["id"], first["format"], first["title"]) == ("good.xml", "rss2", "T")
    assert first["entries"] == [
        {"guid": None, "url": "https://n.example/x", "title": "a", "published": "2002-09-07T09:42:00Z", "updated": None,
         "authors": [], "summary": None, "content": None, "categories": []}
    ]  # fmt: skip
    assert second == {"id": "bad.xml", "error": {"type": "NotAFeedError", "message": "a web page, not a feed"}}


def test_feed_parse_reads_standard_input_with_what_the_response_said() -> None:
    raw = "<rss version='2.0'><channel><title>Взрыв</title></channel></rss>".encode("cp1251")
    code, (line,) = tocsin("feed", "parse", "--content-type", "text/xml; charset=windows-1251", stdin=raw)
    assert (code, line["title"]) == (0, "Взрыв")


def test_feed_discover() -> None:
    page = '<link rel="alternate" type="application/rss+xml" href="/f" title="T">'
    code, (line,) = tocsin("feed", "discover", stdin=lines({"id": 1, "html": page, "url": "https://n.example/"}))
    assert (code, line) == (0, {"id": 1, "feeds": [{"url": "https://n.example/f", "title": "T", "type": "rss"}]})


def test_url_clean() -> None:
    code, got = tocsin(
        "url", "clean", stdin=lines({"id": "a", "url": "https://n.example/?utm_source=x&b=1"}, {"id": "b", "url": 3})
    )
    assert code == 1
    assert got[0] == {"id": "a", "url": "https://n.example/?b=1"}
    assert got[1]["error"]["message"] == "url is no string"


@pytest.mark.parametrize("html", ["", "<p>", "<html><body></body></html>"])
def test_text_extract_of_nothing_is_nothing(html: str) -> None:
    code, (line,) = tocsin("text", "extract", stdin=lines({"id": "a", "html": html}))
    assert (code, line["id"], line["text"], line["published"]) == (0, "a", "", None)


@pytest.mark.parametrize(
    "command", ["feed discover", "url clean", "text extract", "extract --model rules", "dedupe --no-incidents"]
)
def test_the_example_of_the_help_is_what_comes(command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pipeline.cli", *command.split(" --")[0].split(), "--help"],
        capture_output=True,
        text=True,
        env=os.environ | {"COLUMNS": "90"},
        timeout=300,
    )
    text = "\n".join(line.strip() for line in done.stdout.splitlines())
    given = re.findall(r"^In: +(\{.*\})$", text, re.MULTILINE)
    told = [
        " ".join(one.split())
        for one in re.findall(r"^Out: (\{.*?\}\]?\}?)$(?=\n(?:Out|$))", text, re.MULTILINE | re.DOTALL)
    ]
    code, lines_out = tocsin(*command.split(), stdin="\n".join(given).encode())
    assert code == 0
    assert given
    assert len(told) == len(lines_out) == len(given)
    for promised, got in zip(told, lines_out, strict=True):
        names = re.findall(r'"(\w+)":', promised)
        assert {name for name in names if name in got} >= {"id"}
        if "…" not in promised:
            assert json.loads(promised) == got


@pytest.mark.parametrize(
    ("command", "key"),
    [
        ("feed discover", "html"),
        ("text extract", "html"),
        ("url clean", "url"),
        ("extract --model rules", "text"),
        ("dedupe --no-incidents", "text"),
        ("assess", "text"),
    ],
)
def test_a_line_without_what_is_needed_is_refused_by_name(command: str, key: str) -> None:
    code, (line,) = tocsin(*command.split(), stdin=lines({"id": "a"}))
    assert code == 1
    assert (line["id"], key in line["error"]["message"]) == ("a", True)
