"""The gold of incidents (tests/gold/README.md) is whole: what is promised is there, and every host is a made-up one."""

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

GOLD = Path(__file__).parents[2] / "gold"
# Least numbers of reports of incidents, incidents, groups, reports of none.
PROMISED = {
    "incidents_dev.jsonl": (150, 50, 9, 25),
    "incidents_scored.jsonl": (150, 50, 9, 25),
    "incidents_more.jsonl": (150, 50, 9, 15),
}
RELATIONS = {"report", "toll", "claim", "denial", "reaction", "arrest", "hearing", "retrospective"}
FEWEST_FEEDS = 12


def _rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (GOLD / name).read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("name", PROMISED)
def test_as_many_as_promised(name: str) -> None:
    rows = _rows(name)
    told = [row for row in rows if row["incident"]]
    found = (
        len(told),
        len({row["incident"] for row in told}),
        len({row["group"] for row in told}),
        len(rows) - len(told),
    )
    assert all(have >= least for have, least in zip(found, PROMISED[name], strict=True)), found
    assert len({row["feed"] for row in rows}) >= FEWEST_FEEDS


@pytest.mark.parametrize("name", PROMISED)
def test_every_incident_is_told_twice_in_one_group(name: str) -> None:
    told = [row for row in _rows(name) if row["incident"]]
    assert [i for i, n in Counter(row["incident"] for row in told).items() if n < 2] == []
    groups = {row["incident"]: row["group"] for row in told}
    assert all(row["group"] == groups[row["incident"]] for row in told)
    assert {named["id"] for row in told for named in row["incidents"]} == set(groups)


@pytest.mark.parametrize("name", PROMISED)
def test_fields_agree(name: str) -> None:
    for row in _rows(name):
        ids = [named["id"] for named in row["incidents"]]
        assert ids[:1] == ([row["incident"]] if row["incident"] else []), row["id"]
        assert len(set(ids)) == len(ids), row["id"]
        assert {named["relation"] for named in row["incidents"]} <= RELATIONS, row["id"]
        assert row["relation"] == (row["incidents"][0]["relation"] if row["incident"] else None), row["id"]
        assert all(row[field] for field in ("title", "text", "source", "pair_kind")), row["id"]
        assert datetime.fromisoformat(row["published"]).tzinfo is not None, row["id"]
        assert all((urlsplit(row[field]).hostname or "").endswith(".example") for field in ("url", "feed")), row["id"]


def test_no_report_stands_twice() -> None:
    rows = [row for name in PROMISED for row in _rows(name)]
    for field in ("id", "url", "text"):
        assert [value for value, n in Counter(row[field] for row in rows).items() if n > 1] == []
    where: dict[str, set[str]] = {}
    for name in PROMISED:
        for row in _rows(name):
            where.setdefault(row["incident"] or "", set()).add(name)
    assert [i for i, names in where.items() if i and len(names) > 1] == [], "an incident in two files"
