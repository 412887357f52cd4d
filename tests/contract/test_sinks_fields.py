"""Which field of an alert comes out of which sink: the table in docs/sinks.md, tried on every sink."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from connectors.registry import SINKS
from pipeline.records import Alert, AlertId, Element, Evidence, Indicator, Line, Mention, Place, Reason, Ring
from tests.layers import ROOT
from tests.support.alerts import make, rich
from tests.support.memory import DictMemory
from tests.support.sinks import ARRANGE, PostgresArrangement

COLUMNS = {
    "records": ("elastic", "jsonl", "parquet", "postgres", "sqlite", "webhook"),
    "`csv`": ("csv",),
    "for people": ("discord", "feed", "gotify", "mail", "matrix", "mattermost", "ntfy", "opsgenie", "pagerduty", "slack", "teams", "telegram"),
    "`stix`, `taxii`": ("stix", "taxii"),
    "`misp`, `misp-feed`": ("misp", "misp-feed"),
    "`syslog`": ("syslog",),
}  # fmt: skip
"""The table's columns, and whose they are."""
MANY = 40
FIRST, LAST = datetime(2026, 3, 1, 4, 34, 56, tzinfo=UTC), datetime(2026, 3, 1, 5, 43, 21, tzinfo=UTC)
Marked = tuple[Alert, tuple[str, ...]]
"""An alert, and the words that its field is found by."""


def word(number: int) -> str:
    return f"zq{number:04d}qz"


def words(count: int) -> tuple[str, ...]:
    return tuple(word(n) for n in range(count))


def mentions(count: int) -> tuple[Mention, ...]:
    return tuple(Mention(w, 0, 5, f"name:{w}") for w in words(count))


def listed(field: str, made: Callable[[str], Any]) -> Callable[[int], Marked]:
    return lambda count: (make(1, **{field: tuple(made(w) for w in words(count))}), words(count))


def text_in(field: str) -> Callable[[int], Marked]:
    # Long: the words once every 60 characters.
    return lambda count: (
        make(1, **{field: " ".join(f"{w} {'lorem ' * 8}" for w in words(count)).strip()}),
        words(count),
    )


def one(*found: str, **fields: Any) -> Callable[[int], Marked]:
    return lambda _: (make(1, **fields), found)


SOURCE = rich(1).sources[0]
FIELDS: dict[str, Callable[[int], Marked]] = {
    "alert_id": one(make(1).alert_id),
    "revision": lambda _: (make(1, 81237), ("81237",)),
    "change, changes": listed("changes", str),
    "category": one("disaster", category="disaster"),
    "severity": one("critical", "CRITICAL", severity="critical"),
    "score": one("0.4321", score=0.4321),
    "credibility": one("0.8765", credibility=0.8765),
    "headline": text_in("headline"),
    "what": text_in("what"),
    "event_type, event_subtype": one("zqtypeqz", event_type="zqtypeqz", event_subtype="zqsubqz"),
    "realis": one("threatened", event_type="Battles", realis="threatened"),
    "date": one("2019-07", date="2019-07"),
    "place": one("zqplaceqz", place=Place("zqplaceqz", 0, 9, "geo:1", name="zqplaceqz", country="DK", latitude=1.0, longitude=2.0)),
    "actors": lambda n: (make(1, actors=mentions(n)), words(n)),
    "targets": lambda n: (make(1, targets=mentions(n)), words(n)),
    "weapons": lambda n: (make(1, weapons=mentions(n)), words(n)),
    "malware": lambda n: (make(1, category="cyber", malware=mentions(n)), words(n)),
    "sector": one("water", "Water", category="cyber", sector="water"),
    "claims": lambda n: (
        make(1, claims=tuple(replace(rich(1).claims[0], claimant=w, text=w) for w in words(n))), words(n),
    ),
    "disputed": one("displaced", disputed=("displaced",)),
    "indicators": listed("indicators", lambda w: Indicator("domain", f"{w}.example", w, 0, 5, True, "malicious")),
    "reason of an indicator": lambda _: (
        make(1, indicators=(Indicator("domain", "x.example", "x", 0, 5, True, "malicious", "zqreasonqz"),)), ("zqreasonqz",),
    ),
    "sources": listed("sources", lambda w: replace(SOURCE, title=w, feed=w, url=f"https://news.example/{w}")),
    "independent_sources": one("76543", independent_sources=76543, sources=(SOURCE,)),
    "reasons, credibility_reasons": listed("reasons", lambda w: Reason(w, 0.1)),
    "evidence": listed("evidence", lambda w: Evidence("event", SOURCE.version_id, 0, 5, w)),
    "first_seen": one("04:34:56", "1772339696000", first_seen=FIRST, last_seen=LAST),
    "last_seen": one("05:43:21", first_seen=FIRST, last_seen=LAST),
    "late_s": one("98765", late_s=98765),
    "line": one("zqelementqz", line=Line(what=Element("zqelementqz", 0.9))),
    "merged_into": one("alert:feed", change="merged", merged_into="alert:feed"),
    "watch": one("zqruleqz", watch=Ring(rule="zqruleqz", version="1")),
    "model, knowledge, warnings, weights, rules": one("zqmodelqz", model="zqmodelqz"),
}  # fmt: skip
ROUNDED = {
    "score": ("0.43",),
    "credibility": ("0.88", "88"),
    "last_seen": ("05:43",),
    "first_seen": ("04:34",),
}
"""What is left of a number or a time that is told less exactly."""


def table() -> dict[str, dict[str, str]]:
    """Field to column to word, as docs/sinks.md has it."""
    page = (ROOT / "docs" / "sinks.md").read_text(encoding="utf-8")
    lines = page.partition("## What of an alert comes where\n")[2].partition("\n## ")[0].splitlines()
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines if line.startswith("|")]
    head, _, *body = rows
    return {row[0].replace("`", ""): dict(zip(head[1:], row[1:], strict=True)) for row in body}


def test_the_table_names_every_field_and_every_sink() -> None:
    assert set(table()) == set(FIELDS)
    assert sorted(kind for kinds in COLUMNS.values() for kind in kinds) == sorted(SINKS)
    assert {column for row in table().values() for column in row} == set(COLUMNS)
    named = {name for field in FIELDS for name in re.findall(r"\w+", field)}
    assert set(Alert.__struct_fields__) - {"v", "incident", "in_scope"} <= named


@pytest.mark.parametrize(("column", "kind"), [(c, k) for c, kinds in COLUMNS.items() for k in kinds])
def test_what_the_table_says_comes(column: str, kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if kind == "postgres":
        PostgresArrangement.url = request.getfixturevalue("postgres_server").url
    few, many = (deliver(kind, tmp_path / str(count), count) for count in (1, MANY))
    met = {field: judge(field, number, few, many) for number, field in enumerate(FIELDS)}
    told = {field: row[column].split(" / ") for field, row in table().items()}
    assert {f: (m, told[f]) for f, m in met.items() if m not in told[f]} == {}


def judge(field: str, number: int, few: str, many: str) -> str:
    """`whole`, `shortened` or `-`: of one value, and of many."""
    _, one_marked = marked(field, number, 1)
    _, all_marked = marked(field, number, MANY)
    if not any(w in few for w in one_marked):
        return "shortened" if any(w in few for w in ROUNDED.get(field, ())) else "-"
    return "whole" if len(all_marked) < MANY or all(w in many for w in all_marked) else "shortened"


def marked(field: str, number: int, count: int) -> Marked:
    """The field's alert, one of its own, and words that no other field's alert has."""
    alert, found = FIELDS[field](count)
    own = AlertId(f"alert:{number + 1:032x}")
    if field == "alert_id":
        return replace(alert, alert_id=own), (own,)
    raw = msgspec.json.encode(alert).decode().replace("zq", f"zq{number}x")
    found = tuple(w.replace("zq", f"zq{number}x") for w in found)
    return replace(msgspec.json.decode(raw, type=Alert), alert_id=own), found


def deliver(kind: str, path: Path, count: int) -> str:
    """All that came of one alert a field."""
    path.mkdir(parents=True)
    scene = ARRANGE[kind](path)
    try:
        sink = scene.make(DictMemory())
        assert list(sink.write([marked(field, number, count)[0] for number, field in enumerate(FIELDS)])) == []
        text = scene.text().replace("\\", "")  # the escapes of forms with markup
        sink.close()
        return text
    finally:
        scene.close()
