"""Stands in for a stage of tocsin: notes in `events` that it started, was told to reload or to stop.

A file `behave/STAGE` changes that: `refuse` ends it with exit code 2, `stubborn` ignores SIGTERM.
"""

import os
import signal
import sys
import time
from pathlib import Path

words = sys.argv[1:]
root = Path(os.environ["STAND_IN_ROOT"])
stage = words[0]

if words[:2] == ["store", "migrate"]:
    from pipeline.config import load
    from pipeline.store.migrate import upgrade

    upgrade(load(Path(words[words.index("--config") + 1])).store.url, "0001")
    sys.exit(0)

behave = root / "behave" / stage
behaviour = behave.read_text().strip() if behave.exists() else ""
if behaviour == "refuse":
    print(f"{stage}: the key `x` is unknown")
    sys.exit(2)


def note(event: str) -> None:
    with (root / "events").open("a") as file:
        file.write(f"{stage} {event}\n")


def stop(*_: object) -> None:
    note("stopped")
    if behaviour != "stubborn":
        sys.exit(0)


signal.signal(signal.SIGTERM, stop)
signal.signal(signal.SIGHUP, lambda *_: note("reloaded"))
note("started")
while True:
    time.sleep(0.05)
