"""Scores verdicts, actors, victims, event classes, claims, alerts and aliases on our own short invented cyber reports.

`python tests/gold/score_cyber.py [--even]` runs `tocsin extract` and `tocsin assess` over the odd-numbered
reports (for mending; what was missed is printed) or, with `--even`, over those that are only scored (figures alone).
A value that a report's gold does not name counts neither way. "Rings" is an alert above severity `info`.
"""

import json
import re
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
REPORTS, ALIASES = HERE / "cyber_reports.txt", HERE / "cyber_aliases.txt"
CLAIM_KINDS = frozenset({"records", "accounts", "data", "money"})
PUBLISHED = "2026-11-20T09:00:00Z"


@dataclass
class Report:
    """One report and its gold: fields as in the head of the file."""

    id: int
    kind: str
    title: str
    text: str
    gold: dict[str, str] = field(default_factory=dict)

    def article(self) -> dict[str, str]:
        """As `tocsin extract` takes it."""
        url = f"https://news.example.org/{self.id}"
        return {"id": str(self.id), "title": self.title, "text": self.text, "url": url, "published": PUBLISHED}


def read(path: Path, *, even: bool) -> list[Report]:
    """The reports of one half."""
    reports = []
    for block in re.split(r"(?m)^#(?=\d)", path.read_text(encoding="utf-8"))[1:]:
        head, *lines = block.rstrip().splitlines()
        number, _, kind = head.partition(" ")
        if (int(number) % 2 == 0) != even:
            continue
        *body, gold = lines
        fields = (
            dict(part.strip().partition(" ")[::2] for part in gold[2:].split(" | ")) if kind else {"same": gold[2:]}
        )
        title = body.pop(0) if kind else "Report on an actor"
        reports.append(Report(int(number), kind, title, "\n".join(body), fields))
    return reports


def run(command: str, lines: str) -> str:
    """What `tocsin COMMAND` prints for the lines."""
    return subprocess.run(
        [sys.executable, "-m", "pipeline.cli", command], input=lines, capture_output=True, text=True, check=True
    ).stdout


@dataclass
class Tally:
    """Counts of one question: `right` of `told` and of `due`."""

    right: int = 0
    told: int = 0
    due: int = 0

    def __str__(self) -> str:
        precision = self.right / self.told if self.told else 1.0
        recall = self.right / self.due if self.due else 1.0
        f1 = 2 * self.right / (self.told + self.due) if self.told + self.due else 1.0
        return f"P {precision:.3f} R {recall:.3f} F1 {f1:.3f} ({self.right} right of {self.told} told, {self.due} due)"


def _same(told: str, due: str) -> bool:
    told, due = told.casefold(), due.casefold()
    return told in due or due in told


class Score:
    """The figures over one half, and a line for each thing wrong."""

    def __init__(self) -> None:
        self.tallies: dict[str, Tally] = defaultdict(Tally)
        self.wrong: list[str] = []

    def _miss(self, report: Report, what: str) -> None:
        self.wrong.append(f"#{report.id} {report.kind}: {what}")

    def verdicts(self, report: Report, found: dict[str, Any]) -> None:
        """Malicious against the values to block."""
        block, spared = (set(report.gold.get(name, "").split()) for name in ("block", "pass"))
        hit = {one["value"] for one in found["indicators"] if one["verdict"] == "malicious"}
        tally = self.tallies["verdict malicious"]
        tally.right += len(hit & block)
        tally.told += len(hit & (block | spared))
        tally.due += len(block)
        for value in sorted(hit & spared):
            why = next(one["reason"] for one in found["indicators"] if one["value"] == value)
            self._miss(report, f"{value} called malicious: {why}")
        for value in sorted(block - hit):
            self._miss(report, f"{value} not called malicious")

    def parties(self, report: Report, found: dict[str, Any]) -> None:
        """Actors and victims of the actual cyber events."""
        events = [one for one in found["events"] if one["type"] == "Cyber" and one["realis"] == "actual"]
        for name, keys in (("actor", ("perpetrators",)), ("victim", ("targets", "victims"))):
            told = {party["text"] for event in events for key in keys for party in event[key]}
            due, tally = report.gold.get(name), self.tallies[name]
            right = bool(due) and any(_same(one, due or "") for one in told)
            tally.right += right
            tally.told += len(told) if not right else 1 + sum(not _same(one, due or "") for one in told)
            tally.due += due is not None
            if due and not right:
                self._miss(report, f"{name} {due} not told, but {sorted(told)}")
        if due := report.gold.get("event"):
            subtypes = {event["subtype"] for event in events}
            self.tallies["event class"].right += due in subtypes
            self.tallies["event class"].due += 1
            self.tallies["event class"].told += 1
            if due not in subtypes:
                self._miss(report, f"event {due} not told, but {sorted(map(str, subtypes))}")

    def claims(self, report: Report, found: dict[str, Any]) -> None:
        """Records, accounts, data and money."""
        due = {
            (kind, int(float(value)))
            for kind, value in (pair.split() for pair in report.gold.get("claims", "").split(";") if pair.strip())
        }
        told = {(one["kind"], one["low"]) for one in found["claims"] if one["kind"] in CLAIM_KINDS}
        tally = self.tallies["claims"]
        tally.right, tally.told, tally.due = (
            tally.right + len(due & told),
            tally.told + len(told),
            tally.due + len(due),
        )
        if due != told:
            self._miss(report, f"claims {sorted(told)} for {sorted(due)}")

    def rings(self, report: Report, assessed: dict[str, Any]) -> None:
        """Whether it rings as it should."""
        alert = assessed["alert"]
        told, due = alert is not None and alert["severity"] != "info", report.gold.get("rings") == "yes"
        tally = self.tallies["rings"]
        tally.right += told and due
        tally.told += told
        tally.due += due
        if not due:
            silent = self.tallies["silent where nothing happened"]
            silent.right, silent.told, silent.due = silent.right + (not told), silent.told + 1, silent.due + 1
        if told != due:
            self._miss(report, f"rings {told}")

    def aliases(self, report: Report, found: dict[str, Any]) -> None:
        """Pairs of names under one id."""
        ids: dict[str, set[str]] = defaultdict(set)
        for one in found["entities"]:
            if one["id"]:
                ids[one["text"]].add(one["id"])
        tally = self.tallies["aliases"]
        for pair in report.gold["same"].split(" | "):
            first, second = pair.split(" = ")
            right = bool(ids[first] & ids[second])
            tally.right, tally.told, tally.due = tally.right + right, tally.told + 1, tally.due + 1
            if not right:
                self._miss(report, f"{pair}: {sorted(ids[first])} {sorted(ids[second])}")


def score(*, even: bool) -> Score:
    """The figures over one half of both files."""
    result, reports, aliases = Score(), read(REPORTS, even=even), read(ALIASES, even=even)
    lines = "".join(json.dumps(report.article()) + "\n" for report in reports)
    extracted = run("extract", lines)
    found = {line["id"]: line for line in map(json.loads, extracted.splitlines())}
    assessed = {line["id"]: line for line in map(json.loads, run("assess", extracted).splitlines())}
    for report in reports:
        result.verdicts(report, found[str(report.id)])
        result.parties(report, found[str(report.id)])
        result.claims(report, found[str(report.id)])
        result.rings(report, assessed[str(report.id)])
    named = run("extract", "".join(json.dumps(report.article()) + "\n" for report in aliases))
    for report, line in zip(aliases, map(json.loads, named.splitlines()), strict=True):
        result.aliases(report, line)
    return result


if __name__ == "__main__":
    EVEN = "--even" in sys.argv
    FIGURES = score(even=EVEN)
    for question, tally_ in FIGURES.tallies.items():
        print(f"{question}: {tally_}")
    if not EVEN:
        print("\n".join(FIGURES.wrong))
