"""Scores the rules on our own gold: claims (kind, range, hedge and claimant together), realis, and silence on figures of speech.

`python tests/gold/score_reports.py [--model]` prints the figures and what was missed. With `--model` the shipped pipeline reads and parses
the text; without it the window rules work alone. What was missed is printed for the reports that rules are developed on (`reports.toml`), never for
those that are only scored (`reports_unseen.toml`). The test of the floors calls `score`.
"""

import sys
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.records import Claim, Event, Mention
from pipeline.text.events.find import find_events_and_claims

DEVELOPED = Path(__file__).parent / "reports.toml"
UNSEEN = Path(__file__).parent / "reports_unseen.toml"
Find = Callable[[str, datetime], tuple[tuple[Event, ...], tuple[Claim, ...]]]


class Scores(NamedTuple):
    """Shares from 0 to 1, and a line for each thing wrong."""

    claims: float  # F1
    realis: float  # accuracy over the gold's events; one that is not found is wrong
    subtypes: float  # accuracy likewise
    figures_silent: bool
    wrong: tuple[str, ...]


def find_by_window(text: str, published: datetime) -> tuple[tuple[Event, ...], tuple[Claim, ...]]:
    """The window rules alone."""
    return find_events_and_claims(text, published=published)


def claim_matches(claim: Claim, gold: list[Any], text: str) -> bool:
    """Kind, range, hedge and claimant right, and the gold's words touched."""
    kind, low, high, hedge, claimant, words = gold
    first = text.index(words)
    said = claim.claimant.text.casefold() if isinstance(claim.claimant, Mention) else ""
    return (
        claim.kind == kind
        and (claim.low, claim.high) == (None if low == -1 else low, None if high == -1 else high)
        and (claim.hedge or "").casefold() == hedge.casefold()
        and (claimant.casefold() in said if claimant else not said)
        and claim.start < first + len(words)
        and first < claim.end
    )


def score(find: Find, gold: Path = DEVELOPED) -> Scores:
    """The figures over all articles of a gold file."""
    right = told = due = realis = subtypes = events_due = 0
    silent = True
    wrong: list[str] = []
    for article in tomllib.loads(gold.read_text(encoding="utf-8"))["article"]:
        text = article["text"]
        events, claims = find(text, datetime.fromisoformat(article["published"]).replace(tzinfo=UTC))
        open_claims = list(claims)
        for due_claim in article["claims"]:
            hit = next((c for c in open_claims if claim_matches(c, due_claim, text)), None)
            if hit is None:
                wrong.append(f"{article['id']}: claim missed {due_claim}")
            else:
                open_claims.remove(hit)
                right += 1
        wrong += [f"{article['id']}: claim that is none or not right {c.kind} {c.low}..{c.high} {c.hedge} by {c.claimant and c.claimant.text} in {c.text!r}" for c in open_claims]  # fmt: skip
        told, due = told + len(claims), due + len(article["claims"])
        if article.get("kind") in {"figure", "fiction"}:
            silent = silent and not [e for e in events if e.realis != "fiction"]
            wrong += [f"{article['id']}: event that is none {e.subtype} {text[e.start : e.end]!r}" for e in events]
        for subtype, expected, words in article["events"]:
            first = text.index(words)
            near = [e for e in events if e.start < first + len(words) and first < e.end]
            events_due += 1
            realis += any(e.realis == expected for e in near)
            subtypes += any(e.subtype == subtype for e in near)
            if not any(e.realis == expected and e.subtype == subtype for e in near):
                wrong.append(
                    f"{article['id']}: event {words!r} {[(e.subtype, e.realis) for e in near]}, due {(subtype, expected)}"
                )
    return Scores(2 * right / (told + due), realis / events_due, subtypes / events_due, silent, tuple(wrong))


def find_by_model() -> Find:
    """The shipped pipeline, as `tocsin extract` uses it."""
    from pipeline.records import Article, ArticleId, VersionId
    from pipeline.text.findings import Analyzer

    analyzer = Analyzer()

    def find(text: str, published: datetime) -> tuple[tuple[Event, ...], tuple[Claim, ...]]:
        article = Article(
            article_id=ArticleId("art:0"),
            version_id=VersionId("ver:0"),
            feed="gold",
            text=text,
            published=published,
            fetched=published,
        )
        found = analyzer.analyse([article])[0]
        return found.events, found.claims

    return find


if __name__ == "__main__":
    reader = find_by_model() if "--model" in sys.argv else find_by_window
    for path in (DEVELOPED, UNSEEN):
        figures = score(reader, path)
        if path == DEVELOPED:
            print(*figures.wrong, sep="\n")
        print(f"{path.name}: claims F1 {figures.claims:.3f}  realis {figures.realis:.3f}  sub-types {figures.subtypes:.3f}  silent on figures {figures.figures_silent}")  # fmt: skip
