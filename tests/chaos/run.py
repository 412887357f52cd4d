"""One run: `make chaos SECONDS=300 SEED=1`. Starts the whole system, breaks it by the seed's schedule, waits for quiet, checks.

Prints what was done how often, what was seen, and the verdict; for a broken law the shortest story of what happened. Exit code
1 for a broken law, 2 for a run too weak to prove anything. Everything recorded stays in the run's folder.
"""

import argparse
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import msgspec
from kafka import KafkaConsumer
from kafka.errors import KafkaError
from kafka.structs import TopicPartition
from msgspec import Struct

from pipeline.records import topics
from tests.chaos import gather
from tests.chaos.check import Finding, check
from tests.chaos.feeds import FeedServer
from tests.chaos.nemesis import Nemesis
from tests.chaos.newsroom import REPRINTS_SHARE_MIN, write
from tests.chaos.records import Committed, History
from tests.chaos.schedule import FULL_S, Fault, plan, summary
from tests.chaos.story import tell
from tests.chaos.system import PARTITIONS, System

PER_S = 20.0
"""Wordings a second."""
REVISIONS_MIN = 500
FAULTS_MIN = 30
"""In a full run; a shorter one its share. Below, the run proves nothing."""
VERSIONS_SHARE_MIN = 0.8
"""Of the wordings published; the rest were edited or left the feed while connectors were held up, as on any outlet's page."""
BEGIN_S_MAX = 400.0
STUCK_S = 120.0
"""A run that has not come to rest and gets nothing done for so long is stuck. As long as it gets on, it may take its time: two
cores may be busy with something else."""
SAMPLE_S = 2.0
STEP_S = 0.1


class Result(Struct):
    """What a run came to."""

    seed: int
    seconds: float
    faults: list[Fault]
    history: History
    findings: list[Finding]
    settled_s: float  # after the last fault

    @property
    def weaknesses(self) -> list[str]:
        """Why the run proves nothing, if so."""
        share = self.seconds / FULL_S
        published = len({a.version for a in self.history.arrivals})
        again = sum(w.kind in ("reprint", "edit") for w in self.history.wordings) / max(1, len(self.history.wordings))
        wanted = [
            (len(self.history.told), REVISIONS_MIN * share, "alert revisions"),
            (len(self.faults), FAULTS_MIN * share, "faults"),
            (published, VERSIONS_SHARE_MIN * PER_S * self.seconds, "versions of articles"),
            (again, REPRINTS_SHARE_MIN, "share of reprints and edits"),
        ]
        return [f"{have:g} {what}, {least:g} needed" for have, least, what in wanted if have < least]

    @property
    def exit_code(self) -> int:
        """0 for a promise kept."""
        return 1 if self.findings else 2 if self.weaknesses else 0

    def row(self) -> str:
        """The run as a line of the table in docs/reliability.md."""
        kinds = Counter(fault.kind for fault in self.faults)
        laws = Counter(finding.law for finding in self.findings)
        network = kinds["cut"] + kinds["stall"] + kinds["slow"]
        done = [
            kinds["kill"],
            kinds["pause"],
            kinds["stop"],
            kinds["fail-point"],
            network,
            kinds["disk-full"],
            kinds["skew"],
        ]
        versions = len({a.version for a in self.history.arrivals})
        seen = [len(self.history.arrivals), versions, len(self.history.told), f"{self.settled_s:.0f} s"]
        kept = [laws["lost"], laws["repeated"], laws["disorder"], laws["undelivered"], len(self.findings)]
        return "| " + " | ".join(str(cell) for cell in (self.seed, *done, *seen, *kept)) + " |"

    def report(self) -> str:
        """The run in some lines."""
        history = self.history
        count = {
            law: sum(f.law == law for f in self.findings) for law in ("lost", "repeated", "disorder", "undelivered")
        }
        outcomes = [o.outcome for o in history.outcomes.values()]
        lines = [
            f"seed {self.seed}, {self.seconds:g} s, {len(self.faults)} faults; quiet {self.settled_s:.0f} s after the last"
        ]
        lines += [
            f"  {target}: " + ", ".join(f"{kind} {n}" for kind, n in sorted(kinds.items()))
            for target, kinds in sorted(summary(self.faults).items())
        ]
        versions = len({a.version for a in history.arrivals})
        lines.append(
            f"  {len(history.wordings)} wordings published, {len(history.arrivals)} messages, {versions} versions"
        )
        lines.append("  outcomes: " + ", ".join(f"{outcomes.count(o)} {o}" for o in ("alert", "quiet", "reject")))
        lines.append(f"  {len(history.told)} alert revisions told, {len(history.delivered)} lines in the sink's file")
        lines.append("  " + ", ".join(f"{law} {n}" for law, n in count.items()) + f"; {len(self.findings)} findings")
        lines += [f"  too weak: {weakness}" for weakness in self.weaknesses]
        return "\n".join(lines)


def run(seed: int, seconds: float, folder: Path, *, model: str = "tocsin_en") -> Result:
    """Do it. Main thread only."""
    wordings = write(seed, per_s=PER_S, seconds=seconds)
    feeds = FeedServer(wordings)
    system = System(folder, feeds.urls, model=model)
    committed: list[Committed] = []
    stopping = threading.Event()
    sampler = threading.Thread(target=_sample_offsets, args=(system, committed, stopping), daemon=True)
    try:
        system.start_servers()
        system.start_all()
        wait_begun(system)
        feeds.open()
        began = time.monotonic()
        nemesis = Nemesis(system, plan(seed, seconds), began)
        sampler.start()
        while time.monotonic() < began + seconds or not nemesis.is_done:
            nemesis.step()
            system.tend()
            time.sleep(STEP_S)
        feeds.freeze()
        system.tell("quiet from here on")
        system.heal()
        standing = {outlet: feeds.standing(outlet) for outlet in range(len(feeds.urls))}
        healed = time.monotonic()
        settle(system, standing)
        settled_s = time.monotonic() - healed
        stopping.set()
        history = gather.read(system.config, system.sink_file, {url: n for n, url in enumerate(feeds.urls)})
        history.began, history.wordings, history.served = feeds.opened_at, wordings, feeds.served
        history.standing, history.committed = standing, committed
        history.happened, history.crashes = system.happened, system.crashes
    finally:
        stopping.set()
        system.close()
        feeds.close()
    (folder / "history.json").write_bytes(msgspec.json.encode(history))
    return Result(seed, seconds, nemesis.done, history, check(history), settled_s)


def wait_begun(system: System) -> None:
    """Until every part has come up: a fault before that hits nothing."""
    deadline = time.monotonic() + BEGIN_S_MAX
    marks = {"worker-0": "pipeline_started", "worker-1": "pipeline_started", "connector-0": "feeds", "sink": "sinks"}
    while not all(mark in _log(system, name) for name, mark in marks.items()):
        assert time.monotonic() < deadline, "the parts did not come up"
        system.tend()
        time.sleep(0.2)


def _log(system: System, name: str) -> str:
    path = system.folder / f"{name}.log"
    return path.read_text("utf-8", "replace") if path.exists() else ""


def settle(system: System, standing: dict[int, list[int]]) -> None:
    """Wait until everything is done, or until nothing gets done any more: the checker tells what is missing then."""
    before, since = -1, time.monotonic()
    while not is_settled(system, standing) and time.monotonic() < since + STUCK_S:
        system.tend()
        if (done := gather.progress(system.config)) > before:
            before, since = done, time.monotonic()
        time.sleep(1.0)


def is_settled(system: System, standing: dict[int, list[int]]) -> bool:
    """Every entry that stands in a feed was read, every article written, every revision published and delivered."""
    try:
        if gather.lag(system.config) or any(gather.left(system.config).values()):
            return False
        history = gather.read(system.config, system.sink_file, {url: n for n, url in enumerate(system.feeds)})
    except Exception:  # noqa: BLE001 - broker or store may still be on their way up
        return False
    versions = {a.version for a in history.arrivals}
    read = {f.outlet: f.entries_last for f in history.feeds}
    return (
        not any(history.left.values())
        and versions <= history.outcomes.keys()
        and {(t.alert, t.revision) for t in history.told} <= set(history.delivered)
        and all(read.get(outlet, 0) == len(positions) for outlet, positions in standing.items())
        and sum(len(p) for p in standing.values()) <= len(versions)
    )


def _sample_offsets(system: System, committed: list[Committed], stopping: threading.Event) -> None:
    """Note the committed offsets now and then, as long as the broker answers."""
    options = system.config.kafka.client_options()
    while not stopping.wait(SAMPLE_S):
        try:
            consumer = KafkaConsumer(**options, group_id=system.config.pipeline.group, enable_auto_commit=False)
            for partition in range(PARTITIONS):
                offset = consumer.committed(TopicPartition(topics.ARTICLES, partition), timeout_ms=5000)
                if offset is not None:
                    committed.append(Committed(time.time(), partition, int(offset)))
            consumer.close()
        except (KafkaError, OSError, AssertionError):
            continue


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model", default="tocsin_en")
    parser.add_argument("--row", type=Path, help="append a line of the table in docs/reliability.md to this file")
    parser.add_argument("--keep", type=Path, help="keep history and logs in this folder")
    options = parser.parse_args()
    folder = (options.keep or Path(tempfile.mkdtemp(prefix="tocsin-chaos-"))).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    result = run(options.seed, options.seconds, folder, model=options.model)
    print(result.report(), flush=True)
    if options.row:
        with options.row.open("a", encoding="utf-8") as file:
            print(result.row(), file=file)
    if result.findings:
        print("\n" + tell(result.history, result.findings))
    if options.keep is None and result.exit_code == 0:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"recorded in {folder}")
    sys.exit(result.exit_code)


if __name__ == "__main__":
    main()
