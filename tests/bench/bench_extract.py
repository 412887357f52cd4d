"""Speed of the whole analysis beside the bare model, in turns within one process: `python tests/bench/bench_extract.py`.

Articles of about 550 words are put together from the invented reports of `tests/gold`. Prints articles a second of CPU time (other processes
don't count), best of several turns, for the model alone (sentences and names), for everything, and for everything without the model.
`--profile` shows where the time of everything goes.
"""

import argparse
import cProfile
import pstats
import time
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from pipeline.records import Article, ArticleId, VersionId
from pipeline.text import model
from pipeline.text.findings import NO_MODEL, Analyzer

GOLD = Path(__file__).parents[1] / "gold"
WORDS = 550
DAY = datetime(2024, 3, 5, tzinfo=UTC)


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
        out.append(
            Article(
                article_id=ArticleId(f"art:{k}"),
                version_id=VersionId(f"ver:{k}"),
                feed="bench",
                text="\n\n".join(parts),
                published=DAY,
                fetched=DAY,
            )
        )
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
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    articles = make_articles(options.articles)
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
    for name, rate in rates.items():
        print(f"{name:25} {rate:7.1f} articles a second of CPU   {rate / rates['bare model']:.2f} of the bare model")


if __name__ == "__main__":
    main()
