"""Speed of the whole analysis beside the bare model, in turns within one process: `python tests/bench/bench_extract.py`.

Articles of about 550 words are put together from the invented reports of `tests/gold`. Prints articles a second of CPU time (other processes
don't count), best of several turns, for the model alone (sentences and names), for everything, and for everything without the model.
`--profile` shows where the time of everything goes. `--file`: JSON Lines with a `text` each instead, of any length.
The invented reports tell of an event in nearly every sentence; ordinary news costs less than half as much.
"""

import argparse
import cProfile
import json
import os
import pstats
import time
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line does, before numpy is loaded

from pipeline.records import Article, ArticleId, VersionId
from pipeline.text import model
from pipeline.text.findings import NO_MODEL, Analyzer

GOLD = Path(__file__).parents[1] / "gold"
WORDS = 550
DAY = datetime(2024, 3, 5, tzinfo=UTC)


def read_articles(path: Path) -> list[Article]:
    """One article for each line."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [make_article(k, json.loads(line)["text"]) for k, line in enumerate(lines)]


def make_article(k: int, text: str) -> Article:
    return Article(
        article_id=ArticleId(f"art:{k}"),
        version_id=VersionId(f"ver:{k}"),
        feed="bench",
        text=text,
        published=DAY,
        fetched=DAY,
    )


def make_articles(count: int) -> list[Article]:
    """Articles of about `WORDS` words, no two alike."""
    texts = [
        article["text"]
        for name in ("reports.toml", "reports_unseen.toml")
        for article in tomllib.loads((GOLD / name).read_text(encoding="utf-8"))["article"]
    ]
    out: list[Article] = []
    at = 0
    for k in range(count):
        parts: list[str] = []
        while sum(len(part.split()) for part in parts) < WORDS:
            parts.append(texts[at % len(texts)])
            at += 1
        out.append(make_article(k, "\n\n".join(parts)))
    return out


def best_rate(work: Callable[[], object], articles: int, turns: int) -> float:
    """Articles a second of this process's CPU time, in the best turn."""
    best = 0.0
    for _ in range(turns):
        begun = time.process_time()
        work()
        best = max(best, articles / (time.process_time() - begun))
    return best


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--articles", type=int, default=24)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    articles = read_articles(options.file) if options.file else make_articles(options.articles)
    words = sum(len(article.text.split()) for article in articles)
    nlp = model.load_model()
    casing = model.load_casing(nlp)
    whole, rules = Analyzer(), Analyzer(NO_MODEL)

    def bare() -> None:
        with nlp.memory_zone():
            for _ in model.read(nlp, [article.text for article in articles], casing):
                pass

    works: dict[str, Callable[[], object]] = {
        "bare model": bare,
        "everything": lambda: whole.analyse(articles),
        "everything, rules alone": lambda: rules.analyse(articles),
    }
    for work in works.values():
        work()
    if options.profile:
        profile = cProfile.Profile()
        profile.runcall(whole.analyse, articles)
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)
        return
    rates = {name: best_rate(work, len(articles), options.turns) for name, work in works.items()}
    print(f"{len(articles)} articles of {words / len(articles):.0f} words; a second of processor time does:")
    for name, rate in rates.items():
        standard = rate * words / len(articles) / WORDS
        print(
            f"{name:25} {standard:7.1f} articles of {WORDS} words   {rate / rates['bare model']:.2f} of the bare model"
        )


if __name__ == "__main__":
    main()
