"""Fuzz every target in turn with atheris, guided by coverage: `make fuzz SECONDS=600`, or `TARGET=feed` alone.

Each target gets an equal share of the time in a process of its own. What it falls over is kept as `tests/fuzz/corpus/NAME-HASH`,
where the suite tries it ever after; prints executions and finds, and exits 1 if there were any. An input that takes longer than
`SLOW_S` is a find too: every parser is bounded to its input's length.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

SLOW_S = 20
CORPUS = Path(__file__).parent / "corpus"


def fuzz(name: str, seconds: int) -> None:
    """In this process, until the time is over; never returns."""
    import atheris

    with atheris.instrument_imports(include=["pipeline", "connectors", "feedparser"]):
        from tests.fuzz.targets import BYTES_MAX, TARGETS, own_seeds

    folder = tempfile.mkdtemp(prefix="tocsin-fuzz-")
    for number, seed in enumerate(own_seeds(name)):
        (Path(folder) / f"seed-{number}").write_bytes(seed)
    words = [f"-max_total_time={seconds}", f"-timeout={SLOW_S}", f"-max_len={BYTES_MAX}", "-rss_limit_mb=3000"]
    atheris.Setup(["fuzz", *words, f"-artifact_prefix={folder}/find-", "-print_final_stats=1", folder], TARGETS[name])
    sys.stderr.write(f"artifacts in {folder}\n")
    atheris.Fuzz()


def main() -> int:
    """All targets, or `$TARGET`, within `$SECONDS`."""
    from tests.fuzz.targets import TARGETS

    names = [os.environ["TARGET"]] if os.environ.get("TARGET") else list(TARGETS)
    seconds = max(1, int(os.environ.get("SECONDS_IN_ALL", "160")) // len(names))
    finds = total = 0
    for name in names:
        done = subprocess.run(
            [sys.executable, "-m", "tests.fuzz.run", name, str(seconds)],
            capture_output=True,
            text=True,
            errors="replace",
        )
        folder = next((line.split()[-1] for line in done.stderr.splitlines() if line.startswith("artifacts in")), None)
        runs = next((line.split()[-1] for line in done.stderr.splitlines() if "number_of_executed_units" in line), "0")
        found = sorted(Path(folder).glob("find-*")) if folder else []
        for path in found:
            data = path.read_bytes()
            (CORPUS / f"{name}-{hashlib.sha256(data).hexdigest()[:12]}").write_bytes(data)
        total += int(runs)
        finds += len(found)
        sys.stdout.write(f"{name:<14} {runs:>9} executions in {seconds} s, {len(found)} finds\n")
        if found or not int(runs):
            sys.stdout.write(done.stdout[-2000:] + done.stderr[-3000:] + "\n")
        sys.stdout.flush()
    sys.stdout.write(f"{total} executions, {finds} finds\n")
    return 1 if finds else 0


if __name__ == "__main__":
    if len(sys.argv) == 3:
        fuzz(sys.argv[1], int(sys.argv[2]))
    sys.exit(main())
