"""How much of everything a load takes: `python -m deploy.capacity --feeds 20000 --articles-per-s 5`; without arguments the documented table.

A day is simulated minute by minute: articles come by a daily curve with chance in it and one burst of news, workers work off what waits,
by the costs of `capacity.toml`. The least number of workers is sought with which 95 of 100 articles wait less than `WAIT_S_MAX` and the burst is gone
within an hour. What is asked for only one at a time (the link step's lock, the relay) can't be bought: it is named when it breaks first.
"""

import argparse
import math
import random
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from pipeline.records.topics import PARTITIONS_DEFAULT
from pipeline.store.stories import HORIZON_DAYS

COSTS = Path(__file__).with_name("capacity.toml")
DAY_MIN = 24 * 60
WAIT_S_MAX = 60.0
BURST_AT_MIN = 14 * 60
BURST_MIN = 20
BURST_FACTOR = 4.0
"""What breaking news adds for `BURST_MIN`: four times the mean, on top of the hour's own."""
PEAK_FACTOR = 1.8
"""The busiest hour of the day against the mean."""
BUSY_MAX = 0.7
"""Of a core or of a lock, on the mean of the busiest hour: above it waiting times grow without bound at the least disturbance."""
INTERVAL_S = 30 * 60
"""The mean time between two polls of a feed, as the schedule settles for a mixed list."""
STORE_CORES_MAX = 32
TABLE = ((1_000, 1), (20_000, 1), (20_000, 100), (200_000, 100), (200_000, 1_000))
GB = 1e9


class Poll(Struct, forbid_unknown_fields=True):
    """Of one poll, nine of ten answered 304."""

    cpu_ms: float
    store_cpu_ms: float
    connector_mb: float


class PerArticle(Struct, forbid_unknown_fields=True):
    """Of one article, half of them reprints."""

    fixed_cpu_ms: float
    word_cpu_ms: float
    store_cpu_ms: float
    relay_cpu_ms: float
    store_bytes: float
    kafka_bytes: float
    word_bytes: float
    worker_mb: float


class Link(Struct, forbid_unknown_fields=True):
    """The part that one worker at a time may do."""

    lock_ms: float


class AlertShare(Struct, forbid_unknown_fields=True):
    """How many articles alert."""

    share: float


class Costs(Struct, forbid_unknown_fields=True):
    """The whole file."""

    poll: Poll
    article: PerArticle
    link: Link
    alert: AlertShare


class Plan(Struct, frozen=True):
    """What a load takes."""

    feeds: int
    articles_per_s: float
    polls_per_s: float
    connectors: int
    workers: int
    partitions: int
    wait_p95_s: float
    longest_s: float
    memory_gb: float
    store_cores: float
    store_gb: float
    kafka_gb: float
    breaks_first: str


def plan(feeds: int, articles_per_s: float, words: int, costs: Costs, *, seed: int = 1) -> Plan:
    """The least that carries the load."""
    article = costs.article
    article_s = (article.fixed_cpu_ms + words * article.word_cpu_ms) / 1000
    arrivals = list(_arrivals(articles_per_s, random.Random(seed)))  # noqa: S311 - a simulation
    workers, waits = _least_workers(arrivals, article_s)
    polls_per_s = feeds / INTERVAL_S
    connectors = max(1, math.ceil(polls_per_s * costs.poll.cpu_ms / 1000 / BUSY_MAX))
    kept = articles_per_s * 86_400 * HORIZON_DAYS  # as long as Kafka keeps the articles' topic
    busiest = articles_per_s * PEAK_FACTOR
    return Plan(
        feeds=feeds,
        articles_per_s=articles_per_s,
        polls_per_s=polls_per_s,
        connectors=connectors,
        workers=workers,
        partitions=max(PARTITIONS_DEFAULT, math.ceil(workers * 1.5)),
        wait_p95_s=_share(waits, 0.95),
        longest_s=max(waits),
        memory_gb=(connectors * costs.poll.connector_mb + workers * article.worker_mb) / 1000,
        store_cores=(busiest * article.store_cpu_ms + polls_per_s * costs.poll.store_cpu_ms) / 1000 / BUSY_MAX,
        store_gb=kept * (article.store_bytes + words * article.word_bytes) / GB,
        kafka_gb=kept * (article.kafka_bytes + words * article.word_bytes) / GB,
        breaks_first=_breaks_first(busiest, workers, costs),
    )


def _arrivals(per_s: float, chance: random.Random) -> Iterator[int]:
    """Articles in each minute of a day."""
    for minute in range(DAY_MIN):
        wave = 1 + (PEAK_FACTOR - 1) * math.sin((minute / DAY_MIN - 0.25) * 2 * math.pi)
        burst = BURST_FACTOR if BURST_AT_MIN <= minute < BURST_AT_MIN + BURST_MIN else 0.0
        mean = per_s * 60 * (max(0.0, wave) + burst)
        yield max(0, round(chance.gauss(mean, math.sqrt(mean))))  # Poisson, near enough for these numbers


def _least_workers(arrivals: list[int], article_s: float) -> tuple[int, list[float]]:
    """How many workers it takes, and how long articles wait then, one figure for each minute's articles."""
    mean = sum(arrivals) / len(arrivals) / 60
    workers = max(1, math.ceil(mean * article_s))
    while True:
        waits, cleared = _simulate(arrivals, workers * 60 / article_s)
        if _share(waits, 0.95) <= WAIT_S_MAX and cleared:
            return workers, waits
        workers += max(1, workers // 20)


def _simulate(arrivals: list[int], per_minute: float) -> tuple[list[float], bool]:
    """The waiting time in seconds of each minute's articles, and whether nothing waits an hour after the burst."""
    waiting, waits, cleared = 0.0, [], True
    for minute, count in enumerate(arrivals):
        waits.append(60 * (waiting + count / 2) / per_minute)
        waiting = max(0.0, waiting + count - per_minute)
        if minute == BURST_AT_MIN + BURST_MIN + 60:
            cleared = waiting < per_minute
    return waits, cleared


def _share(values: list[float], share: float) -> float:
    return sorted(values)[int(share * (len(values) - 1))]


def _breaks_first(busiest: float, workers: int, costs: Costs) -> str:
    """What is nearest to its end in the busiest hour, and what to do when it comes."""
    link_s, relay_s, store_s = (
        ms / 1000
        for ms in (costs.link.lock_ms, costs.alert.share * costs.article.relay_cpu_ms, costs.article.store_cpu_ms)
    )
    split = "split the feeds over two installations"
    shares = {
        f"the link step's lock, at {1 / link_s:.0f} articles/s: {split}": busiest * link_s,
        f"one relay, at {1 / relay_s:.0f} articles/s: {split}": busiest * relay_s,
        f"PostgreSQL's processor: {busiest * store_s:.1f} cores of one server of {STORE_CORES_MAX}": busiest
        * store_s
        / STORE_CORES_MAX,
        "workers: start more, up to the partitions": BUSY_MAX * workers / (workers + 1),
    }
    what, share = max(shares.items(), key=lambda item: item[1])
    return f"{what} ({share:.0%} now)" if share <= 1 else f"breaks: {what}"


def load_costs(path: Path) -> Costs:
    """The costs of a file. Raises OSError, and ValueError naming the key that is wrong or missing."""
    return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Costs)


def to_row(found: Plan) -> str:
    """A line of a Markdown table."""
    cells = (
        f"{found.feeds:,}", f"{found.articles_per_s:g}", f"{found.polls_per_s:.1f}", str(found.connectors), str(found.workers),
        str(found.partitions), f"{found.wait_p95_s:.0f} s, {found.longest_s / 60:.0f} min", f"{found.memory_gb:.1f}",
        f"{found.store_cores:.1f}", f"{found.store_gb:,.0f}", f"{found.kafka_gb:,.0f}", found.breaks_first,
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


HEAD = (
    "| feeds | articles/s | polls/s | connectors | workers | partitions | wait p95, longest | memory GB | PostgreSQL cores | store GB | Kafka GB | first to break |\n"
    f"|{'---|' * 12}"
)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--feeds", type=int)
    parser.add_argument("--articles-per-s", type=float)
    parser.add_argument("--words", type=int, default=350, help="the mean length of an article (default: 350)")
    parser.add_argument(
        "--costs", type=Path, default=COSTS, help="your own measurements, of the form of deploy/capacity.toml"
    )
    wanted = parser.parse_args()
    try:
        costs = load_costs(wanted.costs)
    except (OSError, ValueError) as error:
        sys.exit(f"{wanted.costs}: {error}")
    if (wanted.feeds is None) != (wanted.articles_per_s is None):
        sys.exit("give both --feeds and --articles-per-s, or neither for the documented table")
    loads = TABLE if wanted.feeds is None else ((wanted.feeds, wanted.articles_per_s),)
    rows = [to_row(plan(feeds, per_s, wanted.words, costs)) for feeds, per_s in loads]
    sys.stdout.write("\n".join((HEAD, *rows)) + "\n")


if __name__ == "__main__":
    main()
