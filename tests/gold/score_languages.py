"""Scores the lines of invented reports in other languages: `python -m tests.gold.score_languages [--odd] [--language fr] [--show]`.

The gold stands in `lang_<code>.jsonl`, one report a line: title, text, published, whether it is worth an alert, and what it is mainly about with
every wording that is right. Even-numbered reports are scored; the odd ones (`--odd`) are read when a rule is mended. Measures: F1 of what rings;
the class right; the place right; F1 of the numbers by kind and range; of the parties; and the share of calm reports that ring.
"""

import argparse
import json
import re
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.records import Article, ArticleId, Findings, VersionId
from pipeline.text.findings import Analyzer
from pipeline.text.languages import LANGUAGES
from pipeline.text.line import plain_line, stated
from pipeline.text.scoring.assess import assess
from pipeline.text.scoring.weights import DEFAULT

HERE = Path(__file__).parent
SMALL = frozenset("the a an of in at on de du des la le les el los las do da dos das o os as un une una".split())


def gold(language: str, *, odd: bool) -> list[dict[str, Any]]:
    """The reports of a language with an odd or an even number."""
    path = HERE / f"lang_{language}.jsonl"
    rows = [json.loads(row) for row in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
    return [row for row in rows if int(row["id"].rpartition("-")[2]) % 2 == odd]


def article_of(row: dict[str, Any]) -> Article:
    """A gold report as the article that a feed would bring."""
    day = datetime.fromisoformat(row["published"]).replace(hour=12, tzinfo=UTC)
    return Article(
        article_id=ArticleId(row["id"]),
        version_id=VersionId(row["id"]),
        feed="gold",
        fetched=day,
        published=day,
        title=row["title"],
        text=row["text"],
    )


def line_of(article: Article, findings: Findings) -> dict[str, Any] | None:
    """The alert's line as plain values; None where nothing rings."""
    assessment = assess(article, findings)
    if assessment.severity is None:
        return None
    line = stated(findings.line, DEFAULT.level)
    return plain_line(line, "") if line else {}


def words(name: str) -> frozenset[str]:
    """The words of a name that tell it from another."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    return frozenset(w for w in re.findall(r"\w+", plain) if w not in SMALL)


def is_alike(name: str, golds: Sequence[str]) -> bool:
    """The same words as one of the wordings, or one more, or one less."""
    mine = words(name)
    return any(
        mine and theirs and (mine <= theirs or theirs <= mine) and len(mine ^ theirs) <= 1
        for theirs in map(words, golds)
    )


class Tally:
    """Right, wrong and missed by measure."""

    def __init__(self) -> None:
        self.counts: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def put(self, measure: str, outcome: str, number: int = 1) -> None:
        """Count one."""
        self.counts[measure][outcome] += number

    def f1(self, measure: str) -> float:
        """F1 of a measure."""
        c = self.counts[measure]
        return 2 * c["right"] / max(1, 2 * c["right"] + c["wrong"] + c["missed"])

    def share(self, measure: str) -> float:
        """Share of right ones among all that are due."""
        c = self.counts[measure]
        return c["right"] / max(1, sum(c.values()))


def judge(row: dict[str, Any], line: dict[str, Any] | None, tally: Tally) -> Iterator[str]:
    """Count what is right of one report; yields what is not, in words."""
    due = row["worthy"] == "yes"
    if not due:
        tally.put("calm", "wrong" if line is not None else "right")
        if line is not None:
            tally.put("worth", "wrong")
            yield f"rings: {line.get('what')}"
        return
    tally.put("worth", "right" if line is not None else "missed")
    if line is None:
        yield "does not ring"
    main, line = row["main"], line or {}
    ok = line.get("what") in main["what"]
    tally.put("kind", "right" if ok else "wrong")
    if not ok:
        yield f"kind: {line.get('what')}"
    if main["where"]:
        ok = bool(line.get("where")) and is_alike(line["where"], main["where"][0])
        tally.put("place", "right" if ok else "wrong")
        if not ok:
            yield f"place: {line.get('where')}"
    if main["when"]:
        ok = line.get("when") == main["when"][0]
        tally.put("when", "right" if ok else "wrong")
        if not ok:
            yield f"when: {line.get('when')}"
    yield from _judge_counts(main, line, tally)
    for role in ("by", "against"):
        yield from _judge_parties(role, main, line, tally)


def _judge_counts(main: dict[str, Any], line: dict[str, Any], tally: Tally) -> Iterator[str]:
    golds = {(c["kind"], c["low"], c["high"]) for c in main["counts"]}
    mine = {(c["kind"], c["low"], c["high"]) for c in line.get("counts", [])}
    tally.put("counts", "right", len(golds & mine))
    tally.put("counts", "wrong", len(mine - golds))
    kinds = {kind for kind, _, _ in golds} - {kind for kind, _, _ in golds & mine}
    tally.put("counts", "missed", len(kinds))
    if mine - golds or kinds:
        yield f"counts: {sorted(mine - golds, key=str)} missed {sorted(kinds)}"


def _judge_parties(role: str, main: dict[str, Any], line: dict[str, Any], tally: Tally) -> Iterator[str]:
    found: set[int] = set()
    for name in line.get(role, []):
        hits = {n for n, names in enumerate(main[role]) if is_alike(name, names)}
        tally.put(role, "right" if hits else "wrong")
        if not hits:
            yield f"{role}: {name}"
        found |= hits
    tally.put(role, "missed", len(main[role]) - len(found))
    if len(main[role]) > len(found):
        yield f"{role} missed: {[n for k, n in enumerate(main[role]) if k not in found]}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures of each language and of all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--odd", action="store_true", help="the reports for mending, not those that count")
    parser.add_argument("--language", action="append", choices=LANGUAGES)
    parser.add_argument("--show", action="store_true", help="what is not right; for the odd ones only")
    given = parser.parse_args(arguments)
    analyzer = Analyzer("rules")
    whole, took, reports = Tally(), 0.0, 0
    for language in given.language or LANGUAGES:
        rows, tally = gold(language, odd=given.odd), Tally()
        articles = [article_of(row) for row in rows]
        analyzer.analyse(articles[:1])
        began = time.perf_counter()
        findings = analyzer.analyse(articles)
        took, reports = took + time.perf_counter() - began, reports + len(rows)
        for row, article, found in zip(rows, articles, findings, strict=True):
            line = line_of(article, found)
            for told in judge(row, line, tally):
                if given.show and given.odd:
                    print(f"{row['id']} {told} | worth {found.worth} | {row['title']}")
        _print(language, tally, len(rows))
        for measure, counts in tally.counts.items():
            whole.counts[measure] += counts
    _print("all", whole, reports)
    print(f"{reports / max(took, 1e-9):.0f} reports/s")


def _print(name: str, tally: Tally, reports: int) -> None:
    if reports:
        shares = " ".join(f"{m} {tally.share(m):.2f}" for m in ("kind", "place", "when"))
        scores = " ".join(f"{m} {tally.f1(m):.2f}" for m in ("counts", "by", "against"))
        calm = tally.counts["calm"]
        print(
            f"{name:4} {reports:3} reports  worth {tally.f1('worth'):.2f} {shares} {scores}  calm that ring {calm['wrong']} of {sum(calm.values())}"
        )


if __name__ == "__main__":
    main()
