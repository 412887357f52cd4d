"""How heavy and how fast the screen is with many alerts: `python -m tests.bench.bench_web --alerts 100000`.

Fills a PostgreSQL of its own with invented alerts and articles, serves the screen, and asks each page `TURNS` times: milliseconds at the
median and the 95th percentile, kilobytes. With a Chromium, also until the list of alerts can be used (DOM complete, scripts run), and
what all that it loads weighs.
"""

import argparse
import random
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import psycopg

from deploy.local.postgres import Postgres
from deploy.local.process import wait_ready
from pipeline.config import Config, Store, Web
from pipeline.records import SEVERITIES, Mention, Place
from pipeline.store import migrate
from tests.browser import chromium
from tests.support.alerts import rich
from tests.support.screen import Visitor, address, keep, serve

TURNS = 20
BATCH = 2000
TOWNS = (
    ("Kabul", "AF", 34.5, 69.2),
    ("Mosul", "IQ", 36.3, 43.1),
    ("Goma", "CD", -1.7, 29.2),
    ("Baidoa", "SO", 3.1, 43.6),
)
GROUPS = ("group:taliban", "group:al-shabaab", "group:islamic-state", "group:m23")


def fill(url: str, count: int) -> None:
    """Alerts over 90 days."""
    chance = random.Random(7)
    for start in range(0, count, BATCH):
        made = []
        for number in range(start, min(start + BATCH, count)):
            name, country, latitude, longitude = chance.choice(TOWNS)
            group = chance.choice(GROUPS)
            made.append(
                rich(
                    number,
                    severity=chance.choice(SEVERITIES),
                    what=f"Bombing number {number} in {name}: {chance.randint(1, 40)} killed, according to police",
                    place=Place(name, 0, 5, f"geo:{name}", name, country, latitude, longitude),
                    actors=(Mention(group, 0, 5, group),),
                    last_seen=datetime.now(UTC) - timedelta(minutes=chance.randint(0, 90 * 1440)),
                )
            )
        keep(url, made)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "UPDATE alerts SET updated_at = now() - (random() * interval '90 days'), created_at = now() - interval '90 days'"
        )
        connection.execute("VACUUM ANALYZE")


def ask(visitor: Visitor, path: str) -> tuple[float, float, int]:
    """Milliseconds at the median and the 95th percentile, and bytes, of a page."""
    took, size = [], 0
    for _ in range(TURNS):
        began = time.perf_counter()
        status, body = visitor.get(path)
        took.append((time.perf_counter() - began) * 1000)
        assert status == 200, (path, status)
        size = len(body.encode())
    return statistics.median(took), statistics.quantiles(took, n=20)[-1], size


def look(url: str) -> str:
    """Until the list can be used in a browser, and what it loads."""
    path = chromium.find()
    if path is None:
        return "no Chromium here"
    with chromium.launch(path) as browser:
        took, weights = [], []
        for _ in range(TURNS):
            page = browser.new_page()
            bodies: list[int] = []
            page.on("response", lambda r, kept=bodies: kept.append(len(r.body())) if "stream" not in r.url else None)
            page.goto(url)
            page.wait_for_selector("#live[data-state=on]")
            took.append(page.evaluate("performance.getEntriesByType('navigation')[0].domInteractive"))
            weights.append(sum(bodies))
            page.close()
    return f"interactive after {statistics.median(took):.0f} ms, {statistics.median(weights) / 1000:.0f} kB in all"


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--alerts", type=int, default=100_000)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="tocsin-web-"))
    server = Postgres(folder / "postgres", log=folder / "postgres.log", durable=False)
    server.prepare()
    server.start()
    try:
        wait_ready(server, 60)
        migrate.upgrade(server.url)
        fill(server.url, options.alerts)
        config = Config(store=Store(url=server.url), web=Web(listen=address()))
        with serve(config) as url:
            visitor = Visitor(url)
            alert = rich(5).alert_id
            paths = ("/", "/?severity=critical&since=7d", "/?q=bombing+kabul", "/?actor=group%3Ataliban", "/?q=nowhere")
            for path in (
                *paths,
                f"/alerts/{quote(alert)}",
                "/map?days=7",
                "/actors/group%3Ataliban",
                "/places/AF/Kabul",
            ):
                median, tail, size = ask(visitor, path)
                print(f"| `{path}` | {median:.0f} | {tail:.0f} | {size / 1000:.0f} |", flush=True)
            print(f"{options.alerts} alerts, {look(url)}")
    finally:
        server.stop(5)


if __name__ == "__main__":
    main()
