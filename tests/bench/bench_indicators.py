"""Speed of the indicator search beside other extractors, side by side in one process, best of several turns.

    python tests/bench/bench_indicators.py [--file TEXT] [--turns 3]

Measured on two invented texts (news prose, a dense report) or on a file of yours. ioc-finder, iocsearcher and msticpy take part
where they are installed; they are no dependencies. Compare only figures of one run: on a busy machine all fall alike.
"""

import argparse
import importlib.util
import time
from collections.abc import Callable
from pathlib import Path

from pipeline.text.indicators import find_indicators

Extract = Callable[[str], object]

NEWS = (
    "The regional council met on Tuesday to discuss the closure of two bridges over the river. Officials said that 12 of the 40 members had voted "
    "against the plan, which costs $1.5m, and that repairs would begin at 6 a.m. on 3 March. “We have waited for nine years,” said the mayor, "
    "Ana Ruiz, who added that the U.S. contractor had asked for more time. Protesters outside carried signs and sang until late in the evening.\n\n"
)
DENSE = (
    "The loader connects to update-{n}.kettle-cdn[.]net and downloads hxxps://kettle-{n}[.]com/stage/{n}.bin from 185.22.{m}[.]9.\n"
    "SHA-256: {h}{h}{h}{h}\nMD5: {h}{h}\nCVE-2024-{n} T1059.001 C:\\Users\\Public\\k{n}.exe HKLM\\SOFTWARE\\Kettle{n}\\Run mail{n}@kettle.org\n"
)
CHARACTERS = 200_000


def texts() -> dict[str, str]:
    """The invented texts, about `CHARACTERS` long."""
    dense = "".join(
        DENSE.format(n=1000 + n, m=n % 250, h=f"{n * 2654435761 % 2**64:016x}") for n in range(CHARACTERS // 330)
    )
    return {"news": NEWS * (CHARACTERS // len(NEWS)), "dense": dense}


def extractors() -> dict[str, Extract]:
    """Ours first, then those that are installed."""
    found: dict[str, Extract] = {"tocsin": find_indicators}
    if importlib.util.find_spec("ioc_finder"):
        from ioc_finder import find_iocs

        found["ioc-finder"] = find_iocs
    if importlib.util.find_spec("iocsearcher"):
        from iocsearcher.searcher import Searcher

        found["iocsearcher"] = Searcher().search_data
    if importlib.util.find_spec("msticpy"):
        from msticpy.transform.iocextract import IoCExtract

        found["msticpy"] = IoCExtract().extract
    return found


def measure(tools: dict[str, Extract], text: str, turns: int) -> dict[str, float]:
    """MB/s by tool: each takes its turn after the other, the best turn counts; CPU time, for other work shares the machine."""
    best: dict[str, float] = dict.fromkeys(tools, 0.0)
    for _ in range(turns):
        for name, extract in tools.items():
            start = time.process_time()
            extract(text)
            best[name] = max(best[name], len(text.encode()) / 1e6 / (time.process_time() - start))
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    tools = extractors()
    corpora = {options.file.name: options.file.read_text(encoding="utf-8")} if options.file else texts()
    for name, text in corpora.items():
        speeds = measure(tools, text, options.turns)
        rival = max((speed for tool, speed in speeds.items() if tool != "tocsin"), default=None)
        print(
            name,
            "  ".join(f"{tool} {speed:.2f} MB/s" for tool, speed in speeds.items()),
            f" ratio {speeds['tocsin'] / rival:.1f}" if rival else "",
        )


if __name__ == "__main__":
    main()
