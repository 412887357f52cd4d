"""Stands in for a stage of tocsin: says that it runs, notes SIGHUP, ends at SIGTERM.

Beside the effective configuration's directory a file `behave/NAME` changes that: `refuse` ends it with exit code 2, `stubborn` ignores
SIGTERM.
"""

import signal
import sys
import time
from pathlib import Path

words = sys.argv[1:]
name = "-".join([w for w in words[: words.index("--config")] if w not in ("run", "serve") and not w.startswith("--")])
name = name.replace("/", "of")
config = Path(words[words.index("--config") + 1])
root = config.parent.parent
behave = root / "behave" / name
behaviour = behave.read_text().strip() if behave.exists() else ""

if words[:2] == ["store", "migrate"]:
    from pipeline.config import load
    from pipeline.store.migrate import upgrade

    upgrade(load(config).store.url)
    sys.exit(0)

if behaviour == "refuse":
    print(f"{name}: the key `x` is unknown")
    sys.exit(2)


def note(event: str) -> None:
    path = root / "events"
    with path.open("a") as file:
        file.write(f"{name} {event}\n")


def stop(*_: object) -> None:
    note("stopped")
    if behaviour != "stubborn":
        sys.exit(0)


signal.signal(signal.SIGTERM, stop)
signal.signal(signal.SIGHUP, lambda *_: note("reloaded"))
note("started")
print(f"{name} runs")
while True:
    time.sleep(0.05)
