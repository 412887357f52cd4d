"""`tocsin dedupe`: the contract's fields, in input order, and a bad line costs no other."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

TEXT = "A grain ship was seized off the port of Sarvo on Friday by gunmen, who took its crew of nine ashore and asked for money."


def run(tmp_path: Path, *lines: object) -> tuple[int, list[dict[str, object]]]:
    file = tmp_path / "in.jsonl"
    file.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    done = subprocess.run(
        [sys.executable, "-m", "pipeline.cli", "dedupe", str(file)], capture_output=True, check=False, timeout=300
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_verdicts_of_a_file(tmp_path: Path) -> None:
    code, lines = run(
        tmp_path,
        {"id": "a", "title": None, "text": TEXT, "url": "https://a.example/1"},
        {"id": "b", "text": TEXT.upper(), "url": "https://b.example/1"},
        {
            "id": "c",
            "text": TEXT + " The ship is old.",
            "url": "https://a.example/1",
            "feed": "one",
            "published": "2026-03-02T00:00:00Z",
        },
        {"id": "d", "text": TEXT, "url": "https://a.example/1"},
        {"id": "e", "text": "Something else."},
        {"id": "f", "text": "Something else."},
    )
    assert code == 0
    assert [(line["id"], line["verdict"], line["of"]) for line in lines] == [
        ("a", "new", None),
        ("b", "exact", "a"),
        ("c", "revision", "a"),
        ("d", "exact", "a"),
        ("e", "new", None),
        ("f", "new", None),
    ]
    assert len({line["story"] for line in lines}) == 3
    assert lines[1]["similarity"] == 1.0


def test_a_bad_line_costs_no_other(tmp_path: Path) -> None:
    code, lines = run(tmp_path, {"id": "a", "text": TEXT}, {"id": "b"}, "{", {"id": "c", "text": TEXT})
    assert code == 1
    assert [line["id"] for line in lines] == ["a", "b", None, "c"]
    assert lines[1]["error"]["type"] == "ValidationError"  # type: ignore[index]
    assert (lines[3]["verdict"], lines[3]["of"]) == ("exact", "a")
