"""No regular expression that meets outside text takes more than its length (ReDoS).

Every compiled pattern of the packages is searched in long texts that repeat what patterns like to backtrack on; CPU time for four
times the text must not be much more than four times that for the text.
"""

import importlib
import pkgutil
import re
import time
from collections.abc import Callable

import pytest

import connectors
import pipeline

PUMPS = (
    "a", "A", "0", " ", "\n", "\t", "<", ">", "&", "-", ".", ":", "/", "%", "(", "[", "'", "\"", "_", ",", "=", "é", "。",
    "a ", "A ", "a.", "a-", "a_", "0,", "0.", "1:", "0 ", "<a", "</", "<a ", "&#", "&a", "%2", "( ", "[.", "..", "--", "//", "::",
    "a@", "@a", "a/", "a\\", "\n\n", " \n", "a\n", "By a ", "and ", "1 and ", "the ", "Aa ", "Aa-", "http://", "hxxp", "aA", "a1",
    "of the ", "said ", "12 ", "Jan ", "-0", "0-", "a=", "\"a", "<!--", "<?", "]]>", "a: ", "(a)", "1, ", "A.", "A. ", "A&",
)  # fmt: skip
CHARACTERS = 1_000
GROWTH = 4
TIMES_MAX = 10.0
"""Four times the text may take this many times as long: 4 is linear, 16 quadratic; between them is room for a busy machine."""
SECONDS_MIN = 0.01
"""CPU time below which nothing is told from noise."""


def patterns() -> dict[str, re.Pattern[str]]:
    """Every pattern in a module of ours that is searched in text, by the name it has."""
    found: dict[str, re.Pattern[str]] = {}
    seen: set[tuple[str, int]] = set()
    for package in (pipeline, connectors):
        for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations." in info.name or ".samples." in info.name:
                continue
            for name, value in vars(importlib.import_module(info.name)).items():
                if not isinstance(value, re.Pattern) or (value.pattern, value.flags) in seen:
                    continue
                if isinstance(value.pattern, str):
                    seen.add((value.pattern, value.flags))
                    found[f"{info.name}.{name}"] = value
    return found


def cpu(work: Callable[[], object], enough: float = 0.0) -> float:
    """CPU seconds, the best of three runs; one is enough when it took no longer than `enough`, or is long."""
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
        if best <= enough or best > 1.0:
            break
    return best


def grows(pattern: re.Pattern[str], pump: str) -> str | None:
    """How the cost of reading a repeated text grows, if it does so too fast."""
    short = pump * (CHARACTERS // len(pump)) + "\x01"
    long = pump * (GROWTH * CHARACTERS // len(pump)) + "\x01"
    second = cpu(lambda: sum(1 for _ in pattern.finditer(long)), SECONDS_MIN)
    if second <= SECONDS_MIN:
        return None
    first = cpu(lambda: sum(1 for _ in pattern.finditer(short)))
    if second > TIMES_MAX * first:
        return f"{pump!r}: {first:.4f} s for {len(short)} characters, {second:.4f} s for {len(long)}"
    return None


@pytest.mark.timeout(600)
def test_no_pattern_takes_more_than_its_text_s_length() -> None:
    found = patterns()
    assert len(found) > 200
    slow = {name: told for name, pattern in found.items() for pump in PUMPS if (told := grows(pattern, pump))}
    assert not slow, "\n".join(f"{name}: {told}" for name, told in slow.items())


def test_the_test_finds_what_it_is_for() -> None:
    assert grows(re.compile(r"a+a+b"), "a")
    assert grows(re.compile(r"\s+$"), " ")
    assert not grows(re.compile(r"a+"), "a")
